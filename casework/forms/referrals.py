"""The shape of an agency, a referral and its answer."""

from typing import Any

from django import forms

from casework.models import Agency, Referral
from casework.referral_rules import CONSENTS


class AgencyForm(forms.ModelForm):
    class Meta:
        model = Agency
        fields = ["name", "service", "contact", "telephone", "email", "answer_days", "is_in_use"]


class ReferralForm(forms.Form):
    """What is sent, to whom, and what the parents say to it."""

    agency: Any = forms.ModelChoiceField(queryset=None, label="To", empty_label="Choose an agency")
    sent_on = forms.DateField(label="Sent on")
    concern = forms.CharField(
        label="Why, and what is hoped for", max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )
    what = forms.CharField(label="What was sent", max_length=500, help_text="Forms, summaries, letters.")
    consent = forms.ChoiceField(
        label="The parents", choices=[(c.value, label) for c, label in CONSENTS.items()], widget=forms.RadioSelect
    )
    because = forms.CharField(label="If they did not agree: why it goes all the same", max_length=500, required=False)
    due = forms.DateField(label="Answer expected by")
    with_letter = forms.BooleanField(label="Propose the letter that tells the parents", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        agency: Any = self.fields["agency"]
        agency.queryset = Agency.objects.filter(is_in_use=True)


class AnswerForm(forms.Form):
    on = forms.DateField(label="Answered on")
    outcome = forms.ChoiceField(label="The answer", choices=Referral.Outcome.choices, widget=forms.RadioSelect)
    answer = forms.CharField(
        label="What they said", max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
