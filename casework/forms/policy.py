"""The shape of a policy's parts."""

from typing import Any

from django import forms

from casework.ladders import COMPARISONS
from casework.measures import MEASURES
from casework.policy_editing import Document
from casework.sentences import COMPARISON_WORDS

OWNERS = ("class teacher", "office staff", "attendance manager", "attendance lead", "headteacher", "safeguarding lead")
MEASURE_CHOICES = [(name, f"{measure.label} ({measure.unit})") for name, measure in MEASURES.items()]
COMPARISON_CHOICES = [(each, COMPARISON_WORDS[each]) for each in COMPARISONS]


class _Threshold(forms.DecimalField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_digits=6, decimal_places=2, **kwargs)


class StepForm(forms.Form):
    """One step: when it begins and what follows."""

    name = forms.CharField(label="Name of the step", max_length=200)
    comparison = forms.ChoiceField(
        label="It begins when the measure", required=False, choices=[("", "(a person decides it)"), *COMPARISON_CHOICES]
    )
    threshold = _Threshold(label="Number at which it begins", required=False)
    owner = forms.ChoiceField(label="Owner", choices=[("", "Nobody named"), *((o, o) for o in OWNERS)], required=False)
    do = forms.CharField(label="What is to be done", widget=forms.Textarea, max_length=2000, required=False)
    letter = forms.CharField(
        label="Letters it proposes", max_length=300, required=False, help_text="Several are separated by a semicolon."
    )
    tell = forms.CharField(label="Who is told", max_length=300, required=False)
    automatic = forms.BooleanField(
        label="Send its letters without asking anybody",
        help_text="Off: a person decides each letter. On: the letter goes to the queue by itself.",
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("comparison") and values.get("threshold") is None and "threshold" not in self.errors:
            self.add_error("threshold", "Give the number at which the step begins.")
        return values

    @classmethod
    def of(cls, table: Document) -> dict[str, Any]:
        """The initial values of a step's table."""
        comparison = next((each for each in COMPARISONS if each in table), "")
        return {**table, "comparison": comparison, "threshold": table.get(comparison)}


class AllOfForm(StepForm):
    """The one step of a ladder with two conditions that must both hold."""

    field_order = ["name", "measure_1", "comparison_1", "threshold_1", "measure_2", "comparison_2", "threshold_2"]
    comparison = None  # type: ignore[assignment]
    threshold = None  # type: ignore[assignment]
    measure_1 = forms.ChoiceField(label="First measure", choices=MEASURE_CHOICES)
    comparison_1 = forms.ChoiceField(label="It", choices=COMPARISON_CHOICES)
    threshold_1 = _Threshold(label="Number at which it begins")
    measure_2 = forms.ChoiceField(label="Second measure", choices=MEASURE_CHOICES)
    comparison_2 = forms.ChoiceField(label="It", choices=COMPARISON_CHOICES)
    threshold_2 = _Threshold(label="Number at which it begins")

    @classmethod
    def of(cls, table: Document) -> dict[str, Any]:
        values = dict(table)
        for n, condition in enumerate(table["all_of"][:2], 1):
            comparison = next(each for each in COMPARISONS if each in condition)
            values |= {
                f"measure_{n}": condition["measure"],
                f"comparison_{n}": comparison,
                f"threshold_{n}": condition[comparison],
            }
        return values


class LadderForm(forms.Form):
    """A ladder: its name and what it measures."""

    name = forms.CharField(label="Name of the ladder", max_length=100)
    measure = forms.ChoiceField(label="It measures", choices=MEASURE_CHOICES)
    vulnerable_ahead = forms.IntegerField(
        label="Steps ahead for vulnerable pupils",
        help_text="1: once any step is reached, the next one is in force for a vulnerable pupil.",
        min_value=0,
        max_value=3,
        initial=0,
    )


class NewLadderForm(LadderForm):
    """A new ladder begins with one step."""

    step_name = forms.CharField(label="Name of its first step", max_length=200)
    comparison = forms.ChoiceField(label="The step begins when the measure", choices=COMPARISON_CHOICES)
    threshold = _Threshold(label="Number at which it begins")


class SettingsForm(forms.Form):
    """What a policy says beside its ladders."""

    title = forms.CharField(label="Title of the policy", max_length=200, required=False)
    review_weeks = forms.IntegerField(label="Weeks until a plan is reviewed, at most", min_value=1, max_value=26)
    step_ends_after_days = forms.IntegerField(
        label="Days between the two evaluations that end a step", min_value=0, max_value=60
    )
    leave_notice_weeks = forms.IntegerField(label="Weeks' notice for leave of absence", min_value=0, max_value=12)


class PutIntoForceForm(forms.Form):
    """From when a policy holds, and why it changes."""

    in_force_from = forms.DateField(label="In force from")
    why = forms.CharField(label="Why the policy changes", widget=forms.Textarea(attrs={"rows": 3}), max_length=500)


class DeclinePolicyForm(forms.Form):
    answer = forms.CharField(label="Why not", widget=forms.Textarea(attrs={"rows": 3}), max_length=500)


class WhatIfForm(forms.Form):
    """Which days to replay."""

    on = forms.DateField(label="On one day", required=False)
