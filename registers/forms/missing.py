from django import forms


class SinceForm(forms.Form):
    """From which day on to look."""

    since = forms.DateField(label="Since", required=False)
