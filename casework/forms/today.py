"""Closing a session: one reason for each child nobody has explained."""

from collections.abc import Iterable
from typing import Any

from django import forms

from casework.models.day import REASON_LENGTH


class CloseSessionForm(forms.Form):
    """A line for each child: why the school may close without the register saying where she is."""

    def __init__(self, *args: Any, children: Iterable[tuple[int, str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for pupil_id, name, hint in children:
            self.fields[f"reason_{pupil_id}"] = forms.CharField(
                label=name, help_text=hint, required=False, max_length=REASON_LENGTH
            )

    @property
    def reasons(self) -> dict[int, str]:
        """What was said, by pupil."""
        return {int(name.removeprefix("reason_")): value for name, value in self.cleaned_data.items()}
