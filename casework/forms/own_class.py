"""What a class teacher tells the attendance lead, and of which class, for who has the whole school."""

from typing import Any

from django import forms
from django.db.models import QuerySet


class ClassForm(forms.Form):
    """Whose pupils to list."""

    def __init__(self, *args: Any, classes: QuerySet[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "Choose a class"), *((each.pk, each.name) for each in classes)]
        self.fields["class"] = forms.ChoiceField(label="Class", choices=choices, required=False)


class ConcernForm(forms.Form):
    concern = forms.CharField(
        label="What have you seen or heard?", widget=forms.Textarea(attrs={"rows": 3}), max_length=1000
    )
