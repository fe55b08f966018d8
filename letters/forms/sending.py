from django import forms

from letters.models import Channel


class AgainForm(forms.Form):
    channel = forms.ChoiceField(label="How?", choices=Channel.choices)
