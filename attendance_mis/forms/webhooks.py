"""Where a partner's machine is told of changes."""

from django import forms
from django.core.exceptions import ValidationError

from attendance_mis.webhooks import LONGEST_URL, SAYS, TOLD_OF, why_not_address


class AddWebhookForm(forms.Form):
    """A partner, its address, and what it is told of."""

    partner = forms.CharField(label="Partner", max_length=100, help_text="The company or the authority, no person.")
    url = forms.CharField(
        label="Address", max_length=LONGEST_URL, help_text="As the partner gives it to you. It begins with https://."
    )
    events = forms.MultipleChoiceField(
        label="It is told when",
        choices=[(event.value, SAYS[event].lower()) for event in TOLD_OF],
        widget=forms.CheckboxSelectMultiple,
    )

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        if reasons := why_not_address(url):
            raise ValidationError(reasons)
        return url
