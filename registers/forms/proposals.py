from typing import Any

from django import forms

from registers.forms.amending import REASON_LENGTH


class DecideProposalForm(forms.Form):
    """Accept, or decline with a reason; `version` is the mark that the person looked at."""

    ACCEPT, DECLINE = "accept", "decline"

    decision = forms.ChoiceField(choices=[(ACCEPT, "Accept"), (DECLINE, "Decline")])
    version = forms.IntegerField(min_value=0)
    reason = forms.CharField(required=False, max_length=REASON_LENGTH)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if values.get("decision") == self.DECLINE and not values.get("reason"):
            self.add_error("reason", "Say why the mark stays as it is: the teacher reads it.")
        return values
