"""What a class teacher tells the attendance lead."""

from django import forms


class ConcernForm(forms.Form):
    concern = forms.CharField(
        label="What have you seen or heard?", widget=forms.Textarea(attrs={"rows": 3}), max_length=1000
    )
