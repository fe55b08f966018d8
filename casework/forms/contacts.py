"""One form for every kind of contact (appendix 7), and its correction."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django import forms

from casework.actions.contacts import Agreed
from casework.models import ContactRecord
from registers.models import Contact, Pupil

Kind = ContactRecord.Kind
# Texts and decisions have buttons of their own.
KINDS = [(k.value, k.label) for k in (Kind.CALL, Kind.MEETING, Kind.HOME_VISIT, Kind.REPLY, Kind.HATCH)]
OUTCOMES = [("", "Not a call"), *ContactRecord.Outcome.choices]
OWNERS = (
    "office staff", "class teacher", "attendance manager", "attendance lead", "safeguarding lead", "headteacher",
)  # fmt: skip
ACTIONS = (1, 2, 3)


class ContactRecordForm(forms.Form):
    """Who was spoken with, what was said, what was agreed by whom and until when, and when it is looked at again."""

    kind = forms.ChoiceField(label="Kind of contact", choices=KINDS, widget=forms.RadioSelect)
    on = forms.DateField(label="Day")
    time = forms.TimeField(label="Time", widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}))
    contact = forms.TypedChoiceField(label="With whom", required=False, coerce=int, empty_value=None)
    who = forms.CharField(label="Or somebody else", max_length=200, required=False, help_text="Name and role.")
    outcome = forms.ChoiceField(label="What came of the call", choices=OUTCOMES, required=False)
    present = forms.CharField(
        label="Who was present", max_length=300, required=False, help_text="The child, parents, anybody else."
    )
    said = forms.CharField(
        label="What was said", max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    what_1 = forms.CharField(label="Agreed", max_length=150, required=False)
    who_1 = forms.CharField(label="By whom", max_length=50, required=False)
    by_1 = forms.DateField(label="Until when", required=False)
    what_2 = forms.CharField(label="Also agreed", max_length=150, required=False)
    who_2 = forms.CharField(label="By whom", max_length=50, required=False)
    by_2 = forms.DateField(label="Until when", required=False)
    what_3 = forms.CharField(label="Also agreed", max_length=150, required=False)
    who_3 = forms.CharField(label="By whom", max_length=50, required=False)
    by_3 = forms.DateField(label="Until when", required=False)
    owner = forms.ChoiceField(
        label="Who sees that it is done", choices=[(owner, owner.capitalize()) for owner in OWNERS], required=False
    )
    review_on = forms.DateField(label="Day of the review", required=False)
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, pupil: Pupil, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        self.contacts = {contact.pk: contact for contact in pupil.contacts.all()}
        self.fields["contact"].choices = contact_choices(self.contacts.values())

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not values.get("contact") and not values.get("who") and "contact" not in self.errors:
            self.add_error("contact", "Say who it was: choose a contact, or type a name below.")
        if (at := self.at()) and at > self.now:
            self.add_error("on", "This moment has not come yet.")
        for n in ACTIONS:
            given = [values.get(f"{name}_{n}") for name in ("what", "who", "by")]
            if (
                any(given)
                and not all(given)
                and not any(f"{name}_{n}" in self.errors for name in ("what", "who", "by"))
            ):
                self.add_error(f"what_{n}", "Say what, by whom and until when, or leave all three empty.")
        if values.get("review_on") and values["review_on"] < self.now.date():
            self.add_error("review_on", "This day is past.")
        return values

    def at(self) -> datetime | None:
        """The moment of the contact, in the school's zone."""
        on, time = (self.cleaned_data.get(name) for name in ("on", "time"))
        return datetime.combine(on, time, self.now.tzinfo) if on and time else None

    def agreed(self) -> list[Agreed]:
        """What was agreed, of a valid form."""
        values = self.cleaned_data
        return [
            Agreed(values[f"what_{n}"], values[f"who_{n}"], values[f"by_{n}"], values["owner"] or OWNERS[0])
            for n in ACTIONS
            if values[f"what_{n}"]
        ]


class CorrectionForm(forms.Form):
    why = forms.CharField(label="What is wrong with the entry", max_length=300)
    who = forms.CharField(label="With whom it was", max_length=200, required=False)
    outcome = forms.ChoiceField(label="What came of the call", choices=OUTCOMES, required=False)
    said = forms.CharField(
        label="What it should say", max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )


class TryForm(forms.Form):
    """One click: with whom (`contact` may be empty: then `who`), and what came of it."""

    outcome = forms.ChoiceField(choices=ContactRecord.Outcome.choices)
    contact = forms.IntegerField(required=False)
    who = forms.CharField(max_length=200, required=False)
    key = forms.UUIDField(required=False)


class StepForm(forms.Form):
    step = forms.ChoiceField(choices=ContactRecord.Step.choices)
    why = forms.CharField(
        max_length=500, error_messages={"required": "Say why: somebody may have to answer for this decision."}
    )


class FirstDaySettingsForm(forms.Form):
    text_at = forms.TimeField(
        label="Time at which families are texted by themselves",
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        help_text="Empty: only when somebody presses the button. Each family gets one message a day.",
    )


def contact_choices(contacts: Iterable[Contact]) -> list[tuple[Any, str]]:
    """Contacts by name and relationship, and the way out for anybody else."""
    named = [
        (contact.pk, f"{contact.name} ({contact.relationship})" if contact.relationship else contact.name)
        for contact in contacts
    ]
    return [("", "Somebody else"), *named]


def contact_defaults(now: datetime, today: date) -> dict[str, Any]:
    return {"kind": Kind.CALL, "on": today, "time": now.time().replace(second=0, microsecond=0)}
