"""Filters of lists; they stand in the address, so by ids and codes only."""

from datetime import date
from typing import Any

import django_filters
from django.db.models import QuerySet

from registers.models import ClassGroup, Pupil

STATUSES = [
    ("", "On roll"),
    ("joining", "Joining"),
    ("leaving", "Leaving"),
    ("no_class", "In no class"),
    ("left", "Left"),
    ("all", "Everybody"),
]


class PupilFilter(django_filters.FilterSet):
    """Pupils by class, year and whether they are on roll on `today`."""

    class_group = django_filters.ModelChoiceFilter(
        queryset=lambda request: ClassGroup.objects.all(), label="Class", method="of_class", empty_label="All classes"
    )
    year_group = django_filters.ChoiceFilter(
        label="Year", choices=[(y, y) for y in Pupil.YEAR_GROUPS], empty_label="All years"
    )
    status = django_filters.ChoiceFilter(
        label="Status", choices=STATUSES[1:], method="of_status", empty_label="On roll"
    )

    class Meta:
        model = Pupil
        fields = ["class_group", "year_group", "status"]

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        self.today = today
        super().__init__(*args, **kwargs)

    def filter_queryset(self, queryset: QuerySet[Pupil]) -> QuerySet[Pupil]:
        found = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("status") else found.on_roll(self.today)

    def of_class(self, queryset: QuerySet[Pupil], name: str, value: ClassGroup) -> QuerySet[Pupil]:
        return queryset.filter(class_id=value.pk)  # type: ignore[misc]

    def of_status(self, queryset: QuerySet[Pupil], name: str, value: str) -> QuerySet[Pupil]:
        spells = {
            "joining": {"registrations__admission_date__gt": self.today},
            "leaving": {"registrations__leaving_date__gte": self.today},
        }
        if value == "no_class":
            return queryset.without_class(self.today)
        if value == "left":
            return queryset.exclude(pk__in=Pupil.objects.on_roll(self.today, date.max))
        return queryset.filter(**spells[value]).distinct() if value in spells else queryset
