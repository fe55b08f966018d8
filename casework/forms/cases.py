"""The shape of a case, its plan and its review."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms

from attendance_mis.models import Membership, School
from attendance_mis.permissions import Role
from casework.actions.plans import WantedTarget
from casework.case_rules import GOALS
from casework.models import Barrier, Case, Plan, PlanAction

LEADERS = (Role.MANAGER, Role.LEAD, Role.HEAD, Role.SAFEGUARDING)
HELPED = (
    "breakfast club",
    "somebody to meet at the gate",
    "a mentor",
    "help with the journey",
    "medical advice",
    "support for a special need",
    "counselling",
    "a family support worker",
    "help with learning missed",
    "a changed timetable",
    "something else",
)
TARGETS = (1, 2)


def people(school: School) -> list[tuple[int, str]]:
    """Who may lead a case at the school."""
    memberships = Membership.objects.filter(school=school, role__in=LEADERS, ended_at=None).select_related("user")
    return [(m.user_id, f"{m.user.name}, {m.position}") for m in memberships.order_by("user__name")]


def _text(label: str, *, rows: int = 3, required: bool = False, hint: str = "", most: int = 2000) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, widget=widget, max_length=most, required=required, help_text=hint)


class CaseForm(forms.Form):
    """What a case is about."""

    concern = _text("The concern", required=True, hint="What is known, without judging. The family may read it.")
    lead_id = forms.TypedChoiceField(label="Who leads", coerce=int)
    family = _text("Who is in the family", hint="Those with parental responsibility stand among the contacts.")
    voice = _text("What the child says", hint="In her or his own words.")

    def __init__(self, *args: Any, school: School, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lead: Any = self.fields["lead_id"]
        lead.choices = people(school)


class ChangeCaseForm(CaseForm):
    version = forms.IntegerField(widget=forms.HiddenInput)


class BarrierForm(forms.Form):
    side = forms.ChoiceField(label="Whose", choices=Barrier.Side.choices, widget=forms.RadioSelect)
    what = forms.CharField(label="What stands in the way", max_length=300)


class NoteForm(forms.Form):
    text = _text("Note", rows=5, required=True, most=5000)
    is_confidential = forms.BooleanField(
        label="Confidential",
        required=False,
        help_text="Only those who may read confidential notes see it, and each reading is recorded.",
    )


class PlanForm(forms.Form):
    """A plan with one or two targets, and for each party one action a line."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    starts = forms.DateField(label="It begins on")
    review_on = forms.DateField(label="It is reviewed on")
    goal_1 = forms.ChoiceField(label="Target", choices=[(g.value, label) for g, label in GOALS.items()])
    amount_1 = forms.DecimalField(label="Number", min_value=0, max_digits=6, decimal_places=2)
    by_1 = forms.DateField(label="By which day")
    barrier_1: Any = forms.ModelChoiceField(
        queryset=None, label="It removes", required=False, empty_label="No barrier named"
    )
    goal_2 = forms.ChoiceField(
        label="Second target", choices=[("", "None"), *((g.value, label) for g, label in GOALS.items())], required=False
    )
    amount_2 = forms.DecimalField(label="Number", min_value=0, max_digits=6, decimal_places=2, required=False)
    by_2 = forms.DateField(label="By which day", required=False)
    barrier_2: Any = forms.ModelChoiceField(
        queryset=None, label="It removes", required=False, empty_label="No barrier named"
    )
    parents = _text("What the parents do", hint="One action a line.")
    child = _text("What the child does", hint="One action a line.")
    school = _text("What the school does", hint="One action a line.")
    practitioner = _text("What a practitioner does", hint="One action a line.")
    support = _text("Support offered")

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for n in TARGETS:
            barrier: Any = self.fields[f"barrier_{n}"]
            barrier.queryset = Barrier.objects.filter(case=case)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("goal_2"):
            for name in ("amount_2", "by_2"):
                if values.get(name) is None and name not in self.errors:
                    self.add_error(name, "Fill this in, or choose no second target.")
        if not any(values.get(who) for who in PlanAction.Who.values):
            self.add_error(None, "Say what at least one person does: a plan is what people do.")
        return values

    def targets(self) -> list[WantedTarget]:
        """The targets of a valid form."""
        values = self.cleaned_data
        return [
            WantedTarget(values[f"goal_{n}"], values[f"amount_{n}"], values[f"by_{n}"], values[f"barrier_{n}"])
            for n in TARGETS
            if values[f"goal_{n}"]
        ]

    def actions(self) -> Iterable[tuple[str, str]]:
        """Who does what, of a valid form."""
        for who in PlanAction.Who.values:
            for line in filter(None, map(str.strip, self.cleaned_data[who].splitlines())):
                yield who, line[:300]


class ReviewForm(forms.Form):
    """How a review went."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    on = forms.DateField(label="Day of the review")
    was_held = forms.TypedChoiceField(
        label="Did the family come?",
        choices=[("yes", "Yes"), ("no", "No")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    present = forms.CharField(label="Who was there", max_length=300, required=False)
    done = forms.TypedMultipleChoiceField(
        label="What was done", coerce=int, widget=forms.CheckboxSelectMultiple, required=False
    )
    helped = forms.MultipleChoiceField(
        label="What helped", choices=[(h, h) for h in HELPED], widget=forms.CheckboxSelectMultiple, required=False
    )
    summary = _text("What was said and agreed", required=True)

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        done: Any = self.fields["done"]
        done.choices = [(action.pk, str(action)) for action in plan.actions.all()]
        if not done.choices:
            del self.fields["done"]


class CloseCaseForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    outcome = forms.ChoiceField(label="What came of it", choices=Case.Outcome.choices, widget=forms.RadioSelect)
    closing = _text("What was learnt", required=True)


def plan_defaults(case: Case, today: date, review_on: date) -> dict[str, Any]:
    """What a new plan begins with."""
    return {"version": case.version, "starts": today, "review_on": review_on, "by_1": review_on}
