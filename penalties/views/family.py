"""One child: the ten weeks with their working, and the whole ladder of support and sanction on one page."""

from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from attendance_mis import clock
from attendance_mis.permissions import Permission, requires
from attendance_mis.requests import Request, per_page
from penalties import judging
from penalties.actions import watch as watching_actions
from penalties.families import families_on_the_ladder, ladder_of, ladders_of
from penalties.models import Decision, Evidence, ImprovementNotice, Order, Pack, PenaltyNotice
from penalties.notices import counting_notices, used_sessions
from penalties.readings import PenaltySettings
from penalties.rules import AFTER_TWO
from penalties.thresholds import THRESHOLD, Working
from penalties.views.hub import pupil_of, tabs
from penalties.watching import Calendar, calendar_of, settings_of, working_of
from registers import codes
from registers.calendar_rules import Session
from registers.models import Contact, Pupil

PER_PAGE = 50


@requires(Permission.PREPARE_PENALTY)
def see_families(request: Request) -> HttpResponse:
    """One line a family: the whole ladder of support and sanction."""
    page = Paginator(families_on_the_ladder(), per_page(request, PER_PAGE)).get_page(request.GET.get("page"))
    pupils = list(page)
    ladders = ladders_of([pupil.pk for pupil in pupils])
    context = {"lines": [(pupil, ladders[pupil.pk]) for pupil in pupils], "page": page}
    return render(request, "penalties/see_families.html", {"tabs": tabs(request, "penalties:see_families"), **context})


@requires(Permission.PREPARE_PENALTY)
def see_family(request: Request, pupil_id: int) -> HttpResponse:
    """`?parent=` shows the weeks as they count for that parent."""
    pupil = pupil_of(request, pupil_id)
    watching_actions.follow_changes(school=request.school)
    today = clock.today(request.school)
    settings = settings_of(request.school, today)
    calendar = calendar_of(request.school, today)
    parents = [_parent(pupil, each, today, settings, calendar) for each in pupil.contacts.all()]
    asked = request.GET.get("parent", "")
    chosen = next((each for each in parents if str(each["contact"].pk) == asked), None)
    working = chosen["working"] if chosen else working_of(pupil, today, settings, calendar)
    evidence = Evidence.objects.filter(pupil=pupil)
    return render(
        request,
        "penalties/see_family.html",
        {
            "pupil": pupil,
            "today": today,
            "threshold": THRESHOLD,
            "parents": [each for each in parents if each["is_parent"]],
            "others": [each["contact"] for each in parents if not each["is_parent"]],
            "chosen": chosen,
            "strip": working and strip_of(working),
            "working": working,
            "evidence": [{"row": each, "letter": codes.by_number(each.code).letter} for each in evidence],
            "ladder": ladder_of(pupil),
            "orders": Order.objects.filter(pupil=pupil).select_related("contact"),
            "packs": Pack.objects.filter(pupil=pupil, dropped_on=None).select_related("contact", "school"),
            "may_issue": judging.may_issue(request.school),
        },
    )


def _parent(
    pupil: Pupil, contact: Contact, today: date, settings: PenaltySettings, calendar: Calendar
) -> dict[str, Any]:
    """What stands between the school and one parent about this child."""
    notices = judging.notices_of(contact)
    earlier = [notice.facts for notice in notices]
    slots = {slot for notice in earlier for slot in notice.sessions} | {
        mark[:2] for mark in judging.marks_of_weeks(pupil, calendar, today)
    }
    used = used_sessions(earlier, slots, settings)
    two = counting_notices(earlier, today, settings)
    return {
        "contact": contact,
        "is_parent": judging.is_parent(contact),
        "working": working_of(pupil, today, settings, calendar, used),
        "counting": [notice.pk for notice, facts in zip(notices, earlier, strict=True) if facts in two],
        "after_two": AFTER_TWO if len(two) > 1 else "",
        "notices": notices,
        "draft": PenaltyNotice.objects.filter(contact=contact, state="prepared").first(),
        "waiting": Decision.objects.filter(contact=contact, outcome="").first(),
        "improvement": ImprovementNotice.objects.filter(contact=contact).first(),
    }


def strip_of(working: Working) -> list[dict[str, Any]]:
    """The weeks as the page shows them, newest first."""
    return [
        {
            "monday": week.monday,
            "number": week.number,
            "skipped_because": week.skipped_because,
            "count": len(week.counted),
            "marks": [
                {
                    "day": mark[0],
                    "session": Session(mark[1]).name,
                    "code": mark[2],
                    "why": _why(mark, week.counted, week.used),
                }
                for mark in sorted({*week.counted, *week.used, *week.provisional})
            ],
        }
        for week in reversed(working.weeks)
    ]


def _why(mark: tuple, counted: tuple, used: tuple) -> str:
    if mark in used:
        return "stands in an earlier notice" + (", counted again" if mark in counted else "")
    return "" if mark in counted else "provisional, not counted"
