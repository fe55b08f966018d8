"""Explain a number that was kept on a day: a case's at its start, a plan's before it and while it ran."""

from datetime import date, datetime, time

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from attendance_mis.models import AuditRow
from attendance_mis.permissions import Permission, requires
from attendance_mis.requests import Request
from casework.models import Case, Plan
from casework.progress import same_time_before
from registers.attendance import Summary
from registers.calendar_rules import academic_year_bounds, academic_year_of
from reports.explained import Ask, Line
from reports.frozen import frozen
from reports.views.printed import explain_printed


@requires(Permission.SEE_CASES)
def explain_case(request: Request, case_id: int, figure: str) -> HttpResponse:
    """For who sees the case, open or closed; 404 for a number that it does not have."""
    case = get_object_or_404(Case.objects.select_related("pupil__school"), pk=case_id)
    if figure != "at-start":
        raise Http404
    first = academic_year_bounds(academic_year_of(case.opened_on))[0]
    opened = _recorded(case, "open_case", 0)
    return _explain(request, case, figure, case.baseline, (first, case.opened_on), opened, case.opened_on, f"{case}")


@requires(Permission.SEE_CASES)
def explain_plan(request: Request, case_plan_id: int, figure: str) -> HttpResponse:
    """For who sees the case; 404 for a plan that is not reviewed, or whose review counted nothing.

    The reviews of a case are recorded in the order of its plans, as a plan waits for the review of the one before.
    """
    plan = get_object_or_404(Plan.objects.select_related("case__pupil__school"), pk=case_plan_id)
    case, on = plan.case, plan.reviewed_on
    if on is None or figure not in ("before-plan", "during-plan"):
        raise Http404
    if figure == "during-plan":
        kept, days = plan.after, (plan.starts, on)
    else:
        kept, days = plan.before, same_time_before(case.pupil, plan.starts, on)
    reviewed = _recorded(case, "review_plan", case.plans.filter(pk__lt=plan.pk).count())
    return _explain(request, case, figure, kept, days, reviewed, on, f"{plan}")


def _recorded(case: Case, verb: str, nth: int) -> AuditRow | None:
    """The row of the trail of the case that was written as the number was kept."""
    subject = {"subject_type": Case._meta.label_lower, "subject_id": case.pk}
    return AuditRow.objects.filter(school=case.school_id, verb=verb, **subject).order_by("id")[nth : nth + 1].first()


def _explain(
    request: Request,
    case: Case,
    figure: str,
    kept: Summary,
    days: tuple[date, date],
    recorded: AuditRow | None,
    on: date,
    of: str,
) -> HttpResponse:
    if not kept.possible:
        raise Http404
    pupil, (first, last), zone = case.pupil, days, request.school.zone
    # Without a row of the trail, the end of the day.
    moment = recorded.at.astimezone(zone) if recorded else datetime.combine(on, time.max, zone)
    about = f"{pupil}: {of[:1].lower()}{of[1:]}"
    said = f"{kept.phrase}; {kept.percent} per cent attended"
    return explain_printed(
        request,
        figure,
        [Line(about, [(said, Ask(figure, about))])],
        days=f"{first:%-d %B %Y} to {last:%-d %B %Y}",
        back=(reverse("casework:see_case", args=[request.school.urn, pupil.pk]), "The case"),
        template="reports/explain_frozen.html",
        beside=[
            ("Sessions attended", kept.attended),
            ("Sessions missed", kept.absence),
            ("Possible sessions", kept.possible),
            ("Kept", f"{moment:%-d %B %Y, %H:%M}" if recorded else f"{on:%-d %B %Y}, the time is not recorded"),
            *([("By", f"{recorded.by_name}, {recorded.by_position}")] if recorded and recorded.by_id else []),
        ],
        pupil=pupil,
        first=first,
        last=last,
        moment=moment,
        recorded=recorded,
        frozen=frozen(kept, pupil, first, last, moment),
    )
