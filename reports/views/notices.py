"""Explain a number of one penalty notice: what is due, what was paid, and what the register leaves of its sessions."""

from dataclasses import dataclass, field
from datetime import date

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404

from attendance_mis import clock
from attendance_mis.permissions import Permission, requires
from attendance_mis.requests import Request
from penalties.actions.after import VERBS
from penalties.amounts import Kind, sum_due
from penalties.judging import unauthorised_now
from penalties.models import PenaltyNotice
from penalties.notices import COUNTING, State, amount_text
from penalties.watching import settings_of
from registers import codes
from registers.calendar_rules import Session
from registers.codes import Code
from registers.models import Mark
from reports.explained import Ask, Line
from reports.views.printed import explain_printed


@dataclass(frozen=True, slots=True)
class Standing:
    """A session of a notice: its code on the day of issue, the code now, and whether it still counts."""

    day: date
    session: Session
    then: Code
    now: Code | None
    counts: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A number of a notice as its pages print it, the days it is about, and what else it rests on."""

    said: str
    days: str
    beside: list[tuple[str, object]] = field(default_factory=list)
    sessions: list[Standing] = field(default_factory=list)


@requires(Permission.PREPARE_PENALTY)
def explain_notice(request: Request, notice_id: int, figure: str) -> HttpResponse:
    """Its sessions, payments and days, for who sees the notice; 404 for a number that it does not have."""
    notice = get_object_or_404(
        PenaltyNotice.objects.select_related("pupil__school", "contact", "school").prefetch_related("sessions"),
        pk=notice_id,
    )
    found = {"due": _due, "paid": _paid, "sessions-left": _left}
    shown = found[figure](notice, clock.today(request.school)) if figure in found else None
    if shown is None:
        raise Http404
    about = f"{notice} to {notice.contact}, about {notice.pupil}"
    return explain_printed(
        request,
        figure,
        [Line(about, [(shown.said, Ask(figure, about))])],
        days=shown.days,
        back=(notice.get_absolute_url(), "The notice"),
        template="reports/explain_notice.html",
        beside=shown.beside,
        sessions=shown.sessions,
        notice=notice,
        events=[(event, VERBS.get(event.verb, event.verb)) for event in notice.events.all()],
    )


def _due(notice: PenaltyNotice, today: date) -> Shown | None:
    """Of a notice that waits for payment, within its period (law.md 5.9 to 5.15)."""
    amount, period = notice.amount, notice.period
    if notice.state != State.ISSUED or not amount or not period or (due := sum_due(amount, period, today)) is None:
        return None
    return Shown(
        f"£{due}",
        f"{period.day_one:%-d %B %Y} to {period.full_until:%-d %B %Y}; today is {today:%-d %B %Y}",
        [("The amounts", amount_text(amount, period)), *_rules(notice)],
    )


def _paid(notice: PenaltyNotice, today: date) -> Shown | None:
    """What the local authority has said it was paid, within the period or late (5.19, 5.25)."""
    paid = [event for event in notice.events.all() if event.pounds is not None]
    if not paid:
        return None
    amount, period = notice.amount, notice.period
    beside: list[tuple[str, object]] = [("The amounts", amount_text(amount, period))] if amount and period else []
    return Shown(
        f"£{sum(event.pounds or 0 for event in paid)}",
        ", ".join(f"{event.on:%-d %B %Y}" for event in paid),
        [*beside, *_rules(notice)],
    )


def _left(notice: PenaltyNotice, today: date) -> Shown | None:
    """Of a notice that counts, or whose marks were seen to change: its sessions as the register says now (5.21)."""
    then = {(row.day, row.session): row.code for row in notice.sessions.all()}
    looked_at = notice.sessions_left is not None or notice.state in COUNTING
    if notice.kind != Kind.ABSENCE or not looked_at or not then:
        return None
    standing = unauthorised_now(notice.pupil, then, settings_of(notice.school, today))
    marks = Mark.objects.filter(pupil=notice.pupil_id, day__in={day for day, _ in then})
    now = {(day, session): codes.by_number(code) for day, session, code in marks.values_list("day", "session", "code")}
    sessions = [
        Standing(day, Session(half), codes.by_number(code), now.get((day, half)), (day, half) in standing)
        for (day, half), code in then.items()
    ]
    return Shown(
        f"{len(standing)}",
        f"{sessions[0].day:%-d %B %Y} to {sessions[-1].day:%-d %B %Y}",
        [
            ("Sessions the notice was issued for", len(sessions)),
            ("No longer unauthorised", len(sessions) - len(standing)),
            *([("Seen on", f"{notice.changed_on:%-d %B %Y}")] if notice.changed_on else []),
        ],
        sessions,
    )


def _rules(notice: PenaltyNotice) -> list[tuple[str, object]]:
    place = [("Place among those that count in three years", notice.place)] if notice.place else []
    served = [("Issued", f"{notice.issued_on:%-d %B %Y}")] if notice.issued_on else []
    return [("The rules", notice.scheme), *served, *place]
