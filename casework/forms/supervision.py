"""The shape of a supervision."""

from django import forms


class SupervisionForm(forms.Form):
    on = forms.DateField(label="Day of the supervision")
    present = forms.CharField(label="Who was there", max_length=300, required=False)
    decision = forms.CharField(
        label="What was decided",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="What goes on, what changes, who does it.",
    )
