"""A referral pack and what goes into it; other orders."""

import hashlib
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from casework.legal_checklist import ANSWERS, CHECKLIST, Ticked
from penalties.actions.packs import Upload
from penalties.forms.decisions import text
from penalties.models import Order, Pack
from penalties.uploads import LARGEST_FILE, CannotUse, clean
from registers.models import Contact, Pupil


class BeginForm(forms.Form):
    """For whom and for which days."""

    contact = forms.ModelChoiceField(Contact.objects.none(), label="About which parent?", widget=forms.RadioSelect)
    route = forms.ChoiceField(label="What is asked for?", choices=Pack.Route.choices, widget=forms.RadioSelect)
    first = forms.DateField(label="First day")
    last = forms.DateField(label="Last day")

    def __init__(self, *args: Any, pupil: Pupil, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        contact: Any = self.fields["contact"]
        contact.queryset = pupil.contacts.all()


class ItemForm(forms.Form):
    on = forms.DateField(label="Of which day?")
    title = forms.CharField(label="What is it?", max_length=200)
    text = text("Its words", "Who was there, what was said, what was agreed.", rows=5, most=10000)
    file = forms.FileField(
        label="Or the paper itself",
        required=False,
        help_text="PDF, JPEG or PNG, 10 MB at most: a leave form, minutes, an agency's letter. Its pages go into the "
        "pack; links, forms and scripts in it do not.",
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        file: UploadedFile | None = values.pop("file", None)
        values["upload"] = None
        if file:
            try:
                content = file.read(LARGEST_FILE + 1)
                values["upload"] = Upload(file.name or "", hashlib.sha256(content).hexdigest(), clean(content))
            except CannotUse as fault:
                self.add_error("file", str(fault))
        elif not values.get("text", "").strip():
            self.add_error("text", "Write its words, or choose a file.")
        return values


class ReasonForm(forms.Form):
    why = text("Why is it left out?", "The reason is printed in its place.", required=True)


class ChecklistForm(forms.Form):
    """Each line with its answer and its day."""

    def __init__(self, *args: Any, ticked: dict[str, Ticked], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, line in CHECKLIST.items():
            now = ticked.get(key, Ticked())
            self.fields[key] = forms.ChoiceField(label=line, choices=ANSWERS, required=False, initial=now.answer)
            self.fields[f"{key}_on"] = forms.DateField(label=f"Day: {line}", required=False, initial=now.on)

    def answers(self) -> dict[str, Ticked]:
        """The answers of a valid form."""
        return {key: Ticked(self.cleaned_data[key], self.cleaned_data[f"{key}_on"]) for key in CHECKLIST}


class StatementForm(forms.Form):
    statement = text("The statement", required=True, rows=10, most=10000)
    signature = forms.CharField(label="Sign with your name", max_length=100)


class OrderForm(forms.Form):
    """Another order with its days."""

    kind = forms.ChoiceField(label="Which?", choices=Order.Kind.choices, widget=forms.RadioSelect)
    contact = forms.ModelChoiceField(
        Contact.objects.none(), label="About which parent?", required=False, empty_label="The family as a whole"
    )
    asked_on = forms.DateField(label="Offered or asked for on")
    made_on = forms.DateField(label="Agreed or made on", required=False)
    ends_on = forms.DateField(label="Ends on", required=False)
    outcome = forms.CharField(label="What came of it", max_length=300, required=False)
    note = text("Note")
    parents_do = text("For a contract: what the parents will do", "One a line; the letter says it.")
    school_do = text("For a contract: what the school will do", "One a line.")
    with_letter = forms.BooleanField(
        label="Propose the letter", required=False, help_text="The contract, or the warning of legal action."
    )

    def __init__(self, *args: Any, pupil: Pupil, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        contact: Any = self.fields["contact"]
        contact.queryset = pupil.contacts.all()

    def lines(self, name: str) -> list[str]:
        return [line.strip() for line in self.cleaned_data[name].splitlines() if line.strip()]
