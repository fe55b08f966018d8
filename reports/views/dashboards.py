"""The dashboards: a teacher's class, the whole school, governors' aggregates, and the comparison of groups."""

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from attendance_mis import audit
from attendance_mis.downloads import Table, file_of
from attendance_mis.file_links import signed_file
from attendance_mis.permissions import Grant, Permission, can, open_to, requires
from attendance_mis.requests import Request
from attendance_mis.words import how_many
from casework.models import Standing
from registers.attendance import Group, percent_of
from registers.calendar_rules import academic_year_of
from registers.former_facts import groups_as_at
from registers.models import Pupil
from reports import aggregates, finding, kept, pictures
from reports.definitions import meaning_of
from reports.explained import Ask, Told
from reports.figures import Figures, bands, days_per_pupil, one_place, points
from reports.forecast import Outlook
from reports.forms import GovernorFilter
from reports.groups import (
    EVERYBODY,
    FAMILIES,
    FLAGS,
    Key,
    compared_with,
    family_of,
    label,
    table,
)
from reports.patterns import RULE
from reports.views.asking import ASKED, asked, explains, frame, hidden_from, told_of
from reports.views.printed import explain_printed

LISTED = 8
ON_DASHBOARD = ("sex", "sen", *FLAGS)
# The first that a person may see is where "Figures" leads.
PAGES = [
    (Permission.SEE_DASHBOARD, "reports:see_school"),
    (Permission.SEE_CLASS_FIGURES, "reports:see_class"),
    (Permission.READ_GOVERNOR_REPORT, "reports:see_aggregates"),
]
TABS = [
    (Permission.SEE_DASHBOARD, "reports:see_school", "School"),
    (Permission.SEE_CLASS_FIGURES, "reports:see_class", "Own classes"),
    (Permission.SEE_CLASS_FIGURES, "reports:see_pupils", "Pupils"),
    (Permission.SEE_DASHBOARD, "reports:see_groups", "Groups"),
    (Permission.READ_GOVERNOR_REPORT, "reports:see_aggregates", "For governors"),
]


def tabs(request: Request) -> list[dict[str, Any]]:
    """The pages of figures of this person, with the filters of this one."""
    query = urlencode([(name, value) for name in (*ASKED, "show") if (value := request.GET.get(name))])
    query = f"?{query}" if query else ""
    found = []
    for permission, name, text in TABS:
        grant = can(request.user, permission, request.school)
        if grant and (name != "reports:see_class" or grant == Grant.OWN):
            href = reverse(name, args=[request.school.urn])
            found.append({"text": text, "href": href + query, "current": request.path == href})
    return found


@open_to("member")
def see_dashboard(request: Request) -> HttpResponse:
    """Each role's own page of figures."""
    for permission, name in PAGES:
        if can(request.user, permission, request.school):
            return redirect(name, request.school.urn)
    raise PermissionDenied("Your role does not let you see figures.")


@requires(Permission.SEE_DASHBOARD)
def see_school(request: Request) -> HttpResponse:
    """The whole school, or any group of it, for who answers for attendance."""
    figures, form = asked(request, request.grant)
    return render(request, "reports/see_dashboard.html", _with_names(request, figures, form, "Figures of the school"))


@requires(Permission.SEE_CLASS_FIGURES)
def see_class(request: Request) -> HttpResponse:
    """A teacher's own classes; whoever sees all pupils finds the whole school here too."""
    figures, form = asked(request, request.grant)
    return render(request, "reports/see_dashboard.html", _with_names(request, figures, form, "Figures of your class"))


