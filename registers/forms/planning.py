"""A planned absence as people enter it."""

from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django import forms
from django.db.models import QuerySet

from registers.calendar_rules import Session
from registers.codes import codes_in_force
from registers.models import PlannedAbsence, Pupil
from registers.models.marks import NOTE_LENGTH
from registers.models.planning import DAY_NAMES
from registers.planning import LETTERS, Plan

SESSION_CHOICES = [(session.value, session.name) for session in Session]


def shown(plan: Plan) -> dict[str, Any]:
    """A plan as its form shows it."""
    repeats = plan.weekdays != (1 << len(DAY_NAMES)) - 1
    return {
        "what": f"{plan.kind}:{plan.letter}",
        "start": plan.start,
        "start_session": int(plan.start_session),
        "end": plan.end,
        "end_session": int(plan.end_session),
        "weekdays": [bit for bit in range(len(DAY_NAMES)) if plan.weekdays >> bit & 1] if repeats else [],
        "only_session": int(plan.only_session) if plan.only_session else "",
        "note": plan.note,
        "review_on": plan.review_on,
    }


def _choices(day: date) -> list[Any]:
    """Every code a plan may enter, under its kind, with the meaning it has on the day."""
    known = {code.letter: code for code in codes_in_force(day)}
    return [
        ("", ""),
        *(
            (
                PlannedAbsence.Kind(kind).label,
                [(f"{kind}:{letter}", f"{letter}  {known[letter].short}") for letter in letters if letter in known],
            )
            for kind, letters in LETTERS.items()
        ),
    ]


class PlanForm(forms.Form):
    """What, for whom, when. The weekdays and the half of the day are for timetables that repeat."""

    what = forms.ChoiceField(label="What is planned?")
    pupils = forms.ModelMultipleChoiceField(
        Pupil.objects.none(),
        label="For whom?",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one pupil."},
    )
    everybody = forms.BooleanField(label="Everybody in this list", required=False)
    start = forms.DateField(label="First day")
    start_session = forms.TypedChoiceField(label="From", coerce=int, choices=SESSION_CHOICES, initial=Session.AM.value)
    end = forms.DateField(label="Last day", required=False, help_text="Empty: one day.")
    end_session = forms.TypedChoiceField(label="To", coerce=int, choices=SESSION_CHOICES, initial=Session.PM.value)
    weekdays = forms.MultipleChoiceField(
        label="On which days of the week?",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=list(enumerate(DAY_NAMES)),
        help_text="For a timetable that repeats. None chosen means all.",
    )
    only_session = forms.TypedChoiceField(
        label="Which half of these days?",
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "The whole day"), (1, "Mornings only"), (2, "Afternoons only")],
    )
    note = forms.CharField(
        label="What the register should say",
        required=False,
        max_length=NOTE_LENGTH,
        widget=forms.Textarea,
        help_text="The nature of an activity, the cause, or what was agreed and with whom.",
    )
    review_on = forms.DateField(label="Review on", required=False, help_text="For a part-time timetable.")

    def __init__(self, *args: Any, pupils: QuerySet[Pupil], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["what"].choices = _choices(today)  # type: ignore[attr-defined]
        self.fields["pupils"].queryset = pupils  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("everybody"):
            self.errors.pop("pupils", None)
            values["pupils"] = self.fields["pupils"].queryset  # type: ignore[attr-defined]
        return values

    def plan(self) -> Plan:
        """What was entered, as the rules know it."""
        values = self.cleaned_data
        kind, letter = values["what"].split(":")
        chosen = reduce(or_, (1 << int(day) for day in values["weekdays"]), 0)
        return Plan(
            kind=kind,
            letter=letter,
            start=values["start"],
            end=values["end"] or values["start"],
            start_session=Session(values["start_session"]),
            end_session=Session(values["end_session"]),
            weekdays=chosen or (1 << len(DAY_NAMES)) - 1,
            only_session=Session(values["only_session"]) if values["only_session"] else None,
            note=values["note"].strip(),
            review_on=values["review_on"],
        )


class MarksForm(forms.Form):
    """Whether marks that stand follow the plan. `seen` says which marks the person saw."""

    amend = forms.BooleanField(label="Change these marks too", required=False)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    instead = forms.ChoiceField(
        label="Marks that the plan no longer covers become",
        choices=[("N", "N, until the reason is known"), ("/", "Present")],
        initial="N",
        required=False,
    )
    reason = forms.CharField(
        label="Reason",
        required=False,
        max_length=300,
        help_text="It stands on every amendment of a register that was sent or has closed.",
    )

    def __init__(self, *args: Any, leaves: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not leaves:
            del self.fields["instead"]

    def chosen(self) -> dict[str, Any]:
        """What the action is told of the marks."""
        values = self.cleaned_data
        said = {"amend": values["seen"] if values["amend"] else "", "reason": values["reason"].strip()}
        return said | ({"instead": values["instead"] or "N"} if "instead" in self.fields else {})


class CancelForm(forms.Form):
    """Why a plan is cancelled."""

    reason = forms.CharField(label="Why?", required=False, max_length=200)
    for_all = forms.BooleanField(required=False)

    def __init__(self, *args: Any, others: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["for_all"].label = f"The same plan of {others} other pupil{'s' if others > 1 else ''} too"
        if not others:
            del self.fields["for_all"]


class PupilsOfForm(forms.Form):
    """Whose pupils to choose from."""

    def __init__(self, *args: Any, classes: QuerySet[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["class"] = forms.ChoiceField(
            label="Class",
            choices=[("", "Choose a class"), ("all", "The whole school"), *((each.pk, each.name) for each in classes)],
        )
