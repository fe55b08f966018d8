"""The schedule: what ran, what runs next, run it now, switch it off."""

from itertools import islice

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from attendance_mis import clock
from attendance_mis.models import AuditRow, ScheduledRun
from attendance_mis.permissions import Permission, requires
from attendance_mis.requests import Request
from letters.actions import scheduling
from letters.views.tabs import tabs

TASKS = {"reports": "propose_reports", "lateness": "propose_lateness", "evidence": "propose_evidence_requests"}


@requires(Permission.APPROVE_LETTERS)
def see_schedule(request: Request) -> HttpResponse:
    today = clock.today(request.school)
    last: dict[str, AuditRow] = {}
    for row in AuditRow.objects.filter(verb="run_schedule").order_by("-at")[:200]:
        last.setdefault(row.data.get("kind"), row)
    runs = ScheduledRun.objects.filter(task__startswith="letters.tasks.").order_by("-day", "-started_at")
    asked: dict[str, ScheduledRun] = {}
    for run in runs[:50]:
        asked.setdefault(run.task.rpartition(".")[2], run)
    rows = [
        {
            "scheduled": scheduled,
            "setting": scheduling.setting_of(request.school, kind),
            "last": last.get(kind),
            "asked": asked.get(TASKS[kind]),
            "next": list(islice(scheduling.next_days(request.school, scheduled, today), 3)),
        }
        for kind, scheduled in scheduling.KINDS.items()
    ]
    ladders = ScheduledRun.objects.filter(task="casework.tasks.evaluate_ladders").order_by("-day").first()
    return render(
        request,
        "letters/see_schedule.html",
        {"tabs": tabs(request, "see_schedule"), "rows": rows, "ladders": ladders},
    )


@requires(Permission.APPROVE_LETTERS)
def change_schedule(request: Request, scheduled: str) -> HttpResponse:
    """Run it now, or change its switches; a plain visit goes back to the schedule."""
    if scheduled not in scheduling.KINDS:
        raise Http404("No such schedule.")
    if "run" in request.POST:
        count = scheduling.run_now(school=request.school, kind=scheduled, by=request.actor)
        messages.success(request, f"{count} letter{'s' * (count != 1)} proposed. Nothing has been sent.")
    elif request.method == "POST":
        scheduling.change_schedule(
            school=request.school,
            kind=scheduled,
            is_on="on" in request.POST,
            in_holidays="in_holidays" in request.POST,
            by=request.actor,
        )
        messages.success(request, "Kept.")
    return redirect("letters:see_schedule", request.school.urn)
