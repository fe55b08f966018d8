"""Explain this number: what it means, the sum itself, who is behind it, who is left out and why, and the days."""

from dataclasses import replace
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render

from attendance_mis.permissions import Grant, Permission, can, requires
from attendance_mis.requests import Request, per_page
from registers.models import Pupil
from registers.views.pupils import reachable_pupil
from reports import finding
from reports.behind import (
    FIGURES,
    OF_ONE,
    Cell,
    behind_figure,
    compared,
    days_of,
    left_out,
    of_pattern,
    sessions_behind,
    sum_of,
)
from reports.definitions import DEFINITIONS
from reports.explained import Ask
from reports.figures import Figures
from reports.forms import ExplainFilter
from reports.groups import label
from reports.patterns import Pattern
from reports.views.asking import asked, frame
from reports.views.dashboards import tabs

LISTED = 20
# What of a cell the list of pupils does not ask.
_OF_NO_LIST = ("band", "ladder", "step", "pattern", "pupil", "whose", "file")


@requires(Permission.SEE_CLASS_FIGURES)
def explain(request: Request, figure: str) -> HttpResponse:
    """With the children behind it, for who sees figures by pupil; a teacher finds those of her classes."""
    if figure not in FIGURES:
        raise Http404
    figures, form = asked(request, request.grant, ExplainFilter)
    values = form.cleaned_data if form.is_bound and form.is_valid() else {}
    if form.names_no_cell or not _names_it(figure, values):
        raise Http404
    pupil = None
    if values.get("pupil"):
        pupil = reachable_pupil(request, values["pupil"])
        figures = Figures(replace(figures.question, reach=frozenset({pupil.pk}), key=()))
    pattern = finding.named(figures, pupil, values.get("pattern", "")) if figure == "pattern" else None
    if figure == "pattern" and not pattern:
        raise Http404
    whole, hers = "", None
    if pattern and not pupil and values.get("whose"):
        pupil = reachable_pupil(request, values["whose"])
        if pupil.pk not in figures.ids:
            raise Http404
        hers = sum(getattr(slot, pattern.counts) for slot in of_pattern(figures, pattern, pupil.pk))
    cell = Cell(
        figure,
        form.of_page,
        values.get("band"),
        values.get("ladder", ""),
        values.get("step", ""),
        pupil is not None,
        pattern,
        hers,
    )
    context = frame(request, figures, form)
    if pattern and hers is not None:
        whole = request.explains.address(pattern.ask())
    context |= {
        "of": _of_what(figures, form.classes, cell, pupil),
        "whom": label(figures.question.key, form.classes),
        "asked": days_of(figures, cell),
        "part": pattern or figures.question.part,
        "tabs": tabs(request),
        "slug": figure,
        "definition": DEFINITIONS[figure],
        "meaning": pattern.rule if pattern else DEFINITIONS[figure].meaning,
        "sum": sum_of(figures, cell),
        "compared": None if form.asks_a_year_before else compared(figures, cell),
        "left_out": left_out(figures, cell),
        "of_whom": "her own classes" if request.grant == Grant.OWN else "the school",
        "pupil": pupil,
        "whole_pattern": whole,
        "days_behind": sorted(pattern.days.items(), reverse=True) if pattern and not pupil else [],
        "may_see_pupils": bool(can(request.user, Permission.SEE_CLASS_FIGURES, request.school)),
    }
    if pupil:
        context["sessions"] = sessions_behind(figures, cell, pupil.pk)
        return render(request, "reports/explain.html", context)
    behind, shown = behind_figure(figures, cell), per_page(request, LISTED)
    names = Pupil.objects.in_bulk([each.pupil_id for each, _ in behind[:shown]])
    query = request.GET.copy()
    for name in _OF_NO_LIST:
        query.pop(name, None)
    query["show"] = DEFINITIONS[figure].behind or ""
    context |= {
        "behind": [
            (names[each.pupil_id], said, _part_of(pattern, names[each.pupil_id]))
            for each, said in behind[:shown]
            if each.pupil_id in names
        ],
        "all_behind": len(behind),
        "listed": query.urlencode() if DEFINITIONS[figure].behind is not None else "",
    }
    return render(request, "reports/explain.html", context)


def _part_of(pattern: Pattern | None, pupil: Pupil) -> Ask | None:
    """Where the sessions of one child are found that stand in a pattern of many."""
    return Ask("pattern", f"{pupil}", {"pattern": pattern.key, "whose": pupil.pk}) if pattern else None


def _names_it(figure: str, values: dict[str, Any]) -> bool:
    """Whether the address says all that names a number of this figure."""
    match figure:
        case "gap":
            return bool(values.get("of"))
        case "band":
            return values.get("band") is not None
        case "step":
            return bool(values.get("ladder") and values.get("step"))
    return figure not in OF_ONE or bool(values.get("pupil"))


def _of_what(figures: Figures, classes: dict[str, str], cell: Cell, pupil: Pupil | None) -> str:
    """Of whom, and of which part of the days, in the head of the page."""
    part = cell.pattern or figures.question.part
    whom = f"{pupil}" if pupil else label(figures.question.key, classes)
    return ", ".join(filter(None, [whom, cell.about, part.said if part else ""]))
