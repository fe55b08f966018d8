"""The weekly meeting: begin it, go from child to child, note what is said and agreed, end it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from attendance_mis import clock
from attendance_mis.actions import Refused
from attendance_mis.permissions import Permission, can, requires
from attendance_mis.requests import Request
from casework.actions import weekly as actions
from casework.forms.weekly import ACTIONS, BeginForm, MinuteForm
from casework.models import Task, WeeklyItem, WeeklyMeeting
from casework.views.tabs import tabs
from casework.weekly import agenda_of, last_meeting, neighbours, spoken_of
from casework.weekly_rules import WEEK, why_not_begin, why_not_minute
from registers.models import Pupil

LATEST = 20
OWNER = "attendance manager"  # who does most of it


@requires(Permission.SEE_CASES)
def see_weeklies(request: Request) -> HttpResponse:
    """The meetings so far, and who would be on today's agenda."""
    today = clock.today(request.school)
    last = last_meeting(request.school)
    since, points = agenda_of(request.school, last, today)
    running = last if last and last.ended_at is None else None
    names = Pupil.objects.in_bulk([point.pupil_id for point in points])
    return render(
        request,
        "casework/see_weeklies.html",
        {
            "tabs": tabs(request, "see_weeklies"),
            "meetings": WeeklyMeeting.objects.select_related("begun_by", "school")[:LATEST],
            "running": running,
            "since": since,
            "points": [{"pupil": names[point.pupil_id], "why": point.why} for point in points],
            "refused": why_not_begin(
                last.on if last else None, today, is_running=running is not None, points=len(points)
            ),
            "form": BeginForm(),
            "may_work": bool(can(request.user, Permission.WORK_CASES, request.school)),
        },
    )


@requires(Permission.WORK_CASES)
@require_POST
def begin_weekly(request: Request) -> HttpResponse:
    form = BeginForm(request.POST)
    if not form.is_valid():
        messages.error(request, "The names are too long: 300 characters at most.")
        return redirect("casework:see_weeklies", request.school.urn)
    try:
        meeting = actions.begin_weekly(school=request.school, by=request.actor, **form.cleaned_data)
    except Refused as refused:
        messages.error(request, " ".join(refused.reasons))
        return redirect("casework:see_weeklies", request.school.urn)
    return redirect(meeting.items.select_related("school")[0])


@requires(Permission.SEE_CASES)
def see_weekly(request: Request, weekly_id: int) -> HttpResponse:
    """One meeting: its agenda with what was said of whom, and what was agreed."""
    meeting = get_object_or_404(WeeklyMeeting.objects.select_related("school", "begun_by", "ended_by"), pk=weekly_id)
    items = meeting.items.select_related("pupil", "school", "spoken_by")
    agreed: dict[int, list[Task]] = {}
    for task in meeting.tasks.order_by("due", "pk"):
        agreed.setdefault(task.pupil_id, []).append(task)
    rows = [{"item": item, "agreed": agreed.get(item.pupil_id, [])} for item in items]
    left = sum(item.spoken_at is None for item in items)
    return render(
        request,
        "casework/see_weekly.html",
        {
            "meeting": meeting,
            "rows": rows,
            "left": left,
            "may_work": bool(can(request.user, Permission.WORK_CASES, request.school)),
        },
    )


@requires(Permission.WORK_CASES)
def minute_child(request: Request, weekly_item_id: int) -> HttpResponse:
    """One child of the agenda: what is known, what was agreed last time, the minutes; saved, on to the next one."""
    items = WeeklyItem.objects.select_related("pupil", "school", "weekly__school")
    item = get_object_or_404(items, pk=weekly_item_id)
    today = clock.today(request.school)
    child = spoken_of(item, today)
    before, after = neighbours(item)
    soon = today + WEEK
    new = {f"due_{n}": soon for n in ACTIONS} | {f"owner_{n}": OWNER for n in ACTIONS}
    initial = {"version": item.version, "minutes": item.minutes, **new}
    form = MinuteForm(request.POST or None, tasks=[*child.agreed, *child.other], initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.minute_child(
                item=item,
                version=form.cleaned_data["version"],
                minutes=form.cleaned_data["minutes"],
                done=form.done(),
                agreed=form.agreed(),
                by=request.actor,
            )
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            return redirect(after or item.weekly)
    return render(
        request,
        "casework/minute_child.html",
        {
            "child": child,
            "item": item,
            "form": form,
            "agreed": [(task, form.done_of(task)) for task in child.agreed],
            "other": [(task, form.done_of(task)) for task in child.other],
            "before": before,
            "after": after,
            "count": item.weekly.items.count(),
            "refused": why_not_minute(has_ended=item.weekly.ended_at is not None),
            "back": reverse("casework:see_weekly", args=[request.school.urn, item.weekly_id]),
        },
        status=422 if form.errors else 200,
    )


@requires(Permission.WORK_CASES)
@require_POST
def end_weekly(request: Request, weekly_id: int) -> HttpResponse:
    meeting = get_object_or_404(WeeklyMeeting.objects.select_related("school"), pk=weekly_id)
    try:
        actions.end_weekly(weekly=meeting, by=request.actor)
    except Refused as refused:
        messages.error(request, " ".join(refused.reasons))
    else:
        messages.success(request, "The meeting has ended. Whoever was not reached is on the next agenda.")
    return redirect(meeting)
