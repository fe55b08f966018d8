"""Several marks chosen in a list, each with the version that was seen."""

from datetime import date
from typing import Any

from django import forms

from registers.calendar_rules import Session
from registers.facts import Slot

MOST_AT_ONCE = 500


def token(slot: Slot, version: int) -> str:
    """What a checkbox carries: pupil, day, session and version."""
    return f"{slot.pupil_id}:{slot.day}:{slot.session}:{version}"


class ChosenMarksField(forms.MultipleChoiceField):
    """Tokens as slots with their versions; what is not one is refused, never guessed at."""

    default_error_messages = {
        "required": "Choose at least one mark.",
        "broken": "The list was not understood. Load the page again.",
        "many": f"Choose at most {MOST_AT_ONCE} marks at once.",
    }

    def to_python(self, value: Any) -> list[tuple[Slot, int]]:  # type: ignore[override]
        tokens = super().to_python(value)
        if len(tokens) > MOST_AT_ONCE:
            raise forms.ValidationError(self.error_messages["many"], code="many")
        try:
            return [self._read(token) for token in tokens]
        except (ValueError, KeyError) as fault:
            raise forms.ValidationError(self.error_messages["broken"], code="broken") from fault

    def _read(self, token: str) -> tuple[Slot, int]:
        pupil_id, day, session, version = token.split(":")
        return Slot(int(pupil_id), date.fromisoformat(day), Session[session]), int(version)

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise forms.ValidationError(self.error_messages["required"], code="required")


class ChosenMarksForm(forms.Form):
    mark = ChosenMarksField()
