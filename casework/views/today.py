"""The today board, and the closing of a session."""

from itertools import groupby

from django.contrib import messages
from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache

from attendance_mis import clock
from attendance_mis.actions import Refused
from attendance_mis.permissions import Permission, can, requires
from attendance_mis.requests import Request
from casework.actions.closing import SAID, close_session
from casework.board import board, stamp
from casework.forms.today import BlankClass, CloseSessionForm
from registers.calendar_rules import Session
from registers.facts import register_times

KEPT_SECONDS = 90
OF_A_CHILD = {
    "pupil": "registers:see_pupil",
    "reason": "casework:report_absence_of",
    "arrival": "registers:record_arrival",
    "back": "registers:sign_pupil_back",
}
MAY = {
    "remind": Permission.ASSIGN_COVER,
    "amend": Permission.AMEND_MARK,
    "close": Permission.CLOSE_DAY,
    "plan": Permission.PLAN_ABSENCE,
}


@requires(Permission.SEE_TODAY)
@never_cache
def today(request: Request) -> HttpResponse:
    """The board of the session that is on, or of the one asked for; a refresh that would change nothing is a 204."""
    fingerprint, drawn = _drawn(request)
    if request.htmx:
        return HttpResponse(status=204) if request.GET.get("seen") == fingerprint else HttpResponse(drawn)
    context = {"drawn": mark_safe(drawn)}  # noqa: S308  a template of ours
    return render(request, "casework/today.html", context)


today.is_poll = True  # type: ignore[attr-defined]


@requires(Permission.CLOSE_DAY)
@never_cache
def close_day(request: Request) -> HttpResponse:
    """Close the morning or the afternoon: at zero, or with a reason for each child."""
    session = _session(request)
    found = board(request.school, session, clock.now(request.school))
    names = {each.group.class_group_id: each.group.name for each in found.registers}
    children = [(each.pupil_id, f"{each.name}, {each.class_name}") for each in found.not_accounted_for]
    children += [(each.pupil_id, each.name) for each in found.blanks if each.class_group_id not in names]
    classes = [
        BlankClass(group, names[group], [(each.pupil_id, each.name) for each in blanks])
        for group, blanks in groupby(found.blanks, key=lambda blank: blank.class_group_id)
        if group in names
    ]
    back = f"{reverse('casework:today', args=[request.school.urn])}?session={session}"
    form = CloseSessionForm(request.POST if request.method == "POST" else None, children=children, classes=classes)
    if request.method == "POST" and form.is_valid():
        try:
            close_session(school=request.school, session=session, reasons=form.reasons, by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            messages.success(request, f"The {SAID[session]} is closed: every child is accounted for.")
            return redirect(back)
    context = {"form": form, "board": found, "said": SAID[session], "back": back}
    return render(request, "casework/close_day.html", context, status=422 if form.errors else 200)


def _session(request: Request) -> Session:
    asked = request.GET.get("session", "")
    if asked in Session.__members__:
        return Session[asked]
    return register_times(request.school).session_at(clock.now(request.school).time())


def _drawn(request: Request) -> tuple[str, str]:
    """The board as it is now, and its fingerprint: drawn once for all who may do the same, until something changes."""
    school, now, session = request.school, clock.now(request.school), _session(request)
    may = {name: bool(can(request.user, permission, school)) for name, permission in MAY.items()}
    asked = request.GET.get("session", "") if request.GET.get("session", "") in Session.__members__ else ""
    rights = "".join(str(int(each)) for each in may.values())
    key = f"board:{school.pk}:{now:%Y%m%d%H%M}:{session}:{asked}:{rights}:{stamp(school, now.date())}"
    kept: tuple[str, str] | None = cache.get(key)
    if kept is None:
        found = board(school, session, now)
        context = {
            "board": found, "may": may, "fingerprint": found.fingerprint, "asked": asked, "urn": school.urn,
            "to": addresses(school.urn),
        }  # fmt: skip
        kept = found.fingerprint, render_to_string("casework/_today.html", context)
        cache.set(key, kept, KEPT_SECONDS)
    return kept


def addresses(urn: str) -> dict[str, tuple[str, str]]:
    """What stands before and after a child's number in each address of hers: a link a row is not looked up anew."""
    halves = {name: reverse(view, args=[urn, 0]).split("/0/") for name, view in OF_A_CHILD.items()}
    return {name: (f"{before}/", f"/{after}") for name, (before, after) in halves.items()}