def _with_names(request: Request, figures: Figures, form: Any, title: str) -> dict[str, Any]:
    question = figures.question
    now = finding.slots_in(figures, question.range)
    earlier = finding.slots_in(figures, question.before) if question.reach is None and not question.key else []
    names = Pupil.objects.in_bulk(_listed(figures))
    rate = figures.rates.get("nation")
    families = tuple(family for family in ON_DASHBOARD if family not in hidden_from(request.grant))
    framed = frame(request, figures, form)
    return {
        **framed,
        "title": title,
        "tabs": tabs(request),
        "lead": _lead(figures),
        "stats": [{**stat, "href": request.explains.address(Ask(stat["figure"]))} for stat in _stats(figures)],
        "rates": figures.rates,
        "charts": {
            "trend": pictures.trend(now, earlier, rate) if now else None,
            "bands": pictures.band_chart(*_bands(figures)) if figures.total.pupils else None,
            "weekdays": pictures.weekdays(now) if now else None,
            "groups": pictures.group_chart(_groups_of(figures, families)) if figures.total.pupils else None,
        },
        "movers": [
            (names[pupil_id], figures.moved[pupil_id] / 2, told_of(figures.forecasts[pupil_id], names[pupil_id]))
            for pupil_id in _most_moved(figures)
            if pupil_id in names
        ],
        "new": [names[each] for each in sorted(figures.newly_persistent)[:LISTED] if each in names],
        "improved": [names[each] for each in sorted(figures.no_longer_persistent)[:LISTED] if each in names],
        "more_new": len(figures.newly_persistent) - LISTED,
        "stages": _stages(figures),
        "may_see_cases": bool(can(request.user, Permission.SEE_CASES, request.school)),
        "patterns": [(each.sentence, each.ask()) for each in finding.of_many(now)],
        "rule": RULE,
    }


def _bands(figures: Figures) -> tuple[list[int], list[int] | None]:
    return bands(figures.pupils), bands(figures.pupils_before) if figures.pupils_before else None


def _most_moved(figures: Figures) -> list[int]:
    return sorted(figures.moved, key=lambda each: (-figures.moved[each], each))[:LISTED]


def _listed(figures: Figures) -> set[int]:
    newly, improved = sorted(figures.newly_persistent), sorted(figures.no_longer_persistent)
    return {*_most_moved(figures), *newly[:LISTED], *improved[:LISTED]}


def _stages(figures: Figures) -> list[tuple[str, str, int]]:
    """How many of these pupils stand on each step of the policy's ladders today."""
    found: dict[tuple[str, int, str], int] = {}
    for pupil_id, ladder, index, step in Standing.objects.standing().values_list("pupil", "ladder", "index", "step"):
        if pupil_id in figures.this_year:
            found[ladder, index, step] = found.get((ladder, index, step), 0) + 1
    return [(ladder, step, count) for (ladder, _, step), count in sorted(found.items())]


def _stats(figures: Figures) -> list[dict[str, Any]]:
    """The tiles: days before per cent, and what they were a year before."""
    group, before = figures.total, figures.total_before
    total = group.total
    at_risk = len(figures.with_outlook(Outlook.AT_RISK))
    england = figures.rates.get("nation")
    attended = points(total.percent, before.total.percent if before else None)
    persistent = points(group.persistent_percent, before.persistent_percent if before else None)
    return [
        {
            "figure": "missed",
            "label": "Days missed",
            "number": "–" if (days := days_per_pupil(group)) is None else days,
            "unit": "a pupil",
            "why": f"All together {total.phrase}.",
        },
        {
            "figure": "attendance",
            "label": "Attendance",
            "number": "–" if total.percent is None else f"{total.percent} %",
            "change": _change(attended),
            "change_tone": _tone(attended, more_is=True),
            "why": f"England {england.attendance} %." if england else "",
        },
        {
            "figure": "persistent",
            "label": "Persistently absent",
            "number": group.persistent,
            "unit": f"of {group.counted}",
            "change": _change(persistent),
            "change_tone": _tone(persistent, more_is=False),
            "why": _share(group.persistent_percent, england and england.persistent),
        },
        {
            "figure": "severe",
            "label": "Severely absent",
            "number": group.severe,
            "unit": f"of {group.counted}",
            "why": _share(group.severe_percent, england and england.severe),
        },
        {
            "figure": "at-risk",
            "label": "At risk this year",
            "number": at_risk,
            "why": "At the rate of the last six weeks.",
        },
        {
            "figure": "unauthorised",
            "label": "Unauthorised",
            "number": f"{percent_of(total.unauthorised, total.possible) or 0} %",
            "why": f"{how_many(total.unauthorised, 'session')}.",
        },
        {"figure": "late", "label": "Late", "number": f"{total.late:,}", "why": "Arrivals before the register closed."},
        {
            "figure": "unexplained",
            "label": "Unexplained",
            "number": f"{len(figures.unexplained):,}",
            "why": "Sessions still coded N.",
        },
        {"figure": "unmarked", "label": "Unmarked", "number": f"{total.unmarked:,}", "why": "Sessions without a mark."},
    ]


