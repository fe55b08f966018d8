"""Explain this number: what it means, the sum itself, who is behind it, who is left out and why, and the days."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render

from attendance_mis.permissions import Grant, Permission, can, requires
from attendance_mis.requests import Request, per_page
from registers.attendance import in_days
from registers.models import Pupil
from registers.sums import PupilSum
from reports.definitions import DEFINITIONS
from reports.figures import Figures
from reports.forecast import ENOUGH, Outlook
from reports.views.asking import asked, frame
from reports.views.dashboards import tabs

LISTED = 20


@requires(Permission.SEE_CLASS_FIGURES)
def explain(request: Request, figure: str) -> HttpResponse:
    """With the children behind it, for who sees figures by pupil; a teacher finds those of her classes."""
    if figure not in DEFINITIONS:
        raise Http404
    figures, form = asked(request, request.grant)
    behind, shown = behind_figure(figures, figure), per_page(request, LISTED)
    names = Pupil.objects.in_bulk([pupil.pupil_id for pupil, _ in behind[:shown]])
    context = {
        **frame(request, figures, form),
        "tabs": tabs(request),
        "slug": figure,
        "definition": DEFINITIONS[figure],
        "sum": sum_of(figures, figure),
        "left_out": left_out(figures, figure),
        "behind": [(names[pupil.pupil_id], said) for pupil, said in behind[:shown] if pupil.pupil_id in names],
        "all_behind": len(behind),
        "of_whom": "her own classes" if request.grant == Grant.OWN else "the school",
        "may_see_pupils": bool(can(request.user, Permission.SEE_CLASS_FIGURES, request.school)),
    }
    return render(request, "reports/explain.html", context)


def sum_of(figures: Figures, figure: str) -> tuple[Any, Any, str]:
    """The two numbers that the figure is made of, and what comes of them in words."""
    group, total = figures.total, figures.total.total
    said = "" if total.percent is None else f"{total.percent} %"
    match figure:
        case "missed":
            return (
                total.absence,
                group.pupils,
                f"{in_days(total.absence) if total.absence else 'No days'} missed in all",
            )
        case "attendance":
            return total.attended, total.possible, said
        case "persistent":
            return group.persistent, group.counted, _percent(group.persistent_percent)
        case "severe":
            return group.severe, group.counted, _percent(group.severe_percent)
        case "at-risk":
            counted = [p for p in figures.this_year.values() if p.summary.possible]
            return len(figures.with_outlook(Outlook.AT_RISK)), len(counted), ""
        case "unexplained":
            return len(figures.unexplained), total.possible, ""
        case "unauthorised":
            return total.unauthorised, total.possible, ""
        case "late":
            return total.late, total.possible, ""
    return total.unmarked, total.possible + total.unmarked, ""


def _percent(percent: Any) -> str:
    return "" if percent is None else f"{percent} %"


def behind_figure(figures: Figures, figure: str) -> list[tuple[PupilSum, str]]:
    """The pupils behind a figure, who counts most for it first, each with what she adds."""
    if figure == "at-risk":
        at_risk = [
            (figures.this_year[each], figures.forecasts[each].sentence)
            for each in figures.with_outlook(Outlook.AT_RISK)
        ]
        return sorted(at_risk, key=lambda each: -each[0].summary.absence)
    if figure == "unexplained":
        marks: dict[int, int] = {}
        for pupil_id in figures.unexplained:
            marks[pupil_id] = marks.get(pupil_id, 0) + 1
        return sorted(
            (
                (pupil, f"{in_days(marks[pupil.pupil_id])} without a reason")
                for pupil in figures.pupils
                if pupil.pupil_id in marks
            ),
            key=lambda each: (-marks[each[0].pupil_id], each[0].upn),
        )
    measure = {
        "unauthorised": lambda s: s.unauthorised,
        "late": lambda s: s.late,
        "unmarked": lambda s: s.unmarked,
    }.get(figure, lambda s: s.absence)
    found = [pupil for pupil in figures.pupils if measure(pupil.summary)]
    if figure in ("persistent", "severe"):
        found = [pupil for pupil in found if pupil.in_cohort and getattr(pupil.summary, figure)]
    found.sort(key=lambda pupil: (-measure(pupil.summary), pupil.upn))
    said = {
        "unauthorised": lambda s: f"{in_days(s.unauthorised)} unauthorised",
        "late": lambda s: f"late {s.late} time{'s' if s.late != 1 else ''}",
        "unmarked": lambda s: f"{s.unmarked} session{'s' if s.unmarked != 1 else ''} unmarked",
    }.get(figure, lambda s: f"{s.phrase}: {s.percent} % attended")
    return [(pupil, said(pupil.summary)) for pupil in found]


def left_out(figures: Figures, figure: str) -> list[tuple[str, int]]:
    """Who of the pupils asked about is not counted, and why, with how many there are."""
    pupils = figures.pupils
    if DEFINITIONS[figure].cohort:
        outside = [pupil for pupil in pupils if not pupil.in_cohort]
        return [
            ("Under 5 or over 15 on 31 August, or a boarder", len(outside)),
            (
                "Without a possible session in these days",
                sum(1 for p in pupils if p.in_cohort and not p.summary.possible),
            ),
        ]
    if figure == "at-risk":
        early = [p for p in figures.this_year.values() if p.summary.possible < ENOUGH]
        return [(f"With fewer than {ENOUGH} possible sessions this year", len(early))]
    return [
        ("Sessions that hold no mark yet", figures.total.total.unmarked),
        ("Pupils without a possible session in these days", sum(1 for p in pupils if not p.summary.possible)),
    ]
