"""The forms of a school's attendance work as data: their versions, sections and typed fields. Pure.

`data/forms.toml` holds them. An answer is kept as JSON by the kind of its field: text, a day as YYYY-MM-DD, a list of
texts, or for `done` an answer with its day.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data" / "forms.toml"
KINDS = frozenset({"line", "text", "lines", "day", "choice", "ticks", "done"})

Answers = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One question of a form. A day may have to be past, or after another day of the form (by its key)."""

    key: str
    label: str
    kind: str
    hint: str = ""
    required: bool = False
    is_past: bool = False
    after: str = ""
    choices: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in KINDS or bool(self.choices) != (self.kind in ("choice", "ticks")):
            raise ValueError(f"{self.key}: {self.kind} is no kind of field, or its choices do not go with it")


@dataclass(frozen=True, slots=True)
class Section:
    """Questions that belong together."""

    title: str
    fields: tuple[Field, ...]
    note: str = ""
    states: str = ""


@dataclass(frozen=True, slots=True)
class FormDefinition:
    """One version of a form. `is_of_record`: its answers are not typed in, they come from another record."""

    key: str
    version: int
    title: str
    about: str
    purpose: str
    sections: tuple[Section, ...]
    signs: tuple[str, ...] = ()
    declares: str = ""
    layout: str = "sections"
    is_of_record: bool = False
    begins: Mapping[str, str] = field(default_factory=dict)

    @property
    def fields(self) -> Iterator[Field]:
        return (each for section in self.sections for each in section.fields)


@cache
def _definitions() -> dict[tuple[str, int], FormDefinition]:
    with DATA.open("rb") as file:
        tables = tomllib.load(file)["form"]
    return {(table["key"], table["version"]): _definition(table) for table in tables}


def _definition(table: dict[str, Any]) -> FormDefinition:
    sections = tuple(
        Section(
            section["title"],
            tuple(Field(**{**each, "choices": tuple(each.get("choices", ()))}) for each in section["fields"]),
            section.get("note", ""),
            section.get("states", ""),
        )
        for section in table["section"]
    )
    rest = {key: value for key, value in table.items() if key not in ("section", "signs")}
    return FormDefinition(**rest, sections=sections, signs=tuple(table.get("signs", ())))


def definition(key: str, version: int) -> FormDefinition:
    """A version of a form. Raises KeyError."""
    return _definitions()[key, version]


def current(key: str) -> FormDefinition:
    """The newest version of a form. Raises KeyError."""
    return max((each for each in _definitions().values() if each.key == key), key=lambda each: each.version)


def every_version() -> list[FormDefinition]:
    return list(_definitions().values())


def to_fill_in(about: str) -> list[FormDefinition]:
    """The newest version of each form that people fill in about a `pupil` or the `school`, in their order."""
    keys = dict.fromkeys(key for key, _ in _definitions())
    newest = [current(key) for key in keys]
    return [each for each in newest if each.about == about and not each.is_of_record]


def faults_of(form: FormDefinition, answers: Answers, today: date) -> dict[str, str]:
    """What is wrong with the days of a form, by the key of the field; empty means nothing is."""
    labels = {each.key: each.label for each in form.fields}
    found = {}
    for each in form.fields:
        if each.kind != "day" or not answers.get(each.key):
            continue
        day = date.fromisoformat(answers[each.key])
        if each.is_past and day > today:
            found[each.key] = "This day has not come yet."
        elif each.after and answers.get(each.after) and day <= date.fromisoformat(answers[each.after]):
            found[each.key] = f"{each.label} must be after this: {labels[each.after].lower()}."
    return found


def said(question: Field, answer: Any) -> list[str]:
    """An answer in words, a paragraph each; empty when nothing was answered."""
    if not answer:
        return []
    match question.kind:
        case "day":
            return [f"{date.fromisoformat(answer):%-d %B %Y}"]
        case "lines" | "ticks":
            return list(answer)
        case "done":
            words = answer.get("answer", "").capitalize()
            if answer.get("on"):
                words += f", {date.fromisoformat(answer['on']):%-d %B %Y}"
            return list(filter(None, [words, answer.get("note", "")]))
    return [line for line in answer.splitlines() if line.strip()]