def _lead(figures: Figures) -> Told:
    """The answer to what everybody asks first, in one sentence: how it is, against whom, and for how many it is bad."""
    group, england = figures.total, figures.rates.get("nation")
    if group.total.percent is None:
        return [("No register of these days has been sent yet.", None)]
    others: dict[str, Decimal | None] = {}
    if figures.total_before:
        others["a year before"] = figures.total_before.total.percent
    if england:
        others["England"] = one_place(england.attendance)
    gaps = {than: points(group.total.percent, percent) for than, percent in others.items()}
    attendance, persistent = Ask("attendance"), Ask("persistent")
    said: Told = [
        ("Each pupil missed ", None),
        (f"{days_per_pupil(group)} days", Ask("missed")),
        (" on average; attendance is ", None),
        (f"{group.total.percent} %", attendance),
    ]
    for nth, (than, gap) in enumerate((than, gap) for than, gap in gaps.items() if gap is not None):
        said += [(" and " if nth else ", ", None), (_points(gap), attendance), (f" {than}", None)]
    said += [(". ", None), (f"{group.persistent} of {group.counted}", persistent)]
    said.append((f" {'is' if group.persistent == 1 else 'are'} persistently absent", None))
    if risk := len(figures.with_outlook(Outlook.AT_RISK)):
        said += [(", and ", None), (f"{risk} more", Ask("at-risk"))]
        said.append((f" {'is' if risk == 1 else 'are'} on the way there", None))
    return [*said, (".", None)]


def _points(gap: Any) -> str:
    return f"{abs(gap)} points {'above' if gap > 0 else 'below'}" if gap else "the same as"


def _change(difference: Any) -> str:
    return "" if difference is None else f"{difference:+} points on a year before."


def _tone(difference: Any, *, more_is: bool) -> str:
    return "" if not difference else "better" if (difference > 0) == more_is else "worse"


def _share(percent: Any, england: Any) -> str:
    said = "" if percent is None else f"{percent} %"
    return f"{said}; England {england} %." if said and england is not None else said and f"{said}."


# Groups


def _groups_of(figures: Figures, families: tuple[str, ...] = tuple(FAMILIES)) -> dict[Key, Group]:
    return table(figures.pupils, families)


def _group_rows(figures: Figures, classes: dict[str, str]) -> list[dict[str, Any]]:
    """A row a group, with its gap: its attendance less that of those without the characteristic, in points."""
    groups = _groups_of(figures)
    rows: list[dict[str, Any]] = []
    for key, group in groups.items():
        other_key = compared_with(key[0]) if key else EVERYBODY
        other = groups.get(other_key) if key else None
        rows.append(
            {
                "key": key,
                "family": FAMILIES[family_of(key[0])] if key else "",
                "name": label(key, classes),
                "of": key[0] if key else "",
                "group": group,
                "days": days_per_pupil(group),
                "missed": pictures.absence_percent(group.total),
                "others": label(other_key, classes) if other else "",
                "gap": points(group.total.percent, other.total.percent) if other else None,
            }
        )
    families = ["", *FAMILIES.values()]
    # Classes are known by their id, and looked for by their name; the others are in order already.
    return sorted(
        rows, key=lambda row: (families.index(row["family"]), row["name"] if row["family"] == FAMILIES["class"] else "")
    )


def _cells(row: dict[str, Any]) -> list[tuple[Any, Ask]]:
    """The numbers of a row as the page prints them, each with what explains it."""
    group = row["group"]
    asks = {"of": row["of"]} if row["of"] else {}
    share = "" if group.persistent_percent is None else f" ({group.persistent_percent} %)"
    shown = {
        "pupils": group.pupils,
        "missed": row["days"],
        "attendance": None if group.total.percent is None else f"{group.total.percent} %",
        "gap": None if row["gap"] is None else f"{row['gap']:+}" if row["gap"] else row["gap"],
        "late": group.total.late,
        "unauthorised": group.total.unauthorised,
        "persistent": f"{group.persistent} of {group.counted}{share}",
        "severe": group.severe,
    }
    return [(number, Ask(figure, row["name"], asks)) for figure, number in shown.items()]


