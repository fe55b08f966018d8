"""The filters of the dashboard, a decision, a task."""

from collections.abc import Iterable
from typing import Any

from django import forms

from casework.dashboard import PupilRow
from casework.forms.policy import OWNERS
from registers.models import Pupil

GROUPS = [
    ("fsm", "Free school meals"),
    ("pupil_premium", "Pupil premium"),
    ("sen", "SEN support or EHC plan"),
    ("looked_after", "Looked after"),
    ("social_worker", "Social worker"),
    ("young_carer", "Young carer"),
    ("eal", "English as an additional language"),
]
SHOW = [
    ("", "Everybody on a ladder"),
    ("overdue", "Overdue"),
    ("to_decide", "Something to decide"),
    ("new", "New this week"),
    ("improving", "Improving"),
]


class EscalationFilter(forms.Form):
    """What the address may narrow the dashboard to: names of ladders and steps, codes, never a person."""

    show = forms.ChoiceField(label="Show", choices=SHOW, required=False)
    ladder = forms.ChoiceField(label="Ladder", required=False)
    step = forms.ChoiceField(label="Step", required=False)
    year = forms.ChoiceField(label="Year", required=False)
    class_name = forms.ChoiceField(label="Class", required=False)
    group = forms.ChoiceField(label="Group", choices=[("", "All"), *GROUPS], required=False)
    owner = forms.ChoiceField(label="Owner", required=False)
    siblings = forms.BooleanField(label="With siblings here", required=False)

    def __init__(self, data: Any, rows: Iterable[PupilRow]) -> None:
        super().__init__(data)
        rows = list(rows)
        steps = [standing for row in rows for standing in row.standings]
        years = {row.pupil.year_group for row in rows}
        self._choose("ladder", sorted({standing.ladder for standing in steps}))
        self._choose("step", dict.fromkeys(s.step for s in sorted(steps, key=lambda s: (s.ladder, s.index))))
        self._choose("year", [year for year in Pupil.YEAR_GROUPS if year in years])
        self._choose("class_name", sorted({row.class_name for row in rows if row.class_name}))
        self._choose("owner", sorted({owner for row in rows for owner in row.owners}))

    def _choose(self, name: str, values: Iterable[str]) -> None:
        field: Any = self.fields[name]
        field.choices = [("", "All"), *((value, value) for value in values)]


class DecideForm(forms.Form):
    """Accept or decline proposals, with a reason where there is one to give."""

    reason = forms.CharField(
        label="Reason", max_length=500, required=False, help_text="Needed to decline. It is remembered with the step."
    )


class TaskForm(forms.Form):
    """Something to do about a pupil."""

    title = forms.CharField(label="What is to be done", max_length=200)
    owner = forms.ChoiceField(label="By whom", choices=[(owner, owner) for owner in OWNERS])
    due = forms.DateField(label="By which day")


class FinishTaskForm(forms.Form):
    outcome = forms.CharField(label="What came of it", widget=forms.Textarea(attrs={"rows": 3}), max_length=500)
