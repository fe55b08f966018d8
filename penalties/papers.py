"""The papers of penalties: tagged PDF from the words as they are stored, kept with their hash."""

import hashlib

from django.template.loader import render_to_string

from attendance_mis import clock
from attendance_mis.actors import Actor
from attendance_mis.models import School
from attendance_mis.pdf import render_pdf
from penalties.improvement import IMPROVEMENT_CONTENTS
from penalties.models import Document, ImprovementNotice, PenaltyNotice
from penalties.notices import CONTENTS, OFFENCE_PARTICULARS

STYLE = "penalties/paper.css"


def keep(title: str, content: bytes, school: School, by: Actor) -> Document:
    """Keep a document byte for byte."""
    return Document.objects.create(
        school=school,
        title=title,
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        made_on=clock.today(school),
        made_by_id=by.user_id,
    )


def notice_paper(notice: PenaltyNotice) -> bytes:
    """A penalty notice as it is issued: the offence and the eleven contents in the order of the regulations."""
    parts = [
        (content.letter, content.what[0].upper() + content.what[1:], notice.contents.get(content.field, ""))
        for content in (OFFENCE_PARTICULARS, *CONTENTS)
    ]
    values = {"notice": notice, "school": notice.pupil.school, "parts": parts}
    return render_pdf(render_to_string("penalties/notice_pdf.html", values), STYLE)


def improvement_paper(notice: ImprovementNotice, by: Actor) -> bytes:
    """A notice to improve as it is offered."""
    parts = [
        (what[0].upper() + what[1:], notice.contents.get(field, "")) for field, what in IMPROVEMENT_CONTENTS.items()
    ]
    values = {"notice": notice, "school": notice.pupil.school, "parts": parts, "by": by}
    return render_pdf(render_to_string("penalties/improvement_pdf.html", values), STYLE)
