"""What another school says, and the readings of the disputed points."""

from datetime import date
from typing import Any

from django import forms

from penalties.readings import POINTS, PenaltySettings, from_document

LETTERS = (("G", "G  Holiday not agreed"), ("O", "O  Unauthorised"), ("U", "U  Late, after the register closed"))


class EvidenceForm(forms.Form):
    """One day at another school."""

    day = forms.DateField(label="Which day?")
    sessions = forms.TypedMultipleChoiceField(
        label="Which sessions?",
        coerce=int,
        choices=[(1, "Morning"), (2, "Afternoon")],
        widget=forms.CheckboxSelectMultiple,
    )
    letter = forms.ChoiceField(label="Which code?", choices=LETTERS, widget=forms.RadioSelect)
    origin = forms.CharField(
        label="Which school, and how do you know?",
        max_length=200,
        help_text="For example: Elm School, e-mail of 3 May.",
    )


class ReadingsForm(forms.Form):
    """One question for each point; numbers are entered, everything else is chosen."""

    in_force_from = forms.DateField(label="From which day?")
    why = forms.CharField(label="Why?", max_length=500, help_text="For example: the local code of conduct, section 4.")

    def __init__(self, *args: Any, now: PenaltySettings, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, point in POINTS.items():
            value = getattr(now, name)
            label = f"{point.question} ({point.paragraph})"
            if isinstance(value, int) and not isinstance(value, bool):
                self.fields[name] = forms.IntegerField(
                    label=label, initial=value, min_value=0, max_value=1000, help_text=point.source
                )
            else:
                self.fields[name] = forms.ChoiceField(
                    label=label,
                    choices=[(str(key), text) for key, text in point.readings.items()],
                    initial=str(value),
                    widget=forms.RadioSelect,
                    help_text=point.source,
                )

    def settings(self) -> PenaltySettings:
        """The readings of a valid form."""
        values = dict(self.cleaned_data)
        start: date = values.pop("in_force_from")
        values.pop("why")
        flags = {"True": True, "False": False}
        return from_document(start, {name: flags.get(value, value) for name, value in values.items()})
