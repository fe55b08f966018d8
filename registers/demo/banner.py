"""What the banner of the demonstration says, and the clock it offers."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from attendance_mis import clock, prepared
from attendance_mis.models import Membership, School
from attendance_mis.requests import Request
from attendance_mis.tenancy import acting_for
from registers.actions.demo_clock import is_over, last_day, visitors_moment
from registers.calendar_rules import Session
from registers.facts import register_times

INVENTED = "Everything here is invented. Nobody is asked for a second step to sign in."
_SESSIONS = "SELECT am, pm FROM registers_schoolday WHERE school_id = %(school)s AND day = %(day)s"


def demo_clock(request: Request) -> dict[str, Any]:
    """The banner of a demonstration's page; nothing, and no query, at any other school."""
    school = getattr(request, "school", None)
    if school is None:
        user = getattr(request, "user", None)
        is_demo = user is not None and user.is_authenticated and any(_is_demo(m) for m in user.current_memberships())
        return {"demo_clock": {"text": INVENTED}} if is_demo else {}
    return {"demo_clock": _offer(school)} if school.is_demo else {}


def _is_demo(membership: Membership) -> bool:
    if membership.school is None:
        return School.objects.filter(trust=membership.trust_id, is_demo=True).exists()
    return membership.school.is_demo


def _offer(school: School) -> dict[str, Any]:
    now = clock.now(school)
    offer: dict[str, Any] = {"text": INVENTED}
    if school.clock_offset:
        offer["text"] = f"{INVENTED} The clock was set: it is {now:%H:%M on %A %-d %B}."
        offer["reset_href"] = reverse("registers:reset_demo_clock", args=[school.urn])
    with acting_for(school):
        ended = is_over(school, now)
        if (ended or not _register_is_open(school, now)) and (
            moment := visitors_moment(school, clock.true_now(school))
        ):
            if ended:
                offer["text"] = f"{INVENTED} It ends on {last_day(school):%A %-d %B}: no register was taken since."
            elif not school.clock_offset:
                offer["text"] = f"{INVENTED} There is no register to take at this hour."
            offer["set_href"] = reverse("registers:set_demo_clock", args=[school.urn])
            offer["set_text"] = f"Set the clock to {moment:%H:%M on %A %-d %B}"
    return offer


def _register_is_open(school: School, now: datetime) -> bool:
    times = register_times(school)
    session = times.session_at(now.time())
    if not times.is_open(now.time(), session):
        return False
    days = prepared.rows(_SESSIONS, {"school": school.pk, "day": now.date()})
    return any(on and each is session for row in days for each, on in zip(Session, row, strict=True))
