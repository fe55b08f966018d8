"""Reports for people as PDF: class lists, newsletter figures, reports to parents, certificates."""

from typing import Any

from django.template.loader import render_to_string

from attendance_mis import clock
from attendance_mis.models import School
from attendance_mis.pdf import render_pdf
from letters import series
from letters.drawing import DEFAULTS


def parents_pdf(school: School, found: list[Any]) -> bytes:
    """Attendance summaries as a PDF, a sheet each; drawn as letters are, for there are as many."""
    html = render_to_string("reports/parent_reports_pdf.html", {"found": found, "school": school})
    return series.render(html, "reports/parents.css", defaults=DEFAULTS, pictures={})[0]


def class_list_pdf(school: School, week: dict[str, Any]) -> bytes:
    """A class's week and year so far; `week` as `querysets.people.week_of_class` gives it."""
    html = render_to_string("reports/class_list_pdf.html", {**week, "school": school})
    return render_pdf(html, "reports/lists.css")


def newsletter_pdf(school: School, week: dict[str, Any]) -> bytes:
    """The week's figures by class; `week` as `querysets.people.challenge` gives it."""
    html = render_to_string("reports/newsletter_pdf.html", {**week, "school": school})
    return render_pdf(html, "reports/lists.css")


def awards_pdf(school: School, half_term: str, awards: list[Any]) -> bytes:
    """Certificates, one a sheet."""
    context = {"half_term": half_term, "awards": awards, "school": school, "today": clock.today(school)}
    return render_pdf(render_to_string("reports/awards_pdf.html", context), "reports/awards.css")
