"""Ask for a register that was not sent."""

from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from attendance_mis.actions import Refused
from attendance_mis.permissions import Permission, requires
from attendance_mis.requests import Request
from attendance_mis.schedule import sent_now
from registers import tasks
from registers.actions.reminding import remind as remind_of
from registers.calendar_rules import Session
from registers.models import ClassGroup
from registers.views.desk import board_of


@requires(Permission.ASSIGN_COVER)
@require_POST
def remind(request: Request, class_group_id: int, day: date, session: int) -> HttpResponse:
    """A note on the teacher's page now, an e-mail as soon as the worker can; back to the board."""
    group = get_object_or_404(ClassGroup, pk=class_group_id)
    school, which = request.school, Session(session)
    try:
        reminder = remind_of(school=school, class_group=group, day=day, session=which, by=request.actor)
    except Refused as refused:
        messages.error(request, f"{group}: {' '.join(refused.reasons)}")
    else:
        path = reverse("registers:take_register", args=[school.urn, group.pk, day, which])
        is_mailed = sent_now(tasks.mail_reminder, school.pk, reminder.pk, request.build_absolute_uri(path))
        and_mail = ", and by e-mail" if is_mailed else "; no e-mail can be sent just now"
        messages.success(request, f"Reminded of the register of {group}: on the teacher's page now{and_mail}.")
    return redirect(board_of(request))
