from typing import Any

from django import forms
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm

from attendance_mis.passwords import LONGEST


class SignInForm(forms.Form):
    """E-mail address and password."""

    email = forms.EmailField(
        label="E-mail address", widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    password = forms.CharField(
        strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}), max_length=LONGEST
    )


class RecoverForm(forms.Form):
    """Whose password was forgotten."""

    email = forms.EmailField(label="E-mail address", widget=forms.EmailInput(attrs={"autocomplete": "username"}))


class ChoosePasswordForm(SetPasswordForm):
    """Django's own, saying which password is meant by the second box."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say_again(self)


class ChangePasswordForm(PasswordChangeForm):
    """Django's own; the account page is not about the password alone, so the cursor does not begin in it.

    Whether the old one is right the action asks, which counts the tries.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = "Your password now"
        self.fields["old_password"].widget.attrs.pop("autofocus", None)
        _say_again(self)

    def clean_old_password(self) -> Any:
        return self.cleaned_data["old_password"]


def _say_again(form: forms.Form) -> None:
    form.fields["new_password2"].label = "New password, once more"
    form.fields["new_password2"].help_text = ""
