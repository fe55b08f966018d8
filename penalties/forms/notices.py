"""The draft of a penalty notice, its signature, what others issued, and what the local authority answers."""

from datetime import date
from typing import Any

from django import forms

from penalties.actions.after import VERBS
from penalties.amounts import AMOUNTS, Scheme, Served
from penalties.forms.decisions import text
from penalties.models import PenaltyNotice
from penalties.notices import Ground, Source, State
from registers.models import Contact, Pupil


class DraftForm(forms.Form):
    """What only a person knows of the notice."""

    authority = text("Name and address of the local authority", "For payment and for letters.", required=True, rows=3)
    methods = text("How it may be paid", required=True, rows=3)
    served = forms.ChoiceField(
        label="How it reaches the parent",
        choices=[(Served.POST.value, "By post"), (Served.HAND.value, "Handed over")],
        widget=forms.RadioSelect,
    )


class SignForm(forms.Form):
    """The signature of the headteacher, or of whom she has authorised."""

    signature = forms.CharField(label="Sign with your name", max_length=100)


class WhyForm(forms.Form):
    why = text("Why?", required=True)


class CopyForm(forms.Form):
    on = forms.DateField(label="When was the copy sent?")


class AnswerForm(forms.Form):
    """What the local authority says of one notice."""

    verb = forms.ChoiceField(label="What happened?", choices=list(VERBS.items()), widget=forms.RadioSelect)
    on = forms.DateField(label="On which day?")
    pounds = forms.IntegerField(label="How many pounds?", min_value=1, max_value=10000, required=False,
                                help_text="For a payment.")  # fmt: skip
    ground = forms.TypedChoiceField(
        label="On which ground?",
        choices=[("", "None"), *((ground.value, ground.value[0].upper() + ground.value[1:]) for ground in Ground)],
        coerce=Ground,
        empty_value=None,
        required=False,
        help_text="For a withdrawal.",
    )
    said = forms.CharField(label="Who said so, and how?", max_length=500)


class KnownForm(forms.Form):
    """A notice of the local authority or another school."""

    contact = forms.ModelChoiceField(Contact.objects.none(), label="To which parent?", widget=forms.RadioSelect)
    source = forms.ChoiceField(
        label="Who issued it?",
        choices=[(each.value, each.value[0].upper() + each.value[1:]) for each in Source if each is not Source.SCHOOL],
        widget=forms.RadioSelect,
    )
    origin = forms.CharField(label="Who told you, and how?", max_length=200)
    issued_on = forms.DateField(label="Issued on")
    scheme = forms.ChoiceField(
        label="Under which rules?",
        choices=[
            (each.value, f"{each.value[0].upper()}{each.value[1:]} ({' or '.join(map(str, AMOUNTS[each]))})")
            for each in Scheme
        ],
        widget=forms.RadioSelect,
    )
    state = forms.ChoiceField(
        label="Where does it stand?",
        choices=[
            (each.value, each.value[0].upper() + each.value[1:])
            for each in State
            if each not in (State.PREPARED, State.DECLINED)
        ],
    )
    offence_from = forms.DateField(label="First day of the offence", required=False)
    offence_until = forms.DateField(label="Last day of the offence", required=False)

    def __init__(self, *args: Any, pupil: Pupil, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        contact: Any = self.fields["contact"]
        contact.queryset = pupil.contacts.all()
        self.pupil = pupil

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        first: date | None = values.get("offence_from")
        last: date | None = values.get("offence_until")
        if (first is None) != (last is None) or (first and last and last < first):
            self.add_error("offence_until", "Give both days in order, or none.")
        return values

    def notice(self) -> PenaltyNotice:
        """The notice of a valid form, unsaved."""
        return PenaltyNotice(school_id=self.pupil.school_id, pupil=self.pupil, **self.cleaned_data)
