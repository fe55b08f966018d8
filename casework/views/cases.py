"""Work with one family: where the pupil stands, the case, its plan, its notes, its story."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from attendance_mis import clock
from attendance_mis.actions import Refused
from attendance_mis.models import AuditRow
from attendance_mis.pages import form_page
from attendance_mis.permissions import Grant, Permission, can, requires
from attendance_mis.requests import Request
from casework import case_rules, progress
from casework.actions import cases as actions
from casework.actions import deciding, plans
from casework.forms.cases import (
    BarrierForm,
    CaseForm,
    ChangeCaseForm,
    CloseCaseForm,
    NoteForm,
    PlanForm,
    ReviewForm,
    plan_defaults,
)
from casework.models import Case, Plan, Proposal, Task
from casework.policies import policy_on
from casework.views.tabs import tabs
from registers.attendance import Summary
from registers.calendar_rules import academic_year_bounds, academic_year_of
from registers.models import Pupil
from registers.siblings import siblings_of

STORY = 60
OF_LETTERS = ("approve_letter", "send_letter", "letter_failed", "drop_letter")
KINDS = {
    "approve_letter": "letter",
    "send_letter": "letter",
    "praise": "good",
    "end_step": "good",
    "reach_step": "warn",
    "decline_proposal": "quiet",
    "read_confidential_notes": "quiet",
    "close_case": "good",
}


@requires(Permission.SEE_CASES)
def see_case(request: Request, pupil_id: int) -> HttpResponse:
    """One pupil: where she stands and since when, her case, what waits for a decision, what happened."""
    pupil = get_object_or_404(Pupil.objects.select_related("school"), pk=pupil_id)
    today = clock.today(request.school)
    standings = list(pupil.standings.order_by("ended_on", "-index", "since"))
    proposals = Proposal.objects.filter(pupil=pupil).select_related("standing", "decided_by")
    start = academic_year_bounds(academic_year_of(today))[0]
    family = Pupil.objects.filter(pk__in=siblings_of(request.school).get(pupil.pk, ())).prefetch_related("cases")
    cases = list(Case.objects.filter(pupil=pupil).select_related("lead"))
    case = next((each for each in cases if each.state != case_rules.State.CLOSED), None)
    return render(
        request,
        "casework/see_case.html",
        {
            "pupil": pupil,
            "today": today,
            "year_began": start,
            "open": [standing for standing in standings if not standing.ended_on],
            "past": [standing for standing in standings if standing.ended_on and standing.ended_on >= start],
            "to_decide": [{"proposal": p, "title": deciding.title_of(p, p.standing)} for p in proposals.to_decide()],
            "declined": [p for p in proposals if p.state == Proposal.State.DECLINED],
            "tasks": [_task(request, task, today) for task in Task.objects.filter(pupil=pupil).to_do()],
            "siblings": [{"pupil": each, "has_case": any(c.state != "closed" for c in each.cases.all())}  # type: ignore[attr-defined]
                         for each in family],
            "events": [_event(row, request) for row in _trail(pupil)],
            "may_work": bool(can(request.user, Permission.WORK_CASES, request.school)),
            "case": case and _case(case, request, today),
            "referrals": pupil.referrals.select_related("agency"),
            "closed": [each for each in cases if each.state == case_rules.State.CLOSED],
        },
    )  # fmt: skip


@requires(Permission.SEE_CASES)
def see_cases(request: Request) -> HttpResponse:
    """Every open case, also of pupils on no ladder now; the review that is due soonest first."""
    today = clock.today(request.school)
    reviews = dict(Plan.objects.filter(is_reviewed=False).values_list("case_id", "review_on"))
    open_ = Case.objects.exclude(state=case_rules.State.CLOSED).select_related("pupil", "lead")
    here = set(Pupil.objects.on_roll(today).filter(cases__in=open_).values_list("pk", flat=True))
    rows = [
        {
            "case": case,
            "review_on": reviews.get(case.pk),
            "is_overdue": reviews.get(case.pk, date.max) < today,
            "has_left": case.pupil_id not in here,
        }
        for case in sorted(open_, key=lambda case: (reviews.get(case.pk, date.max), case.opened_on))
    ]
    return render(request, "casework/see_cases.html", {"rows": rows, "tabs": tabs(request, "see_cases")})


def _case(case: Case, request: Request, today: date) -> dict[str, Any]:
    """A case as its page shows it: the one next thing, baseline and now, barriers, the plan with its progress."""
    pupil = case.pupil
    now = progress.this_year(pupil, today)
    all_plans = list(case.plans.prefetch_related("targets__barrier", "actions"))
    plan = next((each for each in all_plans if not each.is_reviewed), None)
    notes = list(case.notes.select_related("by"))
    return {
        "case": case,
        "now": now,
        "barriers": case.barriers.all(),
        "meetings": case.meetings.select_related("school"),
        "supervision": case.supervisions.select_related("made_by").first(),
        "plan": plan and _plan(plan, today),
        "past_plans": [each for each in all_plans if each.is_reviewed],
        "notes": [note for note in notes if not note.is_confidential],
        "confidential": sum(note.is_confidential for note in notes),
        "may_read": may_read_confidential(request, case),
        "next": _next(case, plan, today, request),
        "contacts": [c for c in pupil.contacts.all() if c.parental_responsibility],
        "why_not_plan": case_rules.why_not("make_plan", case.state),
    }


def _plan(plan: Plan, today: date) -> dict[str, Any]:
    pupil = plan.case.pupil
    year, since = progress.this_year(pupil, today), progress.summary_of(pupil, plan.starts, today)
    targets = [
        {
            "target": each,
            "met": case_rules.is_met(each.goal, each.amount, year, since),
            "cautions": list(
                case_rules.cautions(each.goal, each.amount, year, since, progress.sessions_left(pupil, today, each.by))
            ),
        }
        for each in plan.targets.all()
    ]
    return {"plan": plan, "since": since, "targets": targets, "actions": plan.actions.all()}


def _next(case: Case, plan: Plan | None, today: date, request: Request) -> dict[str, Any]:
    """The one next thing of an open case."""
    if not actions.is_on_roll(case.pupil, today):
        return {"title": "The child is not on roll: close the case", "action": "Close the case",
                "href": reverse("casework:close_case", args=[request.school.urn, case.pk])}  # fmt: skip
    if plan is None:
        state = "Make a new plan, or close the case" if case.state == "reviewed" else "Make a plan with the family"
        return {"title": state, "action": "Make a plan",
                "href": reverse("casework:make_plan", args=[request.school.urn, case.pk])}  # fmt: skip
    late = plan.review_on < today
    return {
        "title": "Review the plan",
        "deadline": f"{'since' if late else 'by'} {plan.review_on:%A %-d %B}",
        "deadline_state": "overdue" if late else "soon" if plan.review_on == today else "",
        "state": "overdue" if late else "",
        "action": "Review the plan",
        "href": reverse("casework:review_plan", args=[request.school.urn, plan.pk]),
    }


def may_read_confidential(request: Request, case: Case) -> bool:
    """A manager reads the confidential notes of the cases she leads, others as the roles say."""
    grant = can(request.user, Permission.READ_CONFIDENTIAL, request.school)
    return grant == Grant.ALL or (grant == Grant.OWN and case.lead_id == request.user.pk)


def _trail(pupil: Pupil) -> Any:
    """What casework did about the child, and which letters went, newest first."""
    ours = Q(subject_type__startswith="casework.") | Q(verb__in=OF_LETTERS)
    rows = AuditRow.objects.filter(ours, school=pupil.school, pupil_id=pupil.pk)
    return rows.order_by("-at", "-id")[:STORY]


def _event(row: AuditRow, request: Request) -> dict[str, Any]:
    at = row.at.astimezone(request.school.zone)
    return {
        "title": row.summary,
        "at": f"{at:%A %-d %B %Y, %H:%M}",
        "datetime": at.isoformat(),
        "by": f"{row.by_name}, {row.by_position}" if row.by_id else "by rule",
        "kind": KINDS.get(row.verb, ""),
    }


def _task(request: Request, task: Task, today: date) -> dict[str, Any]:
    late = task.due < today
    return {
        "title": task.title,
        "href": reverse("casework:finish_task", args=[request.school.urn, task.pk]),
        "hint": task.owner,
        "due": f"{'since' if late else 'by'} {task.due:%A %-d %B}",
        "due_state": "overdue" if late else "soon" if task.due == today else "",
        "tag": task.get_kind_display(),
    }


def _page_of(request: Request, pupil_id: int) -> str:
    return reverse("casework:see_case", args=[request.school.urn, pupil_id])


def _done(
    request: Request, form: Form, pupil_id: int, act: Callable[[dict[str, Any]], Any], **page: Any
) -> HttpResponse:
    """A verb of a case as one form: act on what is valid, say why not on the form."""
    if request.method == "POST" and form.is_valid():
        try:
            act(form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            return redirect(_page_of(request, pupil_id))
    return form_page(request, form, back=_page_of(request, pupil_id), **page)


def _attended(request: Request, pupil: Pupil, summary: Summary, first: date, last: date) -> SafeString:
    """How the pupil attended, each number a link to what is behind it, for a paragraph of a form."""
    values = {"pupil": pupil, "summary": summary, "first": first, "last": last}
    return render_to_string("casework/_attended.html", values, request)


def _this_year(request: Request, pupil: Pupil, summary: Summary, today: date) -> SafeString:
    return _attended(request, pupil, summary, academic_year_bounds(academic_year_of(today))[0], today)


def _find(case_id: int) -> Case:
    return get_object_or_404(Case.objects.select_related("pupil__school", "school", "lead"), pk=case_id)


@requires(Permission.WORK_CASES)
def open_case(request: Request, pupil_id: int) -> HttpResponse:
    pupil = get_object_or_404(Pupil.objects.select_related("school"), pk=pupil_id)
    today = clock.today(request.school)
    now = progress.this_year(pupil, today)
    return _done(
        request,
        CaseForm(request.POST or None, school=request.school, initial={"lead_id": request.user.pk}),
        pupil.pk,
        lambda values: actions.open_case(pupil=pupil, today=today, by=request.actor, **values),
        title="Open a case",
        button="Open the case",
        caption=str(pupil),
        intro=[format_html("The baseline is kept: this year, {}.", _this_year(request, pupil, now, today))],
        advice=actions.why_not_open(pupil),
    )


@requires(Permission.WORK_CASES)
def change_case(request: Request, case_id: int) -> HttpResponse:
    case = _find(case_id)
    shown = {name: getattr(case, name) for name in ("concern", "lead_id", "family", "voice", "version")}
    form = ChangeCaseForm(request.POST or None, school=request.school, initial=shown)

    def act(values: dict[str, Any]) -> None:
        version = values.pop("version")
        changes = {name: value for name, value in values.items() if value != shown[name]}
        actions.change_case(case=case, version=version, changes=changes, by=request.actor)

    return _done(request, form, case.pupil_id, act, title="Change the case", button="Save", caption=str(case.pupil))


@requires(Permission.WORK_CASES)
def add_barrier(request: Request, case_id: int) -> HttpResponse:
    case, today = _find(case_id), clock.today(request.school)
    return _done(
        request,
        BarrierForm(request.POST or None),
        case.pupil_id,
        lambda values: actions.add_barrier(case=case, today=today, by=request.actor, **values),
        title="What stands in the way?",
        button="Note it",
        caption=str(case.pupil),
    )


@requires(Permission.WORK_CASES)
def add_note(request: Request, case_id: int) -> HttpResponse:
    case = _find(case_id)
    return _done(
        request,
        NoteForm(request.POST or None),
        case.pupil_id,
        lambda values: actions.add_note(case=case, by=request.actor, **values),
        title="Add a note",
        button="Add the note",
        caption=str(case.pupil),
    )


@requires(Permission.READ_CONFIDENTIAL)
def read_confidential_notes(request: Request, case_id: int) -> HttpResponse:
    """The confidential notes of a case. That they were read, and by whom, stands in the trail."""
    case = _find(case_id)
    if not may_read_confidential(request, case):
        raise PermissionDenied("You read the confidential notes of the cases you lead.")
    actions.read_confidential(case=case, by=request.actor)
    notes = case.notes.filter(is_confidential=True).select_related("by")
    return render(request, "casework/read_confidential_notes.html", {"case": case, "notes": notes})


@requires(Permission.WORK_CASES)
def make_plan(request: Request, case_id: int) -> HttpResponse:
    case, today = _find(case_id), clock.today(request.school)
    weeks = policy_on(request.school, today).review_weeks
    initial = plan_defaults(case, today, today + timedelta(weeks=weeks))
    form = PlanForm(request.POST or None, case=case, initial=initial)

    def act(values: dict[str, Any]) -> None:
        plans.make_plan(
            case=case,
            version=values["version"],
            starts=values["starts"],
            review_on=values["review_on"],
            support=values["support"],
            targets=form.targets(),
            actions=form.actions(),
            by=request.actor,
        )
        for caution in plans.cautions_of(case, form.targets(), values["starts"], today):
            messages.warning(request, caution)

    now = progress.this_year(case.pupil, today)
    return _done(
        request,
        form,
        case.pupil_id,
        act,
        title="Make a plan with the family",
        button="Make the plan",
        caption=str(case.pupil),
        intro=[
            format_html("This year so far: {}.", _this_year(request, case.pupil, now, today)),
            f"The policy wants a review within {weeks} weeks.",
        ],
        advice=case_rules.why_not("make_plan", case.state),
    )


@requires(Permission.WORK_CASES)
def review_plan(request: Request, case_plan_id: int) -> HttpResponse:
    plan = get_object_or_404(Plan.objects.select_related("case__pupil__school", "case__school"), pk=case_plan_id)
    case, today = plan.case, clock.today(request.school)
    since = progress.summary_of(case.pupil, plan.starts, today)
    earlier = progress.same_time_before(case.pupil, plan.starts, today)
    before = progress.summary_of(case.pupil, *earlier)
    form = ReviewForm(request.POST or None, plan=plan, initial={"version": case.version, "on": today})
    return _done(
        request,
        form,
        case.pupil_id,
        lambda values: plans.review_plan(plan=plan, today=today, by=request.actor, **{"done": [], **values}),
        title="Review the plan",
        button="Record the review",
        caption=str(case.pupil),
        intro=[
            format_html("Since the plan began: {}.", _attended(request, case.pupil, since, plan.starts, today)),
            format_html("As many school days before it: {}.", _attended(request, case.pupil, before, *earlier)),
        ],
        advice=[str(target) for target in plan.targets.all()],
    )


@requires(Permission.WORK_CASES)
def close_case(request: Request, case_id: int) -> HttpResponse:
    case, today = _find(case_id), clock.today(request.school)
    now, kept = progress.this_year(case.pupil, today), {"case": case, "urn": request.school.urn}
    return _done(
        request,
        CloseCaseForm(request.POST or None, initial={"version": case.version}),
        case.pupil_id,
        lambda values: actions.close_case(case=case, today=today, by=request.actor, **values),
        title="Close the case",
        button="Close the case",
        caption=str(case.pupil),
        intro=[
            format_html("When it began: {}.", render_to_string("casework/_at_start.html", kept)),
            format_html("This year now: {}.", _this_year(request, case.pupil, now, today)),
        ],
        advice=case_rules.why_not_close(case.state, on_roll=actions.is_on_roll(case.pupil, today), outcome=""),
    )
