"""Reports for people: class lists, reports to parents, newsletter, certificates, census; one page leads to all."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from attendance_mis import audit, clock
from attendance_mis.downloads import file_of
from attendance_mis.file_links import signed_file
from attendance_mis.permissions import Permission, can, requires
from attendance_mis.requests import Request
from attendance_mis.words import how_many
from registers.attendance import Summary
from registers.calendar_rules import Span, academic_year_of, half_terms, monday_of, year_name
from registers.enclosure import attendance_enclosures, this_year
from registers.models import CalendarEntry, ClassGroup, Pupil
from registers.sums import sums
from reports import census, paper
from reports.challenge import Standing, earns
from reports.definitions import meaning_of
from reports.explained import Ask, Line
from reports.querysets.people import Award, absences_by_code, awards, challenge, week_of_class
from reports.ranges import key_of
from reports.views.asking import explains
from reports.views.printed import explain_printed

A_WEEK = timedelta(7)


@requires(Permission.SEE_CLASS_FIGURES)
def see_reports(request: Request) -> HttpResponse:
    """What there is to print, hand out and send, for this person."""
    today = clock.today(request.school)
    may = {
        name: bool(can(request.user, permission, request.school))
        for name, permission in (("school", Permission.SEE_DASHBOARD), ("returns", Permission.MAKE_RETURNS))
    }
    year = academic_year_of(today)
    return render(
        request,
        "reports/see_reports.html",
        {
            "classes": ClassGroup.objects.within(request.grant, request.user, today),
            "monday": monday_of(today),
            "may": may,
            "seasons": [
                {"season": season, "year": each, "label": f"{label}, {year_name(each)}"}
                for each in (year, year - 1)
                for season, label in census.SEASONS.items()
                if census.window(season, each)[0] <= today
            ],
        },
    )


def _class(request: Request, class_group_id: int) -> ClassGroup:
    """404 for another school's class, 403 for one that the grant does not reach."""
    group = get_object_or_404(ClassGroup, pk=class_group_id)
    today = clock.today(request.school)
    if not ClassGroup.objects.within(request.grant, request.user, today).filter(pk=group.pk).exists():
        raise PermissionDenied(f"{group} is not your class.")
    return group


# The class list of a week


@requires(Permission.SEE_CLASS_FIGURES)
def class_list(request: Request, class_group_id: int, day: date) -> HttpResponse:
    group = _class(request, class_group_id)
    found = week_of_class(request.school, group, day)
    explained = {"definitions": meaning_of("missed", "late", "attendance"), "days": "since September"}
    return render(request, "reports/class_list.html", {**found, **explained})


# Reports to parents


@requires(Permission.SEE_CLASS_FIGURES)
@signed_file
def parent_report(request: Request, pupil_id: int) -> HttpResponse:
    """One child's report, as a PDF."""
    pupil = get_object_or_404(Pupil, pk=pupil_id)
    today = clock.today(request.school)
    if not Pupil.objects.within(request.grant, request.user, today).filter(pk=pupil.pk).exists():
        raise PermissionDenied("You see the pupils of your own classes.")
    return _parents(request, [pupil.pk], f"{pupil.pk}", pupil_id=pupil.pk)


@requires(Permission.SEE_CLASS_FIGURES)
@signed_file
def parent_reports(request: Request, class_group_id: int) -> HttpResponse:
    """The reports of a class in one PDF, each child on a sheet of its own."""
    group = _class(request, class_group_id)
    pupils = Pupil.objects.in_class(group.pk, clock.today(request.school))
    return _parents(request, list(pupils.values_list("pk", flat=True)), f"class-{group.pk}", pupil_id=None)


def _parents(request: Request, pupil_ids: list[int], name: str, *, pupil_id: int | None) -> HttpResponse:
    first, today = this_year(request.school, clock.today(request.school))
    found = attendance_enclosures(request.school, pupil_ids, first, today)
    if not found:
        raise Http404("No pupil to report on.")
    content = paper.parents_pdf(request.school, found)
    audit.record(
        "make_parent_reports", school_id=request.school.pk, by=request.actor, pupil_id=pupil_id,
        summary=f"Made {len(found)} attendance report{'s' if len(found) > 1 else ''} for parents.",
    )  # fmt: skip
    return _pdf(content, f"attendance-{name}.pdf")


