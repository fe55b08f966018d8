"""What is done about a clock."""

from typing import Any

from django import forms

from casework.clocks import Kind
from casework.models.clocks import INTERVALS
from casework.statutory import Running


class DoneForm(forms.Form):
    """A clock that somebody says is done; after the review of a part-time timetable, when the next is held."""

    note = forms.CharField(
        label="What was done?", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Whom you told and what they said, the number of a referral, what was arranged.",
    )  # fmt: skip
    review_on = forms.DateField(
        label="Next review", required=False, help_text="Empty: the timetable ends as planned, without another review."
    )

    def __init__(self, *args: Any, kind: Kind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kind is not Kind.PART_TIME:
            del self.fields["review_on"]


class ReturnForm(forms.Form):
    """The children of a return: those whose clock runs, all ticked."""

    clock = forms.MultipleChoiceField(
        label="For whom?",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one child."},
    )

    def __init__(self, *args: Any, running: list[Running], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["clock"].choices = [(each.key, f"{each.pupil}: {each.clock.sentence}") for each in running]
        self.initial.setdefault("clock", [each.key for each in running if each.clock.is_reached])


class ReturnAgreementForm(forms.Form):
    """How often attendance returns are made, and of whom."""

    interval = forms.ChoiceField(
        label="How often is an attendance return made?", choices=INTERVALS, widget=forms.RadioSelect,
        help_text="As your local authority has agreed with you; the law asks for one in a calendar month at least.",
    )  # fmt: skip
    irregular_sessions = forms.IntegerField(
        label="From how many sessions without authority does a pupil fail to attend regularly?",
        min_value=1, max_value=100, help_text="Sessions coded G, O or U within ten school weeks.",
    )  # fmt: skip
