"""The first page of a new school: which school it is, and who sets it up."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.forms import BoundField

from attendance_mis.models import School, User

SCHOOL = ("school_name", "urn", "laestab", "phase", "type", "local_authority")
PERSON = ("name", "email", "password")


class BeginSchoolForm(forms.Form):
    """A school by its URN, and its first technician."""

    school_name = forms.CharField(label="Name of the school", max_length=200)
    urn = forms.RegexField(
        r"^\d{6}$",
        label="URN",
        help_text="Six digits. “Get information about schools”, the DfE's register of schools, has it.",
        error_messages={"invalid": "A URN has six digits."},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-10"}),
    )
    laestab = forms.RegexField(
        r"^\d{3}/?\d{4}$",
        label="LAESTAB (the DfE number)",
        help_text="Seven digits: three of the local authority and four of the school, for example 2011234.",
        error_messages={"invalid": "A DfE number has seven digits: three of the authority, four of the school."},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-10"}),
    )
    phase = forms.ChoiceField(label="Phase", choices=[("", ""), *School.Phase.choices])
    type = forms.ChoiceField(label="Type", choices=[("", ""), *School.Type.choices])
    local_authority = forms.CharField(label="Local authority", max_length=100)
    name = forms.CharField(label="Your name", max_length=100)
    email = forms.EmailField(
        label="Your e-mail address",
        help_text="You sign in with it.",
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    password = forms.CharField(
        label="A password",
        strip=False,
        max_length=200,
        help_text="At least 12 characters; three words in a row are good. If you have an account here: its own.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def sections(self) -> Iterator[tuple[str, list[BoundField]]]:
        """The fields under headings, as `parts/sections.html` draws them."""
        yield "The school", [self[name] for name in SCHOOL]
        yield "You, who set it up", [self[name] for name in PERSON]

    def clean_urn(self) -> str:
        urn: str = self.cleaned_data["urn"]
        if School.objects.filter(urn=urn).exists():
            raise forms.ValidationError(
                "A school with this URN is here already: its technician adds you on the page People."
            )
        return urn

    def clean_laestab(self) -> str:
        return str(self.cleaned_data["laestab"]).replace("/", "")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        email = (data.get("email") or "").strip().lower()
        if email and data.get("password") and not User.objects.filter(email=email).exists():
            try:
                validate_password(data["password"], User(email=email, name=data.get("name", "")))
            except forms.ValidationError as weak:
                self.add_error("password", weak)
        return data
