"""The class teacher's two forms."""

from datetime import date, timedelta
from typing import Any

from django import forms

LONG = forms.Textarea(attrs={"rows": 3})


class ConcernForm(forms.Form):
    concern = forms.CharField(label="What have you seen or heard?", widget=LONG, max_length=1000)


class ConversationForm(forms.Form):
    """In-school early help (appendix 3 of the policies): what was said, what is agreed, when it is looked at again."""

    on = forms.DateField(label="Day of the conversation")
    present = forms.CharField(label="Who was there", max_length=200)
    reasons = forms.CharField(label="Reasons for the absence", widget=LONG, max_length=1000)
    barriers = forms.CharField(label="What stands in the way", widget=LONG, max_length=1000, required=False)
    impact = forms.CharField(label="What it costs in learning", widget=LONG, max_length=1000, required=False)
    voice = forms.CharField(label="What the child says", widget=LONG, max_length=1000, required=False)
    support = forms.CharField(label="Support agreed", widget=LONG, max_length=1000)
    first_review = forms.DateField(label="First review")
    second_review = forms.DateField(label="Second review")

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        weeks = {name: today + timedelta(weeks=n) for name, n in (("on", 0), ("first_review", 3), ("second_review", 6))}
        super().__init__(*args, initial=weeks, **kwargs)
        self.today = today

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        on, first, second = (values.get(name) for name in ("on", "first_review", "second_review"))
        if on and on > self.today:
            self.add_error("on", "This day has not come yet.")
        if on and first and first <= on:
            self.add_error("first_review", "The first review must be after the conversation.")
        if first and second and second <= first:
            self.add_error("second_review", "The second review must be after the first.")
        return values
