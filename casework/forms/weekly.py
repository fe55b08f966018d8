"""The shape of a weekly meeting: who is there, and what is noted of one child."""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.forms import BoundField

from casework.actions.weekly import NewAction
from casework.forms.policy import OWNERS
from casework.models import Task

ACTIONS = (1, 2)


class BeginForm(forms.Form):
    present = forms.CharField(label="Who is here", max_length=300, required=False)


class MinuteForm(forms.Form):
    """What was said, what came of the actions, and up to two new ones."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    minutes = forms.CharField(
        label="Minutes",
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
        help_text="What was seen and decided. The family may read it.",
    )
    what_1 = forms.CharField(label="Agreed", max_length=200, required=False)
    owner_1 = forms.ChoiceField(label="By whom", choices=[(owner, owner) for owner in OWNERS], required=False)
    due_1 = forms.DateField(label="By which day", required=False)
    what_2 = forms.CharField(label="Also agreed", max_length=200, required=False)
    owner_2 = forms.ChoiceField(label="By whom", choices=[(owner, owner) for owner in OWNERS], required=False)
    due_2 = forms.DateField(label="By which day", required=False)

    def __init__(self, *args: Any, tasks: Sequence[Task], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tasks = [task for task in tasks if task.done_at is None]
        for task in self.tasks:
            self.fields[f"done_{task.pk}"] = forms.CharField(
                label=f"What came of it: {task.title}", max_length=500, required=False
            )

    def done_of(self, task: Task) -> BoundField | None:
        """The field that says what came of a task, while it is open."""
        name = f"done_{task.pk}"
        return self[name] if name in self.fields else None

    def actions(self) -> Iterator[list[BoundField]]:
        """The fields of each new action."""
        for n in ACTIONS:
            yield [self[f"{name}_{n}"] for name in ("what", "owner", "due")]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for n in ACTIONS:
            if values.get(f"what_{n}") and not values.get(f"due_{n}") and f"due_{n}" not in self.errors:
                self.add_error(f"due_{n}", "Say by which day.")
        return values

    def done(self) -> dict[int, str]:
        """What came of which task, of a valid form."""
        said = {task.pk: self.cleaned_data[f"done_{task.pk}"].strip() for task in self.tasks}
        return {pk: outcome for pk, outcome in said.items() if outcome}

    def agreed(self) -> list[NewAction]:
        """What was agreed, of a valid form."""
        values = self.cleaned_data
        return [
            NewAction(values[f"what_{n}"], values[f"owner_{n}"] or OWNERS[0], values[f"due_{n}"])
            for n in ACTIONS
            if values[f"what_{n}"]
        ]
