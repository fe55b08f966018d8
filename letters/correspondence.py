"""A family's correspondence as one PDF: contents, then every letter as it was made. Reading only."""

from datetime import date
from io import BytesIO

from django.template.loader import render_to_string
from pypdf import PdfReader

from attendance_mis.pdf import join, render_pdf
from letters.actions.rendering import stored
from letters.models import Letter, StoredPdf
from registers.models import Pupil


def as_pdf(pupil: Pupil, today: date) -> bytes:
    """Contents with page numbers first, then the letters from the oldest on; each is an outline entry too."""
    letters = Letter.objects.about(pupil.pk).filter(state=Letter.State.APPROVED)
    made = list(
        StoredPdf.objects.filter(copy__letter__in=letters)
        .select_related("copy__letter")
        .defer("data")
        .order_by("copy__letter__dated", "copy__pk")
    )
    head = _contents(pupil, today, made, [0] * len(made))
    at, starts = len(PdfReader(BytesIO(head)).pages) + 1, []
    for each in made:
        starts.append(at)
        at += each.pages
    return join(
        _contents(pupil, today, made, starts),
        [stored(each.copy) for each in made],
        titles=[f"{each.copy.letter.dated} {each.copy.letter.label}, {each.copy.addressee}" for each in made],
    )


def _contents(pupil: Pupil, today: date, made: list[StoredPdf], starts: list[int]) -> bytes:
    rows = list(zip(made, starts, strict=True))
    html = render_to_string(
        "letters/correspondence_pdf.html", {"pupil": pupil, "school": pupil.school, "today": today, "rows": rows}
    )  # fmt: skip
    return render_pdf(html, "letters/print_run.css")
