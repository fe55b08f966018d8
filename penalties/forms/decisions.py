"""The questions of a decision, and the decision."""

from typing import Any

from django import forms

from penalties.amounts import Kind
from penalties.models import Decision

YES_NO = (("", "Not answered yet"), ("True", "Yes"), ("False", "No"))


def yes_no(label: str, hint: str = "") -> forms.TypedChoiceField:
    """A question with three answers: yes, no, not answered yet."""
    return forms.TypedChoiceField(
        label=label,
        help_text=hint,
        choices=YES_NO,
        required=False,
        empty_value=None,
        coerce=lambda value: {"True": True, "False": False}.get(value),
        widget=forms.RadioSelect,
    )


def text(label: str, hint: str = "", *, required: bool = False, rows: int = 2, most: int = 2000) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, help_text=hint, required=required, max_length=most, widget=widget)


class AnswersForm(forms.Form):
    """What only a person can answer (law.md 5.6, 5.7, 5.18)."""

    best_tool = yes_no("Is a penalty notice the best tool to improve this pupil's attendance?", "Rule 5.7.")
    best_tool_why = text("Why?")
    support = yes_no(
        "Has support been tried or offered, or would it be pointless?", "Rule 5.7. Not asked of a holiday."
    )
    support_why = text("Which support, and what came of it?")
    equality = yes_no(
        "Are the duties of the Equality Act 2010 met?", "Rule 5.7: disability, pregnancy, religion and more."
    )
    equality_why = text("What was considered?")
    allowed_absence = yes_no("Did this parent allow the absence?", "Rule 5.6: normally only the parent who did.")
    allowed_why = text("How do you know?")
    la_checked = forms.DateField(label="When was the local authority asked?", required=False, help_text="Rule 5.18.")
    la_said = text("What did it say?", "Notices it knows of are entered on the page of the child.")
    below_threshold_reason = text("Below the threshold: why act?", "Rule 5.5. Leave empty when the threshold is met.")
    public_place = yes_no(
        "Only for an exclusion: was the child in a public place in its first five days, without justification?",
        "Rule 5.15.",
    )


class PrepareForm(AnswersForm):
    """A decision to be prepared: what it is about, and the answers there are."""

    kind = forms.ChoiceField(
        label="What is it about?",
        choices=[
            (Kind.ABSENCE.value, "Absence from school"),
            (Kind.PUBLIC_PLACE.value, "A public place in an exclusion"),
        ],
        initial=Kind.ABSENCE.value,
        widget=forms.RadioSelect,
    )
    first = forms.DateField(
        label="First day of the offence", required=False, help_text="Empty: the open sessions of the ten weeks."
    )
    last = forms.DateField(label="Last day of the offence", required=False)
    field_order = ["kind", "first", "last"]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        first, last = values.pop("first", None), values.pop("last", None)
        if (first is None) != (last is None):
            self.add_error("last", "Give both days, or none.")
        elif first and last and last < first:
            self.add_error("last", "The last day is before the first.")
        if values.get("kind") == Kind.PUBLIC_PLACE and not first:
            self.add_error("first", "Give the days on which the child was in a public place.")
        values["span"] = (first, last) if first and last else None
        values["kind"] = Kind(values["kind"]) if values.get("kind") else Kind.ABSENCE
        return values


class DecideForm(forms.Form):
    """What is decided, and why."""

    outcome = forms.ChoiceField(
        label="What do you decide?",
        choices=[choice for choice in Decision.Outcome.choices if choice[0] != Decision.Outcome.LAPSED],
        widget=forms.RadioSelect,
    )
    reason = text("Why?", "It is recorded whatever you decide.", required=True, rows=3)


class ImprovementForm(forms.Form):
    """What a notice to improve says beside what is computed."""

    starts = forms.DateField(label="It starts on")
    weeks = forms.IntegerField(label="For how many weeks?", min_value=1, max_value=20)
    at_most = forms.IntegerField(
        label="How many unauthorised sessions are still enough improvement?", min_value=0, max_value=20, initial=0
    )
    record = text("The attendance record and the offence", required=True, rows=4, most=4000)
    support_so_far = text("The support given so far", required=True, rows=3)
    support_offered = text("The further support offered", required=True, rows=3)
    early_grounds = text("When may a penalty notice come before the time is over?", required=True, rows=3)


class EndImprovementForm(forms.Form):
    verb = forms.ChoiceField(
        label="What became of it?",
        choices=[
            ("meet", "Met: there was enough improvement"),
            ("miss", "Not met"),
            ("end", "Ended early, on one of its grounds or because the family's situation changed"),
        ],
        widget=forms.RadioSelect,
    )
    why = text("Why?", required=True)
