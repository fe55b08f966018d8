"""Explain a number of penalty notices: the amounts, what is due or paid, what the register leaves of the sessions."""

from dataclasses import dataclass, field
from datetime import date

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from attendance_mis import clock
from attendance_mis.permissions import Permission, requires
from attendance_mis.requests import Request
from penalties.actions.after import VERBS
from penalties.actions.notices import filled
from penalties.amounts import Kind, Served
from penalties.dashboard import in_payment, payments_of
from penalties.judging import unauthorised_now
from penalties.models import PenaltyNotice
from penalties.notices import COUNTING, Source, State, amount_text, say
from penalties.readings import POINTS, PeriodStarts
from penalties.watching import settings_of
from registers import codes
from registers.calendar_rules import Session, academic_year_bounds, academic_year_of, year_name
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
    today = clock.today(request.school)
    if figure == "amounts" and notice.state == State.PREPARED:
        notice, _ = filled(notice, today, request.actor)
    found = {"amounts": _amounts, "due": _due, "paid": _paid, "unpaid": _unpaid, "sessions-left": _left}
    shown = found[figure](notice, today) if figure in found else None
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


@dataclass(frozen=True, slots=True)
class Part:
    """What one notice adds to a sum: its pounds, until or on which day, and which of its numbers that is."""

    notice: PenaltyNotice
    pounds: int
    day: date | None
    figure: str


@requires(Permission.PREPARE_PENALTY)
def explain_money(request: Request, figure: str) -> HttpResponse:
    """What is due today, or was paid this academic year: the notices that add up to it."""
    today = clock.today(request.school)
    year = academic_year_of(today)
    beside: list[tuple[str, object]] = []
    if figure == "due-now":
        due = ((notice, notice.due_on(today)) for notice in in_payment())
        parts = [Part(notice, pounds, _until(notice, today), "due") for notice, pounds in due if pounds]
        days, on = f"{today:%-d %B %Y}", "Until"
    elif figure == "paid-this-year":
        payments, refunded = payments_of(year)
        parts = [Part(event.notice, event.paid, event.on, "paid") for event in payments if event.paid]
        days, on = f"{academic_year_bounds(year)[0]:%-d %B %Y} to {today:%-d %B %Y}", "Paid on"
        beside = [("Paid and refunded, as the notice was withdrawn", f"£{refunded:,}")] if refunded else []
    else:
        raise Http404
    total = f"£{sum(part.pounds for part in parts):,}"
    return explain_printed(
        request,
        figure,
        [Line("All notices", [(total, Ask(figure, year_name(year) if figure == "paid-this-year" else ""))])],
        days=days,
        back=(reverse("penalties:see_penalties", args=[request.school.urn]), "Penalties"),
        template="reports/explain_money.html",
        beside=beside,
        parts=parts,
        total=total,
        on=on,
    )


def _until(notice: PenaltyNotice, today: date) -> date | None:
    reduced = notice.reduced_until
    return reduced if reduced and today <= reduced else notice.full_until


def _amounts(notice: PenaltyNotice, today: date) -> Shown | None:
    """Both amounts with their last days, and why day 1 is that day (law.md 5.9, 5.10, 5.14, 5.15, 5.20)."""
    amount, period = notice.amount, notice.period
    if amount is None or period is None:
        return None
    beside: list[tuple[str, object]] = [("Day 1", f"{say(period.day_one)}. {_day_one_by(notice, today)}".strip())]
    if amount.reduced is not None and period.reduced_until is not None:
        beside.append(
            ("Reduced", f"£{amount.reduced} from day 1 to day {amount.reduced_days}, {say(period.reduced_until)}")
        )
    beside.append(("Full", f"£{amount.full} to day {amount.full_days}, {say(period.full_until)}"))
    return Shown(
        amount_text(amount, period),
        f"{say(period.day_one)} to {say(period.full_until)}",
        [*beside, *_rules(notice)],
    )


def _day_one_by(notice: PenaltyNotice, today: date) -> str:
    """The readings of the local authority's code in force on the day of issue; nothing of a notice of others."""
    if notice.source != Source.SCHOOL:
        return ""
    if notice.served == Served.HAND:
        return "Handed over, it counts as received that day."
    settings = settings_of(notice.school, notice.issued_on or today)
    asked = (
        ["period_starts"] if settings.period_starts == PeriodStarts.ISSUE else ["period_starts", "deemed_service_days"]
    )
    return " ".join(POINTS[each].readings[getattr(settings, each)] for each in asked)


def _unpaid(notice: PenaltyNotice, today: date) -> Shown | None:
    """Of a notice whose period is over, and which is neither paid, withdrawn nor in court (5.22)."""
    amount, period, unpaid = notice.amount, notice.period, notice.unpaid_on(today)
    if unpaid is None or amount is None or period is None:
        return None
    return Shown(
        f"£{unpaid}",
        f"{say(period.day_one)} to {say(period.full_until)}; today is {say(today)}",
        [("The amounts", amount_text(amount, period)), *_rules(notice)],
    )


def _due(notice: PenaltyNotice, today: date) -> Shown | None:
    """Of a notice that waits for payment, within its period (law.md 5.9 to 5.15)."""
    amount, period = notice.amount, notice.period
    due = notice.due_on(today)
    if due is None or amount is None or period is None:
        return None
    return Shown(
        f"£{due}",
        f"{period.day_one:%-d %B %Y} to {period.full_until:%-d %B %Y}; today is {today:%-d %B %Y}",
        [("The amounts", amount_text(amount, period)), *_rules(notice)],
    )


def _paid(notice: PenaltyNotice, today: date) -> Shown | None:
    """What the local authority has said it was paid, within the period or late (5.19, 5.25)."""
    paid = [event for event in notice.events.all() if event.paid is not None]
    if not paid:
        return None
    amount, period = notice.amount, notice.period
    beside: list[tuple[str, object]] = [("The amounts", amount_text(amount, period))] if amount and period else []
    return Shown(
        f"£{sum(event.paid or 0 for event in paid)}",
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
