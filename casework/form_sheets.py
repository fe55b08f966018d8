"""A filled form, an empty one, or one contact as a sheet: what its page and its PDF both show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string

from attendance_mis.models import School
from attendance_mis.pdf import render_pdf
from casework import legal_checklist
from casework.form_definitions import Field, FormDefinition, Section, current, said
from casework.form_record import contact_answers, head_of
from casework.models import ContactRecord, FilledForm, FormSignature
from registers.models import Pupil


@dataclass(frozen=True, slots=True)
class Line:
    """One question with its answer in words; no paragraph: it was not answered."""

    asked: Field
    paragraphs: list[str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A form ready to be shown."""

    school: School
    form: FormDefinition
    facts: Sequence[Sequence[str]]
    parts: list[tuple[Section, list[Line]]]
    signatures: Mapping[str, list[FormSignature]]
    missing: list[str]
    footer: str = ""
    is_empty: bool = False
    is_complete: bool = False
    correction: str = ""

    @property
    def columns(self) -> list[str]:
        """The heads of a grid: its rows are the sections."""
        return [field.label for field in self.form.sections[0].fields]

    @property
    def signature_lines(self) -> list[tuple[str, FormSignature | None]]:
        """Every line of the signature block, with who has signed there."""
        left = {line: list(signed) for line, signed in self.signatures.items()}
        return [(line, left[line].pop(0) if left.get(line) else None) for line in self.form.signs]


def sheet_of(filled: FilledForm) -> Sheet:
    """A form as it was filled in."""
    form = filled.definition
    signatures: dict[str, list[FormSignature]] = {}
    for signature in filled.signatures.all():
        signatures.setdefault(signature.line, []).append(signature)
    is_checklist = form.key == legal_checklist.FORM
    missing = legal_checklist.why_not_complete(legal_checklist.from_answers(filled.answers)) if is_checklist else []
    at = filled.made_at.astimezone(filled.school.zone)
    return Sheet(
        school=filled.school,
        form=form,
        facts=filled.facts,
        parts=_parts(form, filled.answers),
        signatures=signatures,
        missing=missing,
        footer=f"Filled in on {at:%-d %B %Y, %H:%M} by {filled.by_name}, {filled.by_position}.",
        is_complete=filled.is_complete,
        correction=f"It corrects the form of {filled.corrects.on:%-d %B %Y}: {filled.why}" if filled.corrects else "",
    )


def empty_sheet(school: School, form: FormDefinition, pupil: Pupil, today: Any) -> Sheet:
    """The form with its head and nothing else, to be filled in by hand."""
    return Sheet(school, form, head_of(pupil, today), _parts(form, {}), {}, [], is_empty=True)


def contact_sheet(record: ContactRecord) -> Sheet:
    """One contact as its form (appendix 7)."""
    form = current("contact_record")
    facts = [["Pupil", f"{record.pupil}"], ["Name of staff", f"{record.by_name}, {record.by_position}"]]
    corrected = "It was corrected later; it stands as it was written." if record.corrections.all() else ""
    return Sheet(record.school, form, facts, _parts(form, contact_answers(record)), {}, [], correction=corrected)


def _parts(form: FormDefinition, answers: Mapping[str, Any]) -> list[tuple[Section, list[Line]]]:
    return [
        (section, [Line(field, said(field, answers.get(field.key))) for field in section.fields])
        for section in form.sections
    ]


def as_pdf(sheet: Sheet) -> bytes:
    """The sheet on A4, tagged, with its signature block."""
    return render_pdf(render_to_string("casework/form_pdf.html", {"sheet": sheet}), "casework/form.css")
