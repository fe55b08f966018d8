"""Explain the sentence of a statutory clock: its rule, what it counted, and how its last day follows."""

from datetime import date

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from attendance_mis import clock
from attendance_mis.permissions import Permission, requires
from attendance_mis.requests import Request
from casework.clocks import ILLNESS, RULES, Clock, Kind
from casework.statutory import Running, kinds_read_by, running_clocks
from registers import codes
from registers.calendar_rules import Session
from registers.codes import Code
from registers.models import Mark
from reports.definitions import OF_CLOCKS

UNEXPLAINED = codes.numbers_of("N", "O")
# The codes a clock of sessions counts; the others count whole days, with whatever stands in them.
OF_SESSIONS = {
    Kind.OLD_N: codes.NO_REASON,
    Kind.SOCIAL: UNEXPLAINED,
    Kind.YOUTH: UNEXPLAINED,
    Kind.IRREGULAR: codes.PENALTY_COUNTED,
    Kind.SICKNESS: ILLNESS,
}
Line = tuple[int, date, Session | None, Code | None]
"""Which session or day it is of those counted, its day, its session, its code: None is expected or planned."""


@requires(Permission.SEE_CONTACTS)
def explain_clock(request: Request) -> HttpResponse:
    """`?clock=` names it as on its page; 404 for one that does not run or that this person does not read of."""
    kinds = kinds_read_by(request.user, request.school)
    running = running_clocks(request.school, clock.now(request.school))
    key = request.GET.get("clock", "")
    each = next((each for each in running if each.key == key and each.clock.kind in kinds), None)
    if each is None:
        raise Http404("This clock does not run.")
    found = each.clock
    begins, part, rests_on, left_out = OF_CLOCKS[found.kind]
    lines = _lines(each)
    return render(
        request,
        "reports/explain_clock.html",
        {
            "each": each,
            "clock": found,
            "rule": RULES[found.kind],
            "begins": begins,
            "part": part if found.counted else "",
            "number": lines[-1][0] if lines else 0,
            "rests_on": rests_on,
            "left_out": left_out,
            "lines": lines[::-1],
            "state": found.state(clock.today(request.school)),
            "back": reverse("casework:see_clocks", args=[request.school.urn]),
        },
    )


def _lines(each: Running) -> list[Line]:
    """What the rule counted, one by one, with the codes of the register."""
    found = each.clock
    if not found.counted or each.pupil is None:
        return []
    days = dict.fromkeys(day for day, _ in found.counted)
    marks = Mark.objects.filter(pupil=each.pupil, day__in=list(days)).order_by("day", "session")
    known = list(marks.values_list("day", "session", "code"))
    return _sessions(found, known) if found.kind in OF_SESSIONS else _days(list(days), known)


def _sessions(found: Clock, known: list[tuple[date, int, int]]) -> list[Line]:
    marked = {(day, Session(half)): code for day, half, code in known if code in OF_SESSIONS[found.kind]}
    expected = {(day, half) for day, half in found.counted if half is not None}
    return [
        (n, day, half, codes.by_number(marked[day, half]) if (day, half) in marked else None)
        for n, (day, half) in enumerate(sorted({*marked} | expected), 1)
    ]


def _days(days: list[date], known: list[tuple[date, int, int]]) -> list[Line]:
    lines: list[Line] = []
    for n, day in enumerate(days, 1):
        marks = [(Session(half), codes.by_number(code)) for each, half, code in known if each == day]
        lines += [(n, day, half, code) for half, code in marks] or [(n, day, None, None)]
    return lines
