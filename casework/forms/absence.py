"""A report of an absence, the decision on its code, and its evidence."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms

from casework.absence_rules import choices
from casework.actions.absence import Told
from casework.finding import Found
from casework.forms.contacts import contact_choices
from casework.models import AbsenceReport
from registers.calendar_rules import Session
from registers.models import Contact

Source = AbsenceReport.Source


class ReportAbsenceForm(forms.Form):
    """Whose absence, who says so, in what words, which code, and for how long."""

    q = forms.CharField(
        label="Find a child", max_length=100, required=False, help_text="By name, class, a brother’s or sister’s name."
    )
    pupils = forms.TypedMultipleChoiceField(
        label="Who is absent",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose the child it is about.", "invalid_choice": "Choose the child again."},
    )
    source = forms.ChoiceField(label="How it was reported", choices=Source.choices)
    contact = forms.TypedChoiceField(
        label="Who reported it", required=False, coerce=int, empty_value=None, widget=forms.RadioSelect
    )
    who = forms.CharField(label="Or somebody else", max_length=200, required=False)
    words = forms.CharField(
        label="The reason, in their words", max_length=400, widget=forms.Textarea(attrs={"rows": 2})
    )
    code = forms.ChoiceField(label="Code proposed")
    decided = forms.BooleanField(
        label="Enter this code now",
        required=False,
        help_text="Leave it out where somebody else decides: N stays until then.",
    )
    start = forms.DateField(label="First day")
    session = forms.TypedChoiceField(
        label="From", coerce=lambda n: Session(int(n)), choices=[(1, "the morning"), (2, "the afternoon")]
    )
    end = forms.DateField(label="Last day")
    expected_back = forms.DateField(label="Expected back", required=False)
    ask_for_evidence = forms.BooleanField(
        label="Medical evidence was asked for",
        required=False,
        help_text="Only where there is a genuine doubt; an appointment card or a prescription is enough.",
    )
    record = forms.IntegerField(required=False, widget=forms.HiddenInput)
    sure = forms.BooleanField(label="Yes, I am sure", required=False)

    def __init__(
        self,
        *args: Any,
        found: Sequence[Found],
        contacts: Iterable[Contact] | None,
        today: date,
        may_decide: bool,
        **kwargs: Any,
    ) -> None:
        initial = {
            "source": Source.CALL if contacts is not None else Source.TEACHER,
            "start": today, "end": today, "session": 1, "decided": may_decide, **kwargs.pop("initial", {}),
        }  # fmt: skip
        super().__init__(*args, initial=initial, **kwargs)
        if (
            initial.get("pupils") and not self.is_bound
        ):  # who comes of a call has the child already, and writes down what she hears
            self.fields["words"].widget.attrs["autofocus"] = True
        if contacts is not None:
            self.fields["q"].help_text = "By name, class, brother or sister, a contact’s name or telephone number."
        self.fields["pupils"].choices = [(each.pupil.pk, each.label) for each in found]
        self.fields["code"].choices = [(code.letter, f"{code.letter} – {code.short}") for code in choices(today)]
        self.contacts = {contact.pk: contact for contact in contacts or ()}
        somebody_else, *named = contact_choices(self.contacts.values())
        self.fields["contact"].choices = [*named, somebody_else]
        if not self.contacts:
            del self.fields["contact"]
            self.fields["who"].label = "Who reported it"
        if not may_decide:
            del self.fields["decided"]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not values.get("contact") and not values.get("who") and "contact" not in self.errors:
            self.add_error("who", "Say who reported it.")
        return values

    def told(self) -> Told:
        """What a valid form says."""
        values = self.cleaned_data
        contact = self.contacts.get(values["contact"]) if values.get("contact") else None
        return Told(
            source=values["source"],
            who=contact.name if contact else values["who"],
            words=" ".join(values["words"].split()),
            start=values["start"],
            end=values["end"],
            letter=values["code"],
            start_session=values["session"],
            expected_back=values["expected_back"],
            contact=contact,
            ask_for_evidence=values["ask_for_evidence"],
        )


class DecideAbsenceForm(forms.Form):
    code = forms.ChoiceField(label="Code")

    def __init__(self, *args: Any, day: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].choices = [(code.letter, f"{code.letter} – {code.short}") for code in choices(day)]


class UndoAbsenceForm(forms.Form):
    because = forms.CharField(label="What was wrong", max_length=300, required=False)


class EvidenceForm(forms.Form):
    evidence = forms.ChoiceField(label="Medical evidence", choices=AbsenceReport.Evidence.choices)
    note = forms.CharField(label="What it is", max_length=300, required=False)
