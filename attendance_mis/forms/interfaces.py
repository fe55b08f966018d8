"""What a partner is to read of the school."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from attendance_mis.models import Scope

LONGEST = timedelta(days=366)


class AskTokenForm(forms.Form):
    """A partner, what for, what it may read, and until when."""

    partner = forms.CharField(
        label="Partner", max_length=100, help_text="Who will hold the token: the company or the authority, no person."
    )
    purpose = forms.CharField(
        label="What it is for",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="As in the agreement with them. Name no child.",
    )
    scopes = forms.MultipleChoiceField(
        label="What it may read",
        choices=Scope,
        widget=forms.CheckboxSelectMultiple,
        help_text="No more than it needs.",
    )
    until = forms.DateField(label="Last day", help_text="A year at most; ask for a new one then.")

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        if not self.today <= until <= self.today + LONGEST:
            raise ValidationError(f"Choose a day from today to {self.today + LONGEST:%-d %B %Y}.")
        return until
