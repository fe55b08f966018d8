"""Explain a number of a page of casework or of penalties: the floors below print, this one explains."""

from collections.abc import Mapping
from datetime import date

from django.http import Http404, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse

from attendance_mis import clock
from attendance_mis.permissions import Permission, requires
from attendance_mis.requests import Request, per_page
from casework.equity import Equity, behind, equity_of, row_of
from casework.impact import Row, Worked, by_barrier, by_support, together
from casework.models import Case, Plan
from casework.querysets.impact import worked_in
from penalties import dashboard
from penalties.numbers import FEWEST, HIDDEN
from registers.calendar_rules import academic_year_bounds, academic_year_of, year_name
from registers.models import Pupil
from reports.explained import Ask, Line
from reports.views.printed import explain_printed

LISTED = 20
Behind = list[tuple[Pupil, str]]
# How an address names each number of a row of cases or of a group, and what it is there.
CASES = {"worked": "cases", "opened": "opened", "closed": "closed", "bettered": "improved", "with-plan": "compared"}
GROUPS = {
    "on-roll": "pupils",
    "needing": "needing",
    "needing-reached": "reached",
    "with-case": "cases",
    "with-case-bettered": "improved",
}
COUNTED = {
    "worked": "case_id",
    "opened": "is_opened",
    "closed": "is_closed",
    "bettered": "is_improved",
    "with-plan": "plans",
}


@requires(Permission.SEE_CASES)
def explain_impact(request: Request, figure: str) -> HttpResponse:
    """Its cases or pupils by name: whoever sees the page sees every case."""
    today = clock.today(request.school)
    year = academic_year_of(today)
    first, last = academic_year_bounds(year)
    if figure in GROUPS:
        lines, found = _of_a_group(request, figure, equity_of(request.school, first, today))
    elif figure in CASES:
        lines, found = _of_cases(request, figure, worked_in(first, last), first, last)
    else:
        raise Http404
    days = f"{year_name(year)} up to {today:%-d %B %Y}"
    back = reverse("casework:see_impact", args=[request.school.urn]), "Impact"
    shown = found[: per_page(request, LISTED)]
    return explain_printed(request, figure, lines, days=days, back=back, behind=shown, all_behind=len(found))


def _of_a_group(request: Request, figure: str, equity: Equity) -> tuple[list[Line], Behind]:
    """The rows of the page by group, and the pupils behind the number that is asked for."""
    groups = {("All pupils", "All pupils"): equity.on_roll} | {
        (family, name): pupils for family, rows in equity.families.items() for name, pupils in rows.items()
    }
    lines = []
    for (family, name), pupils in groups.items():
        row = row_of(name, pupils, equity)
        shown = {each: getattr(row, what) for each, what in GROUPS.items()}
        shown["with-case-bettered"] = row.improved_of_closed if row.closed else None
        about = name if family == name else f"{family}: {name}"
        lines.append(_line(about, shown, {"family": family, "row": name}))
    group = groups.get((request.GET.get("family", ""), request.GET.get("row", "")), frozenset())
    counted = Pupil.objects.filter(pk__in=behind(group, equity)[GROUPS[figure]])
    return lines, [(pupil, f"year {pupil.year_group}") for pupil in counted]


def _of_cases(request: Request, figure: str, cases: list[Worked], first: date, last: date) -> tuple[list[Line], Behind]:
    """The tiles and the rows by barrier and support, and the cases or plans behind the number that is asked for."""
    rows: list[tuple[Row, dict[str, str]]] = [
        (together(cases), {}),
        *((row, {"barrier": row.name}) for row in by_barrier(cases)),
        *((row, {"support": row.name}) for row in by_support(cases)),
    ]
    lines = [
        _line(
            row.name,
            {each: getattr(row, what) for each, what in CASES.items() if each != "with-plan" or row.compared},
            asks,
        )
        for row, asks in rows
    ]
    asked = {name: request.GET[name] for name in ("barrier", "support") if name in request.GET}
    worked = next((row.worked for row, asks in rows if asks == asked), [])
    ids = [each.case_id for each in worked if getattr(each, COUNTED[figure])]
    if figure == "with-plan":
        reviewed = Plan.objects.filter(case__in=ids, is_reviewed=True, reviewed_on__range=(first, last))
        plans = reviewed.filter(helped__contains=[asked.get("support", "")]).select_related("case__pupil")
        values = {"urn": request.school.urn}
        return lines, [
            (plan.case.pupil, render_to_string("casework/_before_and_with.html", values | {"plan": plan}))
            for plan in plans
        ]
    return lines, [(case.pupil, _said(case)) for case in Case.objects.filter(pk__in=ids).select_related("pupil")]


@requires(Permission.PREPARE_PENALTY)
def explain_penalties(request: Request, figure: str) -> HttpResponse:
    """From what the page prints and nothing else, without names: a number that it hides has no explanation."""
    this = academic_year_of(clock.today(request.school))
    lines = [
        Line(row.name, [(shown, Ask(row.figure, f"{row.name}, {year_name(year)}", {"of": row.name, "year": year}))])
        for table in dashboard.years_in_numbers(request.school, this)
        for row in table
        for year, shown in row.cells
        if shown != HIDDEN
    ]
    days = {f"{year}": academic_year_bounds(year) for year in dashboard.years_shown(this)}
    first, last = days.get(request.GET.get("year", ""), (None, None))
    return explain_printed(
        request,
        figure,
        lines,
        days=f"{first:%-d %B %Y} to {last:%-d %B %Y}" if first and last else "",
        threshold=FEWEST,
        back=(reverse("penalties:see_summary", args=[request.school.urn]), "Penalties in numbers"),
    )


def _line(about: str, shown: Mapping[str, object], asks: Mapping[str, object]) -> Line:
    return Line(about, [(said, Ask(figure, about, asks)) for figure, said in shown.items()])


def _said(case: Case) -> str:
    since = f"opened {case.opened_on:%-d %B %Y}"
    if case.closed_on is None:
        return f"{since}, still open"
    return f"{since}, closed {case.closed_on:%-d %B %Y}: {case.get_outcome_display().lower()}"
