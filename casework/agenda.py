"""The agenda of a supervision as one PDF: each case file in date order. Reading only, the same queries for any number.

The confidential notes are not in it: they are read on their own page, which records it.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.template.loader import render_to_string

from attendance_mis.models import AuditRow, School
from attendance_mis.pdf import render_pdf
from casework.models import Case, ContactRecord, Supervision
from letters.models import Letter
from registers.enclosure import AttendanceEnclosure, attendance_enclosures, this_year

# The contact records stand in a part of their own, and who read what is no news of the family.
NOT_CHRONICLE = ("record_contact", "read_confidential_notes")


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One case as it is supervised; everything in date order, the oldest first."""

    case: Case
    summary: AttendanceEnclosure | None
    chronology: list[AuditRow]
    contacts: list[ContactRecord]
    letters: list[Letter]
    decisions: list[Supervision]


def case_files(school: School, cases: Sequence[Case], today: date) -> list[CaseFile]:
    """The files of these cases, in the order given, from the year's beginning or the case's, whichever is earlier."""
    pupils = [case.pupil_id for case in cases]
    first = min([this_year(school, today)[0], *(case.opened_on for case in cases)])
    begin = datetime.combine(first, datetime.min.time(), school.zone)
    chronology: dict[int | None, list[AuditRow]] = defaultdict(list)
    contacts: dict[int, list[ContactRecord]] = defaultdict(list)
    letters: dict[int, list[Letter]] = defaultdict(list)
    rows = AuditRow.objects.filter(
        school=school, pupil_id__in=pupils, subject_type__startswith="casework.", at__gte=begin
    )
    for row in rows.exclude(verb__in=NOT_CHRONICLE).order_by("at", "pk"):
        chronology[row.pupil_id].append(row)
    records = ContactRecord.objects.filter(pupil__in=pupils, day__gte=first).standing()
    for record in records.order_by("at", "pk"):
        contacts[record.pupil_id].append(record)
    sent = Letter.objects.filter(pupil__in=pupils, state=Letter.State.APPROVED, dated__gte=first)
    for letter in sent.select_related("template").prefetch_related("copies").order_by("dated", "pk"):
        letters[letter.pupil_id].append(letter)
    summaries = {each.pupil_id: each for each in attendance_enclosures(school, pupils, *this_year(school, today))}
    return [
        CaseFile(
            case,
            summaries.get(case.pupil_id),
            chronology[case.pupil_id],
            contacts[case.pupil_id],
            letters[case.pupil_id],
            sorted(case.supervisions.all(), key=lambda each: each.on),
        )
        for case in cases
    ]


def as_pdf(school: School, cases: Sequence[Case], today: date, by: str) -> bytes:
    """The agenda, a case on a new page."""
    context = {"school": school, "files": case_files(school, cases, today), "today": today, "by": by}
    html = render_to_string("casework/agenda_pdf.html", context)
    return render_pdf(html, "registers/summary.css", "casework/agenda.css")
