"""The forms of django-allauth in our words."""

from typing import Any

from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms


class _Code(forms.Form):
    code = forms.CharField(
        label="Code",
        max_length=20,
        help_text="Six digits from the app, or one of your recovery codes.",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}),
    )


class CodeForm(AuthenticateForm):
    """On the way in."""

    code = _Code.base_fields["code"]


class CodeAgainForm(ReauthenticateForm):
    """Once more, by somebody who is in."""

    code = _Code.base_fields["code"]


class ActivateAppForm(ActivateTOTPForm):
    """The first code of an app."""

    code = forms.CharField(
        label="Code",
        max_length=20,
        help_text="The six digits that the app shows now.",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}),
    )


class AddPasskeyForm(AddWebAuthnForm):
    """A passkey and what the person calls it."""

    name = forms.CharField(label="Name", max_length=100, help_text="So that you know it again: “work laptop”.")
    passwordless = forms.BooleanField(
        label="Sign in with this passkey alone",
        required=False,
        help_text="The device asks for your finger, your face or its PIN. You need no password then.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("passwordless", True)
