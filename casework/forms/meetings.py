"""The shape of a meeting: its invitation, and what became of it."""

from datetime import datetime
from typing import Any

from django import forms

from casework.actions.contacts import Agreed
from casework.forms.contacts import ACTIONS, OWNERS
from casework.meeting_rules import LABELS, State
from casework.models import Meeting
from registers.models import Contact

OUTCOMES = [(state.value, LABELS[state]) for state in (State.HELD, State.MISSED, State.CANCELLED)]


class MeetingForm(forms.Form):
    """When and where, and who is to come. Who may not be invited is not offered."""

    kind = forms.ChoiceField(label="Kind of meeting", choices=Meeting.Kind.choices, widget=forms.RadioSelect)
    on = forms.DateField(label="Day")
    time = forms.TimeField(label="Time", widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}))
    place = forms.CharField(label="Place", max_length=200)
    invited = forms.TypedMultipleChoiceField(
        label="Parents invited", coerce=int, widget=forms.CheckboxSelectMultiple, required=False
    )
    others = forms.CharField(
        label="Who else is to come", max_length=300, required=False, help_text="School, local authority, services."
    )
    with_letter = forms.BooleanField(
        label="Propose the letter of invitation",
        required=False,
        help_text="It goes to each parent who receives letters, once it is approved.",
    )

    def __init__(self, *args: Any, contacts: list[Contact], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contacts = {contact.pk: contact for contact in contacts}
        invited: Any = self.fields["invited"]
        invited.choices = [(contact.pk, f"{contact.name} ({contact.relationship})") for contact in contacts]
        if not contacts:
            del self.fields["invited"]

    def invited_contacts(self) -> list[Contact]:
        """Whom a valid form invites."""
        return [self.contacts[pk] for pk in self.cleaned_data.get("invited", ())]

    def at(self, now: datetime) -> datetime:
        """When a valid form lets it begin, in the school's zone."""
        return datetime.combine(self.cleaned_data["on"], self.cleaned_data["time"], now.tzinfo)


class RecordMeetingForm(forms.Form):
    """Who came, what was said, what was agreed."""

    outcome = forms.ChoiceField(label="What became of it", choices=OUTCOMES, widget=forms.RadioSelect)
    came = forms.TypedMultipleChoiceField(
        label="Who came", coerce=int, widget=forms.CheckboxSelectMultiple, required=False
    )
    present = forms.CharField(label="Who else was there", max_length=300, required=False)
    minutes = forms.CharField(
        label="Minutes",
        max_length=10_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="What was seen and heard, in the family's own words where you can. The family may read them.",
    )
    what_1 = forms.CharField(label="Agreed", max_length=150, required=False)
    who_1 = forms.CharField(label="By whom", max_length=45, required=False)
    by_1 = forms.DateField(label="Until when", required=False)
    what_2 = forms.CharField(label="Also agreed", max_length=150, required=False)
    who_2 = forms.CharField(label="By whom", max_length=45, required=False)
    by_2 = forms.DateField(label="Until when", required=False)
    what_3 = forms.CharField(label="Also agreed", max_length=150, required=False)
    who_3 = forms.CharField(label="By whom", max_length=45, required=False)
    by_3 = forms.DateField(label="Until when", required=False)
    owner = forms.ChoiceField(
        label="Who sees that it is done", choices=[(owner, owner.capitalize()) for owner in OWNERS], required=False
    )
    next_on = forms.DateField(label="Next meeting", required=False)
    with_letter = forms.BooleanField(
        label="Propose the letter about it",
        required=False,
        help_text="What was agreed, or that nobody came. It goes out once it is approved.",
    )

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        came: Any = self.fields["came"]
        came.choices = [(each.pk, each.addressee) for each in meeting.invitees.all()]
        if not came.choices:
            del self.fields["came"]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for n in ACTIONS:
            names = [f"{name}_{n}" for name in ("what", "who", "by")]
            given = [values.get(name) for name in names]
            if any(given) and not all(given) and not any(name in self.errors for name in names):
                self.add_error(f"what_{n}", "Say what, by whom and until when, or leave all three empty.")
        return values

    def agreed(self) -> list[Agreed]:
        """What was agreed, of a valid form."""
        values = self.cleaned_data
        return [
            Agreed(values[f"what_{n}"], values[f"who_{n}"], values[f"by_{n}"], values["owner"] or OWNERS[0])
            for n in ACTIONS
            if values[f"what_{n}"]
        ]


class MinutesForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    minutes = forms.CharField(label="Minutes", max_length=10_000, widget=forms.Textarea(attrs={"rows": 10}))
