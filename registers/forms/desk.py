"""The forms at the office's door."""

from datetime import date, time
from typing import Any

from django import forms

from registers.models import Crossing


class FindForm(forms.Form):
    """Words of a name; posted, never in an address."""

    name = forms.CharField(label="Find a child by name", max_length=100, required=False)


class _AtForm(forms.Form):
    """A time of today, which is now unless somebody says otherwise."""

    at = forms.TimeField(label="Time", error_messages={"required": "Give the time."})

    def __init__(self, *args: Any, now: time, **kwargs: Any) -> None:
        super().__init__(*args, initial={"at": now.replace(second=0, microsecond=0)}, **kwargs)


class ArrivalForm(_AtForm):
    """A late arrival: the time is now, the reason in the child's or the parent's words."""

    reason = forms.CharField(label="Reason", max_length=150, required=False, help_text="In their words.")
    marked_in_error = forms.BooleanField(
        label="The mark that stands is a mistake: the child comes only now", required=False
    )

    def __init__(self, *args: Any, asks: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks:
            self.fields["marked_in_error"].widget = forms.HiddenInput()


class SignOutForm(_AtForm):
    """Out of school during the day."""

    why = forms.ChoiceField(
        label="Why",
        choices=[(why.value, why.label) for why in Crossing.Why if why not in (Crossing.Why.LATE, Crossing.Why.BACK)],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose why."},
    )
    note = forms.CharField(label="More about it", max_length=200, required=False)
    with_whom = forms.CharField(label="Collected by", max_length=100, required=False)
    expected_back = forms.TimeField(label="Expected back", required=False, help_text="Empty: not again today.")


class TabletForm(forms.Form):
    """What a child or parent types at the door. Nothing on the page names another child."""

    forename = forms.CharField(label="First name", max_length=100, error_messages={"required": "Type the first name."})
    surname = forms.CharField(label="Last name", max_length=100, error_messages={"required": "Type the last name."})
    born = forms.DateField(label="Date of birth", error_messages={"required": "Give the date of birth."})
    reason = forms.CharField(label="Why are you late?", max_length=150, required=False)

    def clean_born(self) -> date:
        born: date = self.cleaned_data["born"]
        return born