def _pdf(content: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


# The newsletter and the class challenge


@requires(Permission.SEE_DASHBOARD)
def newsletter(request: Request, day: date) -> HttpResponse:
    """A week's figures to copy into the newsletter: classes, never a pupil."""
    found = challenge(request.school, day)
    monday = found["monday"]
    request.explains = explains(request, "reports:explain_week", (), request.school.urn, day)
    context = {**found, "rows": [(each, _line(each).cells) for each in found["classes"]]}
    return render(request, "reports/newsletter.html", {**context, "before": monday - A_WEEK, "after": monday + A_WEEK})


def _school_lines(week: Summary | None) -> list[Line]:
    """The numbers of the sentence; a week without a mark has none."""
    if week is None or not week.possible:
        return []
    shown = {"missed": week.phrase, "attendance": f"{week.percent}%"}
    return [Line("The school", [(said, Ask(name, "the school", {"of": "school"})) for name, said in shown.items()])]


def _line(of: Standing) -> Line:
    """A class's numbers as the newsletter prints them."""
    shown = {
        "missed": f"{of.week.days_missed.normalize():f}",
        "attendance": f"{of.week.percent}%" if of.week.possible else "no session",
        "challenge": of.tokens,
        "treats": how_many(of.treats, "treat") if of.treats else None,
        "to-treat": how_many(of.to_go, "token"),
    }
    return Line(
        of.class_name, [(said, Ask(name, of.class_name, {"class": of.class_name})) for name, said in shown.items()]
    )


@requires(Permission.SEE_DASHBOARD)
def explain_week(request: Request, day: date, figure: str) -> HttpResponse:
    """A number of the newsletter, with the weeks of the class and its pupils."""
    found = challenge(request.school, day)
    name, (first, last) = request.GET.get("class", ""), (found["monday"], found["friday"])
    weeks = [(monday, week, earns(week)) for class_name, monday, week in found["weeks"] if class_name == name]
    group = ClassGroup.objects.filter(name=name).first()
    asks = {"range": "custom", "first": first, "last": last, "class_group": group.pk if group else "", "show": "missed"}
    return explain_printed(
        request, figure, [*_school_lines(found["whole"]), *(_line(each) for each in found["classes"])],
        days=f"{first:%-d %B} to {last:%-d %B %Y}", weeks=weeks[::-1],
        pupils=f"{reverse('reports:see_pupils', args=[request.school.urn])}?{urlencode(asks)}",
        back=(reverse("reports:newsletter", args=[request.school.urn, day]), "Figures for the newsletter"),
    )  # fmt: skip


# Certificates of good attendance


def _awards(request: Request) -> tuple[Span | None, list[Award]]:
    """The half-term that runs or has ended last, and who has earned one in it."""
    today = clock.today(request.school)
    spans = [s for s in half_terms(e.period for e in CalendarEntry.objects.all()) if s.start <= today]
    if not spans:
        return None, []
    before = spans[-2] if len(spans) > 1 else None
    return spans[-1], awards(spans[-1], before, today)


@requires(Permission.SEE_DASHBOARD)
def see_awards(request: Request) -> HttpResponse:
    half_term, found = _awards(request)
    return render(
        request,
        "reports/see_awards.html",
        {"half_term": half_term, "awards": found, "range": half_term and key_of(half_term)},
    )


@requires(Permission.SEE_DASHBOARD)
@signed_file
def awards_pdf(request: Request) -> HttpResponse:
    half_term, found = _awards(request)
    if not half_term or not found:
        raise Http404("Nobody has earned a certificate yet.")
    return _pdf(paper.awards_pdf(request.school, half_term.spoken, found), "certificates.pdf")


# The census


@requires(Permission.MAKE_RETURNS)
@signed_file
def census_absence(request: Request, season: str, year: int, table: str, kind: str) -> HttpResponse:
    """The absence section by its CBDS items: `pupils` or `reasons`."""
    if season not in census.SEASONS or table not in ("pupils", "reasons") or not 2000 <= year < 2100:
        raise Http404
    first, last = census.window(season, year)
    last = min(last, clock.today(request.school))
    pupils = census.supplied(sums(first, last)) if first <= last else []
    head: tuple[str, ...] = census.PUPIL_ITEMS
    rows: list[Any] = [
        (each.upn, each.summary.possible, each.summary.authorised, each.summary.unauthorised) for each in pupils
    ]
    if table == "reasons":
        head, upns = census.REASON_ITEMS, {each.pupil_id: each.upn for each in pupils}
        rows = list(census.reason_lines(upns, absences_by_code(request.school, first, last)))
    audit.record(
        "export_census", school_id=request.school.pk, by=request.actor,
        summary=f"Exported the {table} of the {season} census, absence of {first:%-d %B %Y} to {last:%-d %B %Y}.",
    )  # fmt: skip
    return file_of(kind, f"census-{season}-{year}-{table}-{request.school.urn}", (head, rows))
