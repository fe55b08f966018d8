"""The schools of a trust side by side: aggregates only, small numbers hidden, to the end of last week."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from attendance_mis import clock
from attendance_mis.models import School, Trust
from attendance_mis.permissions import ROLES, Permission, open_to
from attendance_mis.requests import Request
from registers.attendance import Group
from registers.calendar_rules import academic_year_of
from reports import benchmarks, charts, kept
from reports.definitions import meaning_of
from reports.explained import Ask, Line
from reports.figures import days_per_pupil, points
from reports.models import PublishedRate
from reports.pictures import absence_percent
from reports.querysets.days import first_day_of
from reports.ranges import Range
from reports.views.asking import explains
from reports.views.printed import explain_printed


@dataclass(frozen=True, slots=True)
class SchoolRow:
    """A school's figures; a number that its school calls small, or with so few besides it, is None.

    Of a school with so few pupils nothing is shown. What is not shown of it here, its own governors' page hides too.
    """

    school: School
    group: Group | None
    days: Decimal | None
    change: Decimal | None
    persistent: int | None
    severe: int | None
    rate: benchmarks.Benchmark | None

    @property
    def attendance(self) -> Decimal | None:
        """In per cent; None where it is hidden, or nothing was possible."""
        return self.group.total.percent if self.group else None

    @property
    def line(self) -> Line:
        """The row as it is printed, which is all that its explanations know."""
        group, name = self.group, self.school.name
        shown: dict[str, Any] = dict.fromkeys(("pupils", "missed", "attendance"))
        if group:
            shown = {
                "pupils": group.pupils,
                "missed": "–" if self.days is None else self.days,
                "attendance": _percent(self.attendance),
            }
        shown |= {
            "change": "–" if self.change is None else f"{self.change:+}" if self.change else self.change,
            "england": _percent(self.rate.attendance if self.rate else None),
            "persistent": None,
            "severe": None,
        }
        if group and self.persistent is not None:
            shown["persistent"] = f"{self.persistent} of {group.counted} ({_percent(group.persistent_percent)})"
        if group and self.severe is not None:
            shown["severe"] = f"{self.severe} ({_percent(group.severe_percent)})"
        return Line(name, [(said, Ask(figure, name, self.asks)) for figure, said in shown.items()])

    @property
    def asks(self) -> dict[str, object]:
        return {"school": self.school.urn}


def _percent(percent: Decimal | None) -> str:
    return "–" if percent is None else f"{percent} %"


def rows(trust: Trust) -> tuple[list[SchoolRow], Range]:
    """Every school of the trust, the lowest attendance first, and the days: this year to the end of last week."""
    schools = list(trust.schools.all())
    today = max((clock.today(school) for school in schools), default=date.min)
    if not schools:
        return [], Range("", "", today, today)
    (first, last), before = kept.this_year(today)
    now, earlier = kept.of_schools([school.pk for school in schools], (first, last), before)
    known = benchmarks.england() + [row.benchmark for row in PublishedRate.objects.filter(level="nation")]
    found = [
        _row(
            school,
            now[school.pk],
            earlier[school.pk],
            benchmarks.choose(known, phase=school.phase, academic_year=academic_year_of(last)),
        )
        for school in schools
    ]
    found.sort(key=lambda row: (row.attendance is None, row.attendance or 0, row.school.name))
    begins = first_day_of([school.pk for school in schools], first, last)
    return found, Range("", "This year to the end of last week", first, last, begins)


def _row(school: School, now: Group, before: Group, rate: benchmarks.Benchmark | None) -> SchoolRow:
    few = school.small_numbers_under
    if now.pupils < few:
        return SchoolRow(school, None, None, None, None, None, rate)
    change = points(now.total.percent, before.total.percent) if before.pupils >= few else None
    return SchoolRow(
        school=school,
        group=now,
        days=days_per_pupil(now),
        change=change,
        persistent=_shown(now.persistent, now.counted, threshold=few),
        severe=_shown(now.severe, now.counted, now.persistent, threshold=few),
        rate=rate,
    )


def _shown(part: int, *wholes: int, threshold: int) -> int | None:
    """A number, unless it is small or leaves few of one of those it is part of: all but one are as telling as one."""
    return part if part >= threshold and all(whole - part >= threshold for whole in wholes) else None


def _trust(request: Request, trust_id: int) -> Trust:
    """The trust, for who may see it; 403 for who leads none, 404 for another trust."""
    leads = [m for m in request.user.current_memberships() if m.trust_id and Permission.SEE_TRUST in ROLES[m.role]]
    if not leads:
        raise PermissionDenied(f"Your role does not let you {Permission.SEE_TRUST}.")
    if trust_id not in {membership.trust_id for membership in leads}:
        raise Http404
    return Trust.objects.get(pk=trust_id)


def _chart(found: list[SchoolRow]) -> charts.BarChart | None:
    england = next((row.rate for row in found if row.rate), None)
    drawn = [(row, missed) for row in found if row.group and (missed := absence_percent(row.group.total)) is not None]
    chart = charts.bar_chart(
        "Sessions missed by school, per cent",
        [(row.school.name, float(missed), float(row.rate.absence) if row.rate else None) for row, missed in drawn],
        comparison="England, schools of the same phase" if england else "",
    )
    asks = [
        [Ask("absence", row.school.name, row.asks), Ask("absence", "England", {**row.asks, "of": "england"})]
        for row, _ in drawn
    ]
    return charts.asking(chart, [each[: len(chart.table.head) - 1] for each in asks]) if drawn else None


@open_to("trust")
def explain_school(request: Request, trust_id: int, figure: str) -> HttpResponse:
    """A number of the trust page, and nothing that the page does not show."""
    trust = _trust(request, trust_id)
    found, days = rows(trust)
    chart = _chart(found)
    of_school = next((row for row in found if row.school.urn == request.GET.get("school")), None)
    return explain_printed(
        request, figure, [*(row.line for row in found), *(chart.table.lines if chart else [])],
        days=days.days, back=(reverse("trust:see_trust", args=[trust.pk]), f"{trust}: schools side by side"),
        threshold=of_school.school.small_numbers_under if of_school else None,
        said=f"{of_school.rate.sentence}." if of_school and of_school.rate else "",
    )  # fmt: skip


@open_to("trust")
def see_trust(request: Request, trust_id: int) -> HttpResponse:
    trust = _trust(request, trust_id)
    found, days = rows(trust)
    request.explains = explains(request, "trust:explain_school", (), trust.pk)
    context: dict[str, Any] = {
        "trust": trust, "rows": found, "days": days, "chart": _chart(found),
        "thresholds": sorted({row.school.small_numbers_under for row in found}),
        "definitions": meaning_of("missed", "attendance", "persistent", "severe"),
        "rates": sorted({row.rate.sentence for row in found if row.rate}),
    }  # fmt: skip
    return render(request, "reports/see_trust.html", context)