GROUP_HEAD = (
    "group", "pupils", "days_missed_per_pupil", "possible", "attended", "late", "authorised", "unauthorised",
    "unmarked", "attendance_percent", "compared_with", "gap_points", "counted", "persistent", "persistent_percent",
    "severe", "severe_percent",
)  # fmt: skip


@requires(Permission.SEE_DASHBOARD)
def see_groups(request: Request) -> HttpResponse:
    """Every group side by side with the gap in points; the filters make any combination."""
    figures, form = asked(request, request.grant)
    context = frame(request, figures, form)
    rows = _group_rows(figures, form.classes)
    chart = pictures.group_chart(_groups_of(figures)) if figures.total.pupils else None
    meant = meaning_of("missed", "attendance", "persistent", "severe")
    return render(
        request,
        "reports/see_groups.html",
        {
            **context,
            "rows": [{**row, "cells": _cells(row)} for row in rows],
            "chart": chart,
            "tabs": tabs(request),
            "definitions": meant,
        },
    )


@requires(Permission.SEE_DASHBOARD)
@signed_file
def export_groups(request: Request, kind: str) -> HttpResponse:
    """The table of groups as a file, with its filters."""
    figures, form = asked(request, request.grant)
    rows = _group_rows(figures, form.classes)
    answer = file_of(kind, f"groups-{request.school.urn}-{figures.question.range.last}", group_table(rows))
    audit.record(
        "export_figures",
        school_id=request.school.pk,
        by=request.actor,
        summary=f"Exported the figures of {how_many(len(rows), 'group')}, {figures.question.range.days}, "
        f"as {kind.upper()}.",
    )
    return answer


def group_table(rows: list[dict[str, Any]]) -> Table:
    """The rows of groups as they go into a file."""
    return GROUP_HEAD, [
        [
            row["name"], row["group"].pupils, row["days"], row["group"].total.possible, row["group"].total.attended,
            row["group"].total.late, row["group"].total.authorised, row["group"].total.unauthorised,
            row["group"].total.unmarked, row["group"].total.percent, row["others"], row["gap"], row["group"].counted,
            row["group"].persistent, row["group"].persistent_percent, row["group"].severe,
            row["group"].severe_percent,
        ]
        for row in rows
    ]  # fmt: skip


# Governors


@requires(Permission.READ_GOVERNOR_REPORT)
def see_aggregates(request: Request) -> HttpResponse:
    """The school without a name, small numbers hidden: no group can be chosen, so asking twice tells nothing more."""
    return render(request, "reports/see_aggregates.html", _aggregates(request))


def _aggregates(request: Request) -> dict[str, Any]:
    figures, form = asked(request, Grant.ALL, GovernorFilter)
    range_, before, today = figures.question.range, figures.question.before, figures.question.today
    now = kept.of_days(range_.first, range_.last, today)
    earlier = kept.of_days(before.first, before.last, today)
    rows, few = aggregates.rows(figures), request.school.small_numbers_under
    dark = aggregates.wholly_hidden(rows)
    whole_is_shown = bool(rows and rows[0].group)
    now, earlier = (slots if aggregates.may_draw(slots, few) else [] for slots in (now, earlier))
    framed = frame(request, figures, form)
    request.explains = explains(request, "reports:explain_aggregate", ["range"])
    return {
        **framed,
        "tabs": tabs(request),
        "rates": figures.rates,
        "all": rows[0] if rows else None,
        "lines": [row.line for row in rows if row.family not in dark],
        "dark": dark,
        "definitions": meaning_of("missed", "attendance", "persistent", "severe"),
        "threshold": few,
        "groups_as_at": groups_as_at(request.school, academic_year_of(range_.last), today),
        "trend": pictures.trend(now, earlier, figures.rates.get("nation")) if now and whole_is_shown else None,
    }


@requires(Permission.READ_GOVERNOR_REPORT)
def explain_aggregate(request: Request, figure: str) -> HttpResponse:
    """A number of the governors' page, and nothing that the page does not show."""
    shown = _aggregates(request)
    trend = shown["trend"]
    back = reverse("reports:see_aggregates", args=[request.school.urn]), "Figures for governors"
    return explain_printed(
        request, figure, [*shown["lines"], *(trend.table.lines if trend else [])],
        days=shown["asked"].days, threshold=shown["threshold"], back=back,
    )  # fmt: skip
