"""Figures by pupil: the list with what each missed and can still miss, and one child's year."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django_tables2 import RequestConfig

from attendance_mis import audit
from attendance_mis.downloads import Table, file_of
from attendance_mis.file_links import signed_file
from attendance_mis.permissions import Permission, can, requires
from attendance_mis.requests import Request, per_page
from attendance_mis.words import how_many
from registers import codes
from registers.attendance import Summary
from registers.calendar_rules import half_terms
from registers.models import CalendarEntry, Mark, Pupil
from registers.sums import PupilSum
from registers.views.pupils import reachable_pupil
from reports import finding, patterns, pictures
from reports.charts import asking, line_chart
from reports.definitions import meaning_of
from reports.explained import Ask
from reports.figures import Figures
from reports.forecast import Outlook
from reports.forms import PupilFilter
from reports.querysets.days import slots_of
from reports.ranges import key_of
from reports.tables import PupilFigures
from reports.views.asking import asked, frame, told_of
from reports.views.dashboards import tabs

PER_PAGE = 50


def shown(figures: Figures, show: str) -> list[PupilSum]:
    """The pupils of one of `forms.SHOW`."""
    of_summary = {
        "missed": lambda s: s.absence,
        "unauthorised": lambda s: s.unauthorised,
        "late": lambda s: s.late,
        "unmarked": lambda s: s.unmarked,
    }
    match show:
        case "persistent" | "severe":
            return [p for p in figures.pupils if p.in_cohort and getattr(p.summary, show)]
        case "at-risk":
            ids: Iterable[int] = figures.with_outlook(Outlook.AT_RISK)
        case "unexplained":
            ids = figures.unexplained
        case "moved":
            ids = figures.moved
        case "new":
            ids = figures.newly_persistent
        case "improved":
            ids = figures.no_longer_persistent
        case _:
            return [p for p in figures.pupils if show not in of_summary or of_summary[show](p.summary)]
    ids = frozenset(ids)
    return [pupil for pupil in figures.pupils if pupil.pupil_id in ids]


def _rows(request: Request) -> tuple[Figures, Any, list[dict[str, Any]]]:
    figures, form = asked(request, request.grant, PupilFilter)
    found = shown(figures, form.cleaned_data.get("show", "") if form.is_bound and form.is_valid() else "")
    people = Pupil.objects.in_bulk([pupil.pupil_id for pupil in found])
    rows = []
    for pupil in found:
        if person := people.get(pupil.pupil_id):
            outlook = figures.forecasts.get(pupil.pupil_id)
            rows.append(
                {
                    "pupil_id": pupil.pupil_id,
                    "upn": pupil.upn,
                    "name": f"{person.surname}, {person.forename}",
                    "class_name": pupil.class_name,
                    "days": _days(pupil.summary.absence),
                    "said": pupil.summary.phrase.partition(", ")[2],
                    "percent": pupil.summary.percent,
                    "unauthorised": _days(pupil.summary.unauthorised),
                    "late": pupil.summary.late,
                    "outlook": outlook.outlook.value if outlook else "",
                    "missable": _days(outlook.missable) if outlook else None,
                    "best": outlook.best if outlook else None,
                    "begins": outlook.begins if outlook else None,
                    "summary": pupil.summary,
                }
            )
    return figures, form, rows


def _days(sessions: int) -> int | float:
    return sessions / 2 if sessions % 2 else sessions // 2


@requires(Permission.SEE_CLASS_FIGURES)
def see_pupils(request: Request) -> HttpResponse:
    """Every pupil a person may see, with days missed before per cent."""
    figures, form, rows = _rows(request)
    framed = frame(request, figures, form)
    table = PupilFigures(rows, urn=request.school.urn, query=request.GET.urlencode(), explains=request.explains)
    RequestConfig(request, paginate={"per_page": per_page(request, PER_PAGE)}).configure(table)
    context = {**framed, "tabs": tabs(request), "table": table, "found": len(rows)}
    context["definitions"] = meaning_of("missed", "attendance", "unauthorised", "late", "at-risk")
    return render(request, "reports/see_pupils.html", context)


HEAD = (
    "upn", "name", "class", "days_missed", "attendance_percent", "possible", "attended", "late", "authorised",
    "unauthorised", "unmarked", "outlook", "days_to_spare", "best_percent", "persistent_from",
)  # fmt: skip


@requires(Permission.SEE_CLASS_FIGURES)
@signed_file
def export_pupils(request: Request, kind: str) -> HttpResponse:
    """The list as a file, with its filters; taking it out is recorded."""
    figures, _, rows = _rows(request)
    answer = file_of(kind, f"pupils-{request.school.urn}-{figures.question.range.last}", _table(rows))
    audit.record(
        "export_figures",
        school_id=request.school.pk,
        by=request.actor,
        summary=f"Exported the figures of {how_many(len(rows), 'pupil')}, {figures.question.range.days}, "
        f"as {kind.upper()}.",
    )
    return answer


def _table(rows: list[dict[str, Any]]) -> Table:
    return HEAD, [
        [
            row["upn"], row["name"], row["class_name"], row["days"], row["percent"], row["summary"].possible,
            row["summary"].attended, row["late"], row["summary"].authorised, row["summary"].unauthorised,
            row["summary"].unmarked, row["outlook"], row["missable"], row["best"], row["begins"],
        ]
        for row in sorted(rows, key=lambda row: row["name"])
    ]  # fmt: skip


@requires(Permission.SEE_CLASS_FIGURES)
def see_pupil(request: Request, pupil_id: int) -> HttpResponse:
    """One child: what she missed and can still miss, when, and every session behind it."""
    pupil = reachable_pupil(request, pupil_id)
    figures, form = asked(request, request.grant)
    question = figures.question
    slots = finding.slots_about(request.school, pupil, question.range)
    hers = slots.get(pupil.pk, [])
    missed = [slot for slot in hers if slot.absent]
    own = next((each for each in figures.everybody if each.pupil_id == pupil.pk), None)
    forecast = figures.forecasts.get(pupil.pk)
    marks = (
        Mark.objects.between(question.range.first, question.range.last)
        .filter(pupil=pupil)
        .coded(codes.ABSENT | codes.LATE)
        .order_by("-day", "session")
    )
    context = {
        **frame(request, figures, form),
        "tabs": tabs(request),
        "pupil": pupil,
        "summary": own.summary if own else Summary(),
        "forecast": forecast,
        "lead": told_of(forecast, pupil) if forecast else [],
        "patterns": [
            (each.sentence, each.ask(pupil=pupil.pk))
            for each in finding.of_one(request.school, pupil, question.range, slots)
        ],
        "rule": patterns.RULE,
        "definitions": meaning_of("missed", "attendance", "at-risk", "late"),
        "charts": {
            "weekdays": pictures.weekdays(hers, pupil=pupil.pk) if missed else None,
            "half_terms": _half_terms(pupil, question.today),
        },
        "marks": marks,
        "may_see_register": bool(can(request.user, Permission.SEE_REGISTER, request.school)),
    }
    return render(request, "reports/see_pupil.html", context)


def _half_terms(pupil: Pupil, today: date) -> Any:
    """The child's own attendance by half-term, of this year and the one before; never beside another child's."""
    spans = [span for span in half_terms(entry.period for entry in CalendarEntry.objects.all()) if span.start <= today]
    spans = spans[-12:]
    if len(spans) < 2:
        return None
    slots = slots_of(spans[0].start, min(spans[-1].end, today), [pupil.pk]).get(pupil.pk, [])
    values: list[float | None] = []
    for span in spans:
        inside = [slot for slot in slots if span.start <= slot.day <= span.end]
        possible, attended = sum(s.possible for s in inside), sum(s.attended for s in inside)
        values.append(float(Summary(possible, attended).percent or 0) if possible else None)
    begun = next((n for n, value in enumerate(values) if value is not None), len(values))
    if len(values) - begun < 2:
        return None  # one half-term is no trend
    spans, values = spans[begun:], values[begun:]
    chart = line_chart(
        "Attendance by half-term",
        [s.name if s.name != "HT1" else f"HT1 {s.academic_year}" for s in spans],
        {"Attendance": values},
    )
    return asking(chart, [[Ask("attendance", f"{s}", {"pupil": pupil.pk, "range": key_of(s)})] for s in spans])
