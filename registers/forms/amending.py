"""The shape of an amendment."""

from collections.abc import Iterable
from typing import Any

from django import forms

from registers import taking
from registers.calendar_rules import Session
from registers.codes import Code, MustRecord, codes_in_force, numbers_of
from registers.facts import MarkFacts
from registers.models import ClassGroup
from registers.models.marks import NOTE_LENGTH

REASON_LENGTH = 500


def grouped(codes: Iterable[Code]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The choices of a select: each code with its meaning, under its statistical category."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for code in codes:
        groups.setdefault(code.category.value.capitalize(), []).append((code.letter, f"{code.letter} · {code.short}"))
    return list(groups.items())


def codes_to_choose(facts: MarkFacts, *, may_decide_leave: bool) -> list[Code]:
    """The codes that the rules would let this person set here, given a note."""
    return [
        code
        for code in codes_in_force(facts.slot.day)
        if not taking.why_not_mark(
            facts.register, facts.pupil, code, may_set_any=True, may_decide_leave=may_decide_leave, note="given"
        )
    ]


def note_help(codes: Iterable[Code]) -> str:
    """Which of these codes want something recorded with them (law.md 1.16)."""
    codes = list(codes)
    letters = {what: " ".join(c.letter for c in codes if c.must_record is what) for what in MustRecord}
    wants = [
        f"{what} for {letters[key]}"
        for key, what in ((MustRecord.NATURE, "the nature of the activity"), (MustRecord.CAUSE, "the cause"))
        if letters[key]
    ]
    return f"Give {' and '.join(wants)}." if wants else ""


class FreeChoiceField(forms.ChoiceField):
    """A choice that says why another value is not one: the rules answer, not "select a valid choice"."""

    def valid_value(self, value: Any) -> bool:
        return True


class ReasonField(forms.CharField):
    """Why a change is made, as it will stand in the record."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label="Reason for the amendment",
            help_text="As an inspector or a court would want to read it. It stays in the record.",
            max_length=REASON_LENGTH,
            widget=forms.Textarea(attrs={"rows": 2}),
            error_messages={"required": "Give the reason for the amendment."},
            **kwargs,
        )


class AmendMarkForm(forms.Form):
    """One mark: code, minutes late, note, and the reason where it is an amendment."""

    code = FreeChoiceField(label="New code", error_messages={"required": "Choose a code."})
    minutes_late = forms.IntegerField(label="Minutes late", required=False, min_value=1, max_value=400)
    note = forms.CharField(label="Note", required=False, max_length=NOTE_LENGTH)
    reason = ReasonField()
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, facts: MarkFacts, amends: bool, may_decide_leave: bool, **kwargs: Any) -> None:
        kwargs["initial"] = {"version": facts.version, "minutes_late": facts.minutes_late, "note": facts.note}
        super().__init__(*args, **kwargs)
        codes = codes_to_choose(facts, may_decide_leave=may_decide_leave)
        self.fields["code"].choices = [("", "Choose a code"), *grouped(codes)]  # type: ignore[attr-defined]
        self.fields["note"].help_text = note_help(codes)
        self.fields["minutes_late"].help_text = "For a late arrival."
        if not amends:
            del self.fields["reason"]

    def rest_on(self, facts: MarkFacts) -> None:
        """Show what was typed again, resting on the mark as it is now."""
        self.data = {**self.data, "version": facts.version}


class AmendMarksForm(forms.Form):
    """Many marks at once: which, and what they become."""

    BLANK = "blank"

    class_group = forms.ModelChoiceField(
        ClassGroup.objects.all(), label="Class", required=False, empty_label="Every class"
    )
    first_day = forms.DateField(label="First day")
    last_day = forms.DateField(label="Last day")
    sessions = forms.TypedMultipleChoiceField(
        label="Sessions",
        choices=[(str(int(session)), session.name) for session in Session],
        coerce=lambda value: Session(int(value)),
        widget=forms.CheckboxSelectMultiple,
        initial=["1", "2"],
        error_messages={"required": "Choose morning, afternoon or both."},
    )
    standing = forms.CharField(
        label="Only marks that are now",
        required=False,
        max_length=5,
        help_text="A code, or the word blank. Empty: every mark.",
    )
    code = forms.CharField(label="New code", max_length=3, error_messages={"required": "Enter a code."})
    note = forms.CharField(label="Note", required=False, max_length=NOTE_LENGTH)
    reason = ReasonField()

    def clean_standing(self) -> str:
        standing = str(self.cleaned_data["standing"]).strip()
        if standing and standing.lower() != self.BLANK and not numbers_of(standing.upper()):
            raise forms.ValidationError(f"{standing} is not an attendance code.")
        return standing.lower() if standing.lower() == self.BLANK else standing.upper()

    def clean_code(self) -> str:
        return str(self.cleaned_data["code"]).strip().upper()

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        first, last = values.get("first_day"), values.get("last_day")
        if first and last and first > last:
            self.add_error("last_day", "The last day is before the first day.")
        return values

    @property
    def standing_numbers(self) -> frozenset[int] | None:
        """What the marks must be now; None for any."""
        standing = self.cleaned_data["standing"]
        return numbers_of(standing) if standing else None
