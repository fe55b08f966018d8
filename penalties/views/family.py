"""One child: the ten weeks with their working, and the whole ladder of support and sanction on one page."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from attendance_mis import clock
from attendance_mis.permissions import Permission, requires
from attendance_mis.requests import Request
from penalties.actions import watch as watching_actions
from penalties.models import Evidence
from penalties.thresholds import THRESHOLD, Working
from penalties.views.hub import pupil_of
from penalties.watching import calendar_of, settings_of, working_of
from registers import codes
from registers.calendar_rules import Session


@requires(Permission.PREPARE_PENALTY)
def see_family(request: Request, pupil_id: int) -> HttpResponse:
    pupil = pupil_of(request, pupil_id)
    watching_actions.follow_changes(school=request.school)
    today = clock.today(request.school)
    settings = settings_of(request.school, today)
    calendar = calendar_of(request.school, today)
    working = working_of(pupil, today, settings, calendar)
    return render(
        request,
        "penalties/see_family.html",
        {
            "pupil": pupil,
            "today": today,
            "threshold": THRESHOLD,
            "strip": working and strip_of(working),
            "working": working,
            "evidence": [
                {"row": each, "letter": codes.by_number(each.code).letter}
                for each in Evidence.objects.filter(pupil=pupil)
            ],
        },
    )


def strip_of(working: Working) -> list[dict[str, Any]]:
    """The weeks as the page shows them, newest first."""
    return [
        {
            "monday": week.monday,
            "number": week.number,
            "skipped_because": week.skipped_because,
            "count": len(week.counted),
            "marks": [
                {"day": day, "session": Session(session).name, "code": code,
                 "why": _why(mark, week.counted, week.used)}
                for mark in sorted({*week.counted, *week.used, *week.provisional})
                for day, session, code in [mark]
            ],
        }
        for week in reversed(working.weeks)
    ]  # fmt: skip


def _why(mark: tuple, counted: tuple, used: tuple) -> str:
    if mark in counted:
        return ""
    return "stands in an earlier notice" if mark in used else "provisional, not counted"
