from datetime import time
from typing import Any

from django import forms

from attendance_mis.actors import Actor
from attendance_mis.models import School, User
from registers.forms.amending import REASON_LENGTH
from registers.forms.covering import takers


class RekeyForm(forms.Form):
    """What stands at the head of a paper register: who took it, and when."""

    taken_by = forms.ModelChoiceField(
        User.objects.none(), label="Who took it", required=False, empty_label="Somebody else"
    )
    name = forms.CharField(label="Name, if it was somebody else", required=False, max_length=100)
    position = forms.CharField(
        label="Position, if it was somebody else",
        required=False,
        max_length=100,
        help_text="Supply teacher, for instance.",
    )
    taken_at = forms.TimeField(label="Time on the paper")
    reason = forms.CharField(
        label="Reason for changing marks that stand",
        required=False,
        max_length=REASON_LENGTH,
        help_text="Needed only where the paper differs from a mark of a register that was sent or has closed.",
    )

    def __init__(self, *args: Any, school: School, opens: time, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["taken_at"].initial = opens
        self.school = school
        self.fields["taken_by"].queryset = takers(school)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if not values.get("taken_by") and not (values.get("name") and values.get("position")):
            self.add_error("name", "Say who took the register: choose a person, or give name and position.")
        return values

    def author(self) -> Actor:
        """The person whose register it is."""
        user = self.cleaned_data["taken_by"]
        if user is None:
            return Actor(name=self.cleaned_data["name"], position=self.cleaned_data["position"])
        position = user.memberships.filter(school=self.school, ended_at=None).first().position
        return Actor(name=user.name, position=position, user_id=user.pk)
