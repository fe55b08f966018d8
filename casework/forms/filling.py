"""A form of `data/forms.toml` as fields of a page, and its answers as they are stored."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.forms import BoundField

from casework.form_definitions import Field, FormDefinition, Section, faults_of
from casework.legal_checklist import ANSWERS, Found


@dataclass(frozen=True, slots=True)
class Question:
    """One question with its bound fields: one, or three of a line that is ticked with its day."""

    asked: Field
    fields: list[BoundField]
    found: Found | None = None

    @property
    def is_done(self) -> bool:
        """Whether it is a line to be ticked."""
        return self.asked.kind == "done"


class FillForm(forms.Form):
    """A page that fills in one form. `found` is what the record says of its lines, shown beside them."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any,
        *,
        definition: FormDefinition,
        today: date,
        answers: Mapping[str, Any],
        found: Mapping[str, Found] | None = None,
        initial: Mapping[str, Any],
    ) -> None:
        values = dict(initial)
        for question in definition.fields:
            values |= _initial(question, answers.get(question.key))
        super().__init__(data, initial=values)
        self.definition, self.today, self.found = definition, today, found or {}
        for question in definition.fields:
            self.fields |= _fields(question)

    def sections(self) -> Iterator[tuple[Section, list[Question]]]:
        """The sections with their questions, as the page shows them."""
        for section in self.definition.sections:
            yield section, [self._question(question) for question in section.fields]

    def _question(self, question: Field) -> Question:
        return Question(question, [self[name] for name in _fields(question)], self.found.get(question.key))

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for key, fault in faults_of(self.definition, self.answers(values), self.today).items():
            self.add_error(key, fault)
        for question in self.definition.fields:
            day = values.get(f"{question.key}_on") if question.kind == "done" else None
            if day and day > self.today:
                self.add_error(f"{question.key}_on", "This day has not come yet.")
        return values

    def answers(self, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The answers as they are stored; what was left empty is not among them."""
        values = self.cleaned_data if values is None else values
        found = {question.key: _answer(question, values) for question in self.definition.fields}
        return {key: answer for key, answer in found.items() if answer}


class ChecklistFillForm(FillForm):
    """A checklist, which may be called complete with the same click."""

    is_complete = forms.BooleanField(
        label="It is complete",
        required=False,
        help_text="Refused while a line is not done, or has no day. Without this tick it is saved as it stands.",
    )


class CorrectionFields(forms.Form):
    """Why a form is corrected."""

    why = forms.CharField(label="Why is it corrected?", max_length=300)


class SignatureForm(forms.Form):
    """Who signed on which line of the paper."""

    line = forms.ChoiceField(label="As", widget=forms.RadioSelect)
    name = forms.CharField(label="Name of who signed", max_length=100)
    on = forms.DateField(label="Day of the signature")

    def __init__(self, *args: Any, definition: FormDefinition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        line: Any = self.fields["line"]
        line.choices = [(each, each) for each in dict.fromkeys(definition.signs)]


def _fields(question: Field) -> dict[str, forms.Field]:
    common: dict[str, Any] = {"label": question.label, "help_text": question.hint, "required": question.required}
    match question.kind:
        case "line":
            return {question.key: forms.CharField(max_length=300, **common)}
        case "day":
            return {question.key: forms.DateField(**common)}
        case "choice":
            choices = [(each, each) for each in question.choices]
            return {question.key: forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **common)}
        case "ticks":
            choices = [(each, each) for each in question.choices]
            field = forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **common)
            return {question.key: field}
        case "done":
            return {
                question.key: forms.ChoiceField(label="Done?", choices=ANSWERS, required=False),
                f"{question.key}_on": forms.DateField(label="Day", required=False),
                f"{question.key}_note": forms.CharField(label="How", required=False, max_length=300),
            }
    rows = forms.Textarea(attrs={"rows": 3})
    return {question.key: forms.CharField(max_length=4000, widget=rows, **common)}


def _initial(question: Field, answer: Any) -> dict[str, Any]:
    if not answer:
        return {}
    if question.kind == "done":
        return {
            question.key: answer.get("answer"),
            f"{question.key}_on": answer.get("on"),
            f"{question.key}_note": answer.get("note"),
        }
    return {question.key: "\n".join(answer) if question.kind == "lines" else answer}


def _answer(question: Field, values: Mapping[str, Any]) -> Any:
    value = values.get(question.key)
    match question.kind:
        case "day":
            return value.isoformat() if value else ""
        case "lines":
            return [line.strip() for line in (value or "").splitlines() if line.strip()]
        case "done":
            if not value:
                return None
            on = values.get(f"{question.key}_on")
            return {
                "answer": value,
                "on": on.isoformat() if on else "",
                "note": values.get(f"{question.key}_note", ""),
            }
    return value
