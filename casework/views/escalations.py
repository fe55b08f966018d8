"""The manager's home: every pupil on a ladder, what is overdue first; decisions one by one or many at once."""

from collections.abc import Iterator
from datetime import timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.downloads import file_of
from attendance_mis.file_links import signed_file
from attendance_mis.pages import form_page
from attendance_mis.permissions import Permission, can, requires
from attendance_mis.requests import Request, per_page, row_ids
from attendance_mis.words import how_many
from casework import dashboard, exports
from casework.actions import deciding
from casework.actions.evaluating import evaluate_school
from casework.forms.escalations import DecideForm, EscalationFilter, FinishTaskForm, TaskForm
from casework.models import Case, Evaluation, LeaveRequest, Proposal, Standing, Task
from letters.models import Letter
from registers.models import Pupil

PER_PAGE = 50
GOOD_NEWS = timedelta(days=14)


def _rows(request: Request) -> tuple[list[dashboard.PupilRow], list[dashboard.PupilRow], EscalationFilter]:
    rows = dashboard.pupils_on_ladders(request.school, clock.today(request.school))
    form = EscalationFilter(request.GET or None, rows)
    return rows, dashboard.narrowed(rows, form.cleaned_data if form.is_bound and form.is_valid() else {}), form


@requires(Permission.SEE_CASES)
def see_escalations(request: Request) -> HttpResponse:
    today = clock.today(request.school)
    every, rows, form = _rows(request)
    good = (
        Standing.objects.improved_since(today - GOOD_NEWS).select_related("pupil", "praised_by").order_by("-ended_on")
    )
    return render(
        request,
        "casework/see_escalations.html",
        {
            "counts": dashboard.counts(every),
            "open_cases": Case.objects.exclude(state="closed").count(),
            "page": Paginator(rows, per_page(request, PER_PAGE)).get_page(request.GET.get("page")),
            "found": len(rows),
            "form": form,
            "good_news": good[:12],
            "evaluation": Evaluation.objects.first(),
            "today": today,
            "query": request.GET.urlencode(),
            "may_work": bool(can(request.user, Permission.WORK_CASES, request.school)),
            "waiting": list(_waiting(request)),
        },
    )


def _waiting(request: Request) -> Iterator[tuple[str, str]]:
    """What waits for this person's decision, in words, and where: leave, and letters."""
    urn = request.school.urn
    asked, letters = LeaveRequest.objects.filter(state=LeaveRequest.State.ASKED), Letter.objects.proposed()
    for permission, rows, noun, url in (
        (Permission.DECIDE_LEAVE, asked, "leave request", "casework:see_leave_requests"),
        (Permission.APPROVE_LETTERS, letters, "letter", "letters:see_proposals"),
    ):
        if can(request.user, permission, request.school) and (number := rows.count()):
            yield how_many(number, noun), reverse(url, args=[urn])


@requires(Permission.SEE_CASES)
@signed_file
def export_escalations(request: Request, kind: str) -> HttpResponse:
    """The rows of the list as a file, with its filters; taking them out is recorded."""
    _, rows, _ = _rows(request)
    name = f"escalations-{request.school.urn}-{clock.today(request.school)}"
    answer = file_of(kind, name, (exports.HEADER, exports.lines(rows)), sheet="Escalations")
    summary = f"Exported {how_many(len(rows), 'pupil')} on a ladder as {kind.upper()}."
    audit.record("export_escalations", school_id=request.school.pk, by=request.actor, summary=summary)
    return answer


@requires(Permission.WORK_CASES)
@require_POST
def evaluate_now(request: Request) -> HttpResponse:
    try:
        evaluation = evaluate_school(school=request.school, on=clock.today(request.school), by=request.actor)
    except Refused as refused:
        messages.error(request, " ".join(refused.reasons))
    else:
        messages.success(request, f"Worked out for {evaluation.on:%-d %B %Y}: {how_many(evaluation.pupils, 'pupil')}.")
    return redirect("casework:see_escalations", request.school.urn)


@requires(Permission.WORK_CASES)
@require_POST
def decide_proposals(request: Request) -> HttpResponse:
    """Accept or decline many proposals: first shown, then done. Names travel in the form, never in the address."""
    chosen = row_ids(request.POST.getlist("pupil"))
    named = row_ids(request.POST.getlist("proposal"))
    waiting = Proposal.objects.to_decide().select_related("pupil", "standing")
    proposals = list(waiting.filter(pk__in=named) if named else waiting.filter(pupil__in=chosen))
    if not proposals:
        messages.info(request, "Nothing to decide: choose pupils for whom something waits.")
        return redirect("casework:see_escalations", request.school.urn)
    form = DecideForm(request.POST if "decision" in request.POST else None)
    if "decision" in request.POST and form.is_valid():
        accepted = request.POST["decision"] == "accept"
        try:
            done = deciding.decide_all(
                proposals=[p.pk for p in proposals], accepted=accepted, by=request.actor, **form.cleaned_data
            )
        except Refused as refused:
            form.add_error("reason", refused.reasons)
        else:
            messages.success(request, f"{done} {'accepted' if accepted else 'declined'}.")
            return redirect(_next(request, proposals))
    rows = [{"proposal": p, "title": deciding.title_of(p, p.standing)} for p in proposals]
    status = 422 if form.errors else 200
    return render(request, "casework/decide_proposals.html", {"rows": rows, "form": form}, status=status)


def _next(request: Request, proposals: list[Proposal]) -> str:
    pupils = {proposal.pupil_id for proposal in proposals}
    if len(pupils) == 1:
        return reverse("casework:see_case", args=[request.school.urn, pupils.pop()])
    return reverse("casework:see_escalations", args=[request.school.urn])


@requires(Permission.WORK_CASES)
def add_task(request: Request, pupil_id: int) -> HttpResponse:
    pupil = get_object_or_404(Pupil, pk=pupil_id)
    back = reverse("casework:see_case", args=[request.school.urn, pupil.pk])
    form = TaskForm(request.POST or None, initial={"due": clock.today(request.school) + timedelta(days=7)})
    if request.method == "POST" and form.is_valid():
        deciding.add_task(school=request.school, pupil_id=pupil.pk, by=request.actor, **form.cleaned_data)
        return redirect(back)
    return form_page(request, form, title="Note something to do", button="Note it", back=back, caption=str(pupil))


@requires(Permission.WORK_CASES)
def finish_task(request: Request, task_id: int) -> HttpResponse:
    task = get_object_or_404(Task.objects.select_related("pupil"), pk=task_id)
    back = reverse("casework:see_case", args=[request.school.urn, task.pupil_id])
    form = FinishTaskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            deciding.finish_task(task=task, by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            messages.success(request, f"Done: {task.title}.")
            return redirect(back)
    return form_page(
        request, form, title=task.title, button="It is done", back=back, caption=str(task.pupil),
        intro=[task.text] if task.text else [],
    )  # fmt: skip
