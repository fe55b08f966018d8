"""The record itself: is it whole, and what was entered in a register, in order."""

from dataclasses import replace
from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from attendance_mis.models import AuditRow
from attendance_mis.permissions import Grant, Permission, requires
from attendance_mis.requests import Request
from attendance_mis.schedule import sent_now
from registers import class_register, history, tasks
from registers.calendar_rules import Session


@requires(Permission.VERIFY_RECORD)
def verify_record(request: Request) -> HttpResponse:
    """The last verdicts. Posted to, the worker makes a new one, and the page waits for it."""
    verdicts = AuditRow.objects.filter(verb="verify_record").order_by("-id")[:10]
    last = verdicts[0].pk if verdicts else 0
    if request.method == "POST":
        if sent_now(tasks.verify_record_for, request.school.pk, request.membership.pk):
            return redirect(f"{request.path}?after={last}")
        messages.error(
            request, "The worker cannot be reached, so nothing is checked just now. Try again in a few minutes."
        )
    waits = request.GET.get("after") == str(last)
    return render(request, "registers/verify_record.html", {"verdicts": verdicts, "waits": waits})


@requires(Permission.SEE_REGISTER)
def see_entries(request: Request, class_group_id: int, day: date, session: int) -> HttpResponse:
    """Everything entered in one register, in order."""
    head = class_register.head(request.school, class_group_id, day, Session(session), request.user.pk)
    if head is None:
        raise Http404("No such class.")
    if request.grant < Grant.ALL and not head.is_own:
        raise PermissionDenied(f"{head.class_name} is not your class.")
    register = class_register.class_register(request.school, head, day, Session(session))
    names = {pupil_id: row.name for pupil_id, row in register.rows.items()}
    events = history.events(request.school, names, day, Session(session))
    return render(
        request,
        "registers/see_entries.html",
        {"head": head, "register": register, "events": [replace(e, pupil=names[e.pupil_id]) for e in events]},
    )
