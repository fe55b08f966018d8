"""Filters of the lists of casework, for who reaches more than a class."""

from datetime import date
from typing import Any

import django_filters
from django.db.models import QuerySet

from casework.models import Standing
from registers.models import ClassGroup, Pupil


class TalkFilter(django_filters.FilterSet):
    """Pupils to talk with, by class of `today` and year."""

    of_class = django_filters.ModelChoiceFilter(
        queryset=lambda request: ClassGroup.objects.all(), label="Class", method="in_class", empty_label="All classes"
    )
    year = django_filters.ChoiceFilter(
        field_name="pupil__year_group", label="Year", choices=[(y, y) for y in Pupil.YEAR_GROUPS],
        empty_label="All years",
    )  # fmt: skip

    class Meta:
        model = Standing
        fields = ["of_class", "year"]

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        self.today = today
        super().__init__(*args, **kwargs)

    def in_class(self, queryset: QuerySet[Standing], name: str, value: ClassGroup) -> QuerySet[Standing]:
        return queryset.filter(pupil__in=Pupil.objects.in_class(value.pk, self.today))
