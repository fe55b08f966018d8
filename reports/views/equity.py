"""What casework did, by group, for governors: no name, small numbers hidden."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from attendance_mis import clock
from attendance_mis.permissions import Permission, requires
from attendance_mis.requests import Request
from casework.equity import equity_of_year
from registers.calendar_rules import academic_year_bounds, academic_year_of, year_name
from registers.former_facts import as_they_were, groups_as_at
from reports import aggregates, equity
from reports.explained import Ask, Line
from reports.figures import Figures, Question
from reports.ranges import DEFAULT, Range
from reports.views.asking import explains
from reports.views.printed import explain_printed


@requires(Permission.READ_GOVERNOR_REPORT)
def see_casework(request: Request) -> HttpResponse:
    request.explains = explains(request, "reports:explain_casework")
    return render(request, "reports/see_casework.html", _casework(request))


@requires(Permission.READ_GOVERNOR_REPORT)
def explain_casework(request: Request, figure: str) -> HttpResponse:
    """A number of that page, and nothing that the page does not show."""
    shown = _casework(request)
    back = reverse("reports:see_casework", args=[request.school.urn]), "Casework by group"
    days = f"{shown['year']} up to {shown['today']:%-d %B %Y}"
    return explain_printed(request, figure, shown["lines"], days=days, threshold=shown["threshold"], back=back)


def _line(family: str, row: equity.HiddenRow) -> Line:
    about = row.name if family == row.name else f"{family}: {row.name}"
    shown = {
        "pupils": row.pupils,
        "reached": None if row.reached is None else f"about {row.reached}%",
        "cases": row.cases,
        "improved": row.improved,
    }
    asks = {"family": family, "row": row.name}
    return Line(row.name, [(said, Ask(figure, about, asks)) for figure, said in shown.items()], family)


def _casework(request: Request) -> dict[str, Any]:
    today = clock.today(request.school)
    year = academic_year_of(today)
    so_far = Range(DEFAULT, "", academic_year_bounds(year)[0], today)
    threshold = request.school.small_numbers_under
    figures = Figures(Question(request.school, today, so_far, so_far))
    pupils = [each for each in as_they_were(figures.pupils, figures.former) if each.summary.possible]
    of = equity_of_year(pupils, so_far.first, today)
    table = equity.table(of, threshold, aggregates.not_shown(figures))
    told = table if equity.is_telling(table) else []
    return {
        "lines": [_line(family, row) for family, rows in told for row in rows],
        "year": year_name(year),
        "today": today,
        "threshold": threshold,
        "groups_as_at": groups_as_at(request.school, year, today),
    }
