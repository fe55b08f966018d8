"""Make the report to governors of a half-term, and freeze it."""

import hashlib
import json
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.template.loader import render_to_string
from django.utils import timezone

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School
from attendance_mis.pdf import render_pdf
from registers.calendar_rules import Span
from reports.governor import document
from reports.governor_drawing import drawn
from reports.models import GovernorReport
from reports.querysets.governor import last_school_day, material, spans_of
from reports.scheduled import STILL_MADE


def digest(figures: dict[str, Any]) -> str:
    """sha256 over the figures as JSON: keys in order, no spaces, UTF-8."""
    text = json.dumps(figures, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def why_not_report(span: Span | None, today: date) -> list[str]:
    """Why there is no report of a half-term; empty means one can be made."""
    if span is None:
        return ["The school's calendar has no such half-term."]
    return [f"{span} has not begun."] if span.start > today else []


@transaction.atomic
def make_governor_report(*, school: School, academic_year: int, half_term: int, by: Actor) -> GovernorReport:
    """The report of a half-term, up to today while it runs. A second one of the same stands beside the first."""
    School.objects.select_for_update(no_key=True).get(pk=school.pk)
    today = clock.today(school)
    named = (academic_year, f"HT{half_term}")
    span = next((s for s in spans_of(school, today) if (s.academic_year, s.name) == named), None)
    if span is None:
        raise Refused(why_not_report(span, today))
    figures = document(material(school, span, today))
    same = GovernorReport.objects.filter(academic_year=academic_year, half_term=half_term)
    version = (same.aggregate(highest=Max("version"))["highest"] or 0) + 1
    value = digest(figures)
    html = render_to_string(
        "reports/governor_report_pdf.html",
        {"of": drawn(figures), "digest": value, "version": version, "made": clock.now(school), "by": by.position},
    )
    audit.pass_gate(school.pk)
    report = GovernorReport.objects.create(
        school=school,
        academic_year=academic_year,
        half_term=half_term,
        version=version,
        first=span.start,
        last=min(span.end, today),
        figures=figures,
        digest=value,
        pdf=render_pdf(html, "reports/governor.css"),
        at=timezone.now(),
        by_id=by.user_id,
        by_position=by.position,
    )
    audit.record(
        "make_governor_report",
        report,
        school_id=school.pk,
        by=by,
        summary=f"Made the report to governors of half-term {half_term}, {figures['year']} (version {version}).",
        data={"digest": value},
    )
    return report


def make_at_half_term(*, school: School, day: date) -> GovernorReport | None:
    """The report of the half-term that is over, on its last school day or, if that evening was missed, soon after.

    Nothing when somebody has made it then or later, or when no half-term is over.
    """
    spans = [(span, last) for span in spans_of(school, day)[-2:] if (last := last_school_day(span)) and last <= day]
    if not spans or day - spans[-1][1] > STILL_MADE:
        return None
    span, last = spans[-1]
    number = int(span.name[-1])
    if GovernorReport.objects.filter(academic_year=span.academic_year, half_term=number, last__gte=last).exists():
        return None
    by = Actor.system("End of the half-term")
    return make_governor_report(school=school, academic_year=span.academic_year, half_term=number, by=by)
