"""Whom the headteacher authorises to sign penalty notices."""

from typing import Any

from django import forms

from attendance_mis.models import Membership, School
from penalties.signing import is_deputy


class AuthoriseForm(forms.Form):
    """Somebody of the school, and the days."""

    membership = forms.ModelChoiceField(Membership.objects.none(), label="Whom?", widget=forms.RadioSelect)
    starts = forms.DateField(label="From which day?")
    until = forms.DateField(label="To which day?", required=False, help_text="Empty: until you withdraw it.")

    def __init__(self, *args: Any, school: School, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        membership: Any = self.fields["membership"]
        held = school.memberships.filter(ended_at=None).select_related("user").order_by("user__name", "pk")
        membership.queryset = held.filter(pk__in=[each.pk for each in held if is_deputy(each.position)])
