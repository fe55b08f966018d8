"""The people of a school and their roles."""

from django import forms

from attendance_mis.permissions import SENTENCES, Role

ROLES = [(role.value, f"{role.label}: {SENTENCES[role]}") for role in Role if role is not Role.TRUST_LEAD]


class EditPersonForm(forms.Form):
    """What somebody is at the school."""

    role = forms.ChoiceField(label="Role", choices=ROLES, widget=forms.RadioSelect)
    position = forms.CharField(
        label="Position", max_length=100, help_text="As it stands beside the name on an amendment."
    )


class AddPersonForm(EditPersonForm):
    """A new person."""

    name = forms.CharField(label="Name", max_length=100)
    email = forms.EmailField(label="E-mail address", help_text="The person signs in with it.")

    field_order = ["name", "email", "position", "role"]
