"""A request for leave as the parents' form tells it, and the head's decision."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet

from casework.actions.leave import Application, Decision
from casework.leave_rules import PURPOSES, Span, letter_for
from casework.models import LeaveRequest
from registers.calendar_rules import Session
from registers.models import Contact, Pupil

HALVES = [(Session.AM.value, "AM"), (Session.PM.value, "PM")]
LONG = forms.Textarea(attrs={"rows": 3})


def _session(label: str, initial: Session) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=label, coerce=int, choices=HALVES, initial=initial.value)


class ChildSearchForm(forms.Form):
    name = forms.CharField(label="Name of the child", max_length=100)


class AskLeaveForm(forms.Form):
    """The office types what the parents wrote. The children are of one family."""

    pupils = forms.ModelMultipleChoiceField(
        Pupil.objects.none(), label="For whom?", widget=forms.CheckboxSelectMultiple
    )
    asked_on = forms.DateField(label="Received on")
    first = forms.DateField(label="First day")
    first_session = _session("From", Session.AM)
    last = forms.DateField(label="Last day", required=False, help_text="Empty: one day.")
    last_session = _session("To", Session.PM)
    contacts = forms.ModelMultipleChoiceField(
        Contact.objects.none(),
        label="Who asks?",
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="The parents who signed. One with whom the child normally lives must ask.",
    )
    others = forms.CharField(
        label="Somebody else", max_length=200, required=False, help_text="A parent who is not among the contacts."
    )
    purpose = forms.ChoiceField(
        label="What for?", choices=[("", "Choose"), *((k, p.label) for k, p in PURPOSES.items())]
    )
    words = forms.CharField(label="The reason, in the parents' own words", widget=LONG, max_length=2000)
    evidence = forms.ChoiceField(
        label="Evidence", choices=LeaveRequest.Evidence.choices, widget=forms.RadioSelect, initial="none"
    )
    evidence_note = forms.CharField(label="Which?", required=False, max_length=500)

    def __init__(self, *args: Any, pupils: QuerySet[Pupil], contacts: QuerySet[Contact], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pupils"].queryset = pupils
        self.fields["contacts"].queryset = contacts
        self.fields["contacts"].label_from_instance = _who
        if not contacts:
            del self.fields["contacts"]

    def application(self) -> Application:
        values = self.cleaned_data
        contacts = list(values.get("contacts", ()))
        others = [values["others"].strip()] if values["others"].strip() else []
        return Application(
            asked_on=values["asked_on"],
            span=Span(
                values["first"],
                values["last"] or values["first"],
                Session(values["first_session"]),
                Session(values["last_session"]),
            ),
            applicants=(*(contact.name for contact in contacts), *others),
            applicant_ids=tuple(contact.pk for contact in contacts),
            purpose=values["purpose"],
            words=values["words"].strip(),
            evidence=values["evidence"],
            evidence_note=values["evidence_note"].strip(),
        )


def _who(contact: Contact) -> str:
    lives = "" if contact.lives_with_pupil else ", the child does not normally live there"
    return f"{contact.name} ({contact.relationship or 'contact'}{lives})"


class DecideLeaveForm(forms.Form):
    """The head's decision; for the siblings' requests of the same days too, when she says so."""

    decision = forms.ChoiceField(
        label="Decision",
        choices=[("grant", "Grant what was asked for"), ("part", "Grant some of the days"), ("refuse", "Refuse")],
        widget=forms.RadioSelect,
    )
    granted_first = forms.DateField(label="First day granted", required=False, help_text="Only for some of the days.")
    granted_last = forms.DateField(label="Last day granted", required=False)
    purpose = forms.ChoiceField(label="Granted for")
    circumstances = forms.CharField(
        label="The exceptional circumstances", widget=LONG, max_length=2000, required=False,
        help_text="What makes this rare, significant and unavoidable. Needed to grant C.",
    )  # fmt: skip
    reason = forms.CharField(
        label="Reason for the decision", widget=LONG, max_length=2000, help_text="The parents read it."
    )
    taken_as = forms.ChoiceField(
        label="If days without leave are taken, propose",
        choices=[("G", "G, holiday not granted"), ("O", "O, unauthorised")],
        initial="G",
    )
    alike = forms.ModelMultipleChoiceField(
        LeaveRequest.objects.none(), label="The same for", widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, *args: Any, request: LeaveRequest, siblings: QuerySet[LeaveRequest], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.fields["purpose"].choices = _purposes(request.first)
        self.fields["alike"].queryset = siblings
        self.fields["alike"].label_from_instance = lambda each: f"{each.pupil}, {each.said}"
        if not siblings:
            del self.fields["alike"]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("decision") == "part":
            for name in ("granted_first", "granted_last"):
                if name not in self.errors and not values.get(name):
                    self.add_error(name, "Say which days are granted.")
        return values

    def decided(self) -> Decision:
        values = self.cleaned_data
        return Decision(
            granted=self._granted(),
            reason=values["reason"].strip(),
            purpose=values["purpose"],
            circumstances=values["circumstances"].strip(),
            taken_as=values["taken_as"],
        )

    def _granted(self) -> Span | None:
        """Half days at the ends of what was asked for stay half days where these ends are granted."""
        values, asked = self.cleaned_data, self.request.span
        if values["decision"] == "refuse":
            return None
        if values["decision"] == "grant":
            return asked
        first, last = values["granted_first"], values["granted_last"]
        return Span(
            first,
            last,
            asked.first_session if first == asked.first else Session.AM,
            asked.last_session if last == asked.last else Session.PM,
        )


def _purposes(day: date) -> list[tuple[str, str]]:
    """What leave can be granted for on a day, with its code; holiday stands there also when it cannot."""
    return [
        (
            key,
            f"{purpose.label} ({letter})"
            if (letter := letter_for(key, day))
            else f"{purpose.label} (cannot be granted)",
        )
        for key, purpose in PURPOSES.items()
    ]


class EvidenceForm(forms.Form):
    evidence = forms.ChoiceField(label="Evidence", choices=LeaveRequest.Evidence.choices, widget=forms.RadioSelect)
    note = forms.CharField(label="Which?", required=False, max_length=500)


class WithdrawForm(forms.Form):
    reason = forms.CharField(label="What the family said", max_length=500, required=False)


class UnauthoriseForm(forms.Form):
    reason = forms.CharField(label="Reason", widget=LONG, max_length=300, help_text="It stands on every amendment.")
