from datetime import date
from typing import Any

from django import forms
from django.db.models import Q

from attendance_mis.models import School, User
from attendance_mis.permissions import ROLES, Permission
from registers.models import ClassGroup


def takers(school: School) -> Any:
    """The people of the school who may take a register at all."""
    roles = [role for role, grants in ROLES.items() if Permission.TAKE_REGISTER in grants]
    here = Q(memberships__school=school, memberships__ended_at=None, memberships__role__in=roles)
    return User.objects.filter(here, is_active=True).distinct().order_by("name")


class AssignCoverForm(forms.Form):
    """Who covers which class on which day."""

    class_group = forms.ModelChoiceField(ClassGroup.objects.none(), label="Class", empty_label="Choose a class")
    user = forms.ModelChoiceField(User.objects.none(), label="Who covers it", empty_label="Choose a person")
    day = forms.DateField(label="Day")

    def __init__(self, *args: Any, school: School, day: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].initial = day
        classes = ClassGroup.objects.filter(Q(memberships__end=None) | Q(memberships__end__gte=day)).distinct()
        self.fields["class_group"].queryset = classes  # type: ignore[attr-defined]
        self.fields["user"].queryset = takers(school)  # type: ignore[attr-defined]
