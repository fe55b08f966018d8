"""The office's door: a late arrival, a child who goes out during the day, and one who comes back.

The mark is entered through `amending`, so that an arrival after the register was sent or closed is an amendment with
its reason, and a teacher who has the register open sees it. Each verb locks the child first: of two people who
press at once, the second is told what the first has done.
"""

from dataclasses import dataclass
from datetime import datetime, time

from django.db import transaction

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School
from attendance_mis.promises import promised
from registers import codes, late
from registers.actions import planning
from registers.actions.amending import Wanted, amend_marks
from registers.calendar_rules import RegisterTimes, Session
from registers.codes import Category, Code
from registers.facts import MarkFacts, Slot, mark_facts, register_times
from registers.late import Arrival
from registers.models import Crossing, PlannedAbsence, Pupil
from registers.planning import Plan
from registers.presence import presence
from registers.whereabouts import Where

IN, OUT = Crossing.Direction.IN, Crossing.Direction.OUT
# What the afternoon's register is told when a child goes out and does not come back in time for it.
AFTERNOON = {Crossing.Why.APPOINTMENT: ("appointment", "M"), Crossing.Why.UNWELL: ("reported", "I")}


@dataclass(frozen=True, slots=True)
class SignedOut:
    """The way out, and what was planned for the afternoon because of it, or why nothing was."""

    crossing: Crossing
    planned: str


@transaction.atomic
def record_arrival(
    *,
    school: School,
    pupil: Pupil,
    at: time,
    reason: str,
    by: Actor,
    marked_in_error: bool = False,
    is_self_service: bool = False,
) -> Crossing:
    """Record that a child came in late: minutes and L or U follow from the register's times.

    A mark of an authorised absence or an approved activity stays when she comes after the close: it is the code that
    fits (law.md 1.9). `marked_in_error` replaces a mark that says she was there already. Raises Refused.
    """
    Pupil.objects.select_for_update(no_key=True).get(pk=pupil.pk)
    now = clock.now(school)
    times = register_times(school)
    came = late.arrival(at, times)
    slot = Slot(pupil.pk, now.date(), came.session)
    facts = mark_facts(school, [slot])[slot]
    last = Crossing.objects.last_of(slot.day, [pupil.pk]).first()
    if reasons := why_not_arrive(pupil, at, now, facts, last, times, marked_in_error=marked_in_error):
        raise Refused(reasons)
    code = _enter(school, facts, came, at, reason, by)
    return _crossing(
        school, pupil, now, at, IN, Crossing.Why.LATE, reason, by,
        minutes_late=came.minutes_late, code=code.number, is_self_service=is_self_service,
    )  # fmt: skip


def why_not_arrive(
    pupil: Pupil, at: time, now: datetime, facts: MarkFacts, last: Crossing | None, times: RegisterTimes,
    *, marked_in_error: bool,
) -> list[str]:  # fmt: skip
    """Why this arrival cannot be recorded; empty means it can."""
    reasons = _why_not_now(at, now)
    reasons += [f"{sentence[0].upper()}{sentence[1:]}." for sentence in late.why_not_arrival(at, times)]
    if not facts.register.is_session:
        reasons.append(f"There is no school on {now:%A %-d %B} {facts.slot.session}.")
    if facts.pupil is None:
        reasons.append(f"{pupil} is not on roll today.")
    if reasons:
        return reasons
    if last and last.direction == OUT:
        return [f"{pupil} was signed out at {_local(last, now):%H:%M}. Say that {pupil.forename} is back instead."]
    if last and last.why == Crossing.Why.LATE and _session_of(last, now, times) is facts.slot.session:
        return [f"{pupil} came in at {_local(last, now):%H:%M} already; {last.by_name} recorded it."]
    if facts.code and facts.code.in_building and not marked_in_error:
        return [
            f"{pupil} is marked {facts.code.letter} ({facts.code.within}) already. If that is a mistake and "
            f"{pupil.forename} comes only now, say so below."
        ]
    return []


@transaction.atomic
def sign_out(
    *,
    school: School,
    pupil: Pupil,
    at: time,
    why: str,
    by: Actor,
    note: str = "",
    with_whom: str = "",
    expected_back: time | None = None,
) -> SignedOut:
    """Record that a child goes out. Not back for the afternoon register, its code is planned. Raises Refused."""
    Pupil.objects.select_for_update(no_key=True).get(pk=pupil.pk)
    now = clock.now(school)
    last = Crossing.objects.last_of(now.date(), [pupil.pk]).first()
    if reasons := why_not_sign_out(school, pupil, at, now, last, expected_back):
        raise Refused(reasons)
    crossing = _crossing(
        school, pupil, now, at, OUT, why, note, by, with_whom=with_whom, expected_back=expected_back
    )  # fmt: skip
    planned = _plan_afternoon(school, pupil, crossing, by)
    back = f", expected back at {expected_back:%H:%M}" if expected_back else ""
    audit.record(
        "sign_out",
        crossing,
        school_id=school.pk,
        by=by,
        pupil_id=pupil.pk,
        summary=f"Signed out at {at:%H:%M}: {crossing.get_why_display().lower()}"  # type: ignore[attr-defined]
        f"{f', {note}' if note else ''}{f', with {with_whom}' if with_whom else ''}{back}.",
    )
    return SignedOut(crossing, planned)


def why_not_sign_out(
    school: School, pupil: Pupil, at: time, now: datetime, last: Crossing | None, expected_back: time | None
) -> list[str]:
    """Why a child cannot be signed out; empty means she can."""
    reasons = _why_not_now(at, now)
    if expected_back and expected_back <= at:
        reasons.append(f"{expected_back:%H:%M} is before {pupil.forename} goes out.")
    if last and last.direction == OUT:
        return [*reasons, f"{pupil} was signed out at {_local(last, now):%H:%M} already, by {last.by_name}."]
    if last and at < _local(last, now).time():
        return [*reasons, f"{pupil} came in at {_local(last, now):%H:%M}, after the time you give."]
    here = presence(school, now, only=[pupil.pk])
    if not here:
        reasons.append(f"{pupil} is in no class today, or not on roll.")
    elif here[0].whereabouts.where is Where.OUT:
        reasons.append(f"{pupil} is not in school. {here[0].whereabouts.said}")
    return reasons


@transaction.atomic
def sign_back(*, school: School, pupil: Pupil, at: time, by: Actor) -> Crossing:
    """Record that a child who was signed out is back.

    What was planned for the afternoon because of it is cancelled while the register has not begun; back while it is
    open, she is late for it. Raises Refused where she is not out.
    """
    Pupil.objects.select_for_update(no_key=True).get(pk=pupil.pk)
    now = clock.now(school)
    last = Crossing.objects.last_of(now.date(), [pupil.pk]).first()
    if reasons := why_not_sign_back(pupil, at, now, last):
        raise Refused(reasons)
    times = register_times(school)
    if at < times.pm_register:
        for planned in _planned_at(promised(last), school):
            planning.cancel_absence(planned=planned, by=by, reason=f"Back at {at:%H:%M}")
    elif times.is_open(at, Session.PM):
        slot = Slot(pupil.pk, now.date(), Session.PM)
        facts = mark_facts(school, [slot])[slot]
        if facts.register.is_session and not (facts.code and facts.code.in_building):
            _enter(school, facts, late.arrival(at, times), at, f"back, {last.get_why_display().lower()}", by)
    crossing = _crossing(school, pupil, now, at, IN, Crossing.Why.BACK, "", by)
    summary = f"Back at {at:%H:%M}."
    audit.record("sign_back", crossing, school_id=school.pk, by=by, pupil_id=pupil.pk, summary=summary)
    return crossing


def why_not_sign_back(pupil: Pupil, at: time, now: datetime, last: Crossing | None) -> list[str]:
    """Why a child cannot be signed back in; empty means she can."""
    if last is None or last.direction == IN:
        back = f": {last.by_name} recorded {_local(last, now):%H:%M}" if last else ""
        return [f"{pupil} is not signed out{back}."]
    if at < _local(last, now).time():
        return [f"{pupil} went out at {_local(last, now):%H:%M}, after the time you give."]
    return _why_not_now(at, now)


# What the verbs share


def _why_not_now(at: time, now: datetime) -> list[str]:
    return [f"It is not {at:%H:%M} yet."] if at > now.time() else []


def _local(crossing: Crossing, now: datetime) -> datetime:
    return crossing.at.astimezone(now.tzinfo)


def _session_of(crossing: Crossing, now: datetime, times: RegisterTimes) -> Session:
    return times.session_at(_local(crossing, now).time())


def _enter(school: School, facts: MarkFacts, came: Arrival, at: time, reason: str, by: Actor) -> Code:
    """Enter what the arrival means for the register; a better ground for not being there at the close stays."""
    standing = facts.code
    planned = facts.pupil.planned_code if standing is None and facts.pupil else None
    ground = standing or (codes.by_number(planned) if planned else None)
    keeps = came.letter == "U" and ground is not None and ground.category in (
        Category.AUTHORISED, Category.APPROVED_ACTIVITY, Category.NOT_POSSIBLE,
    )  # fmt: skip
    if keeps and standing is not None:
        audit.record(
            "record_arrival", school_id=school.pk, by=by, pupil_id=facts.slot.pupil_id,
            summary=f"Arrived at {at:%H:%M}; the mark stays {standing}.",
        )  # fmt: skip
        return standing
    letter = ground.letter if keeps and ground else came.letter
    minutes = came.minutes_late if letter in ("L", "U") else None
    note = facts.note if keeps else reason
    why = f"Arrived at {at:%H:%M}{f': {reason}' if reason else ''}"
    wanted = Wanted(facts.slot, letter, facts.version, minutes, note)
    amend_marks(school=school, wanted=[wanted], reason=why, by=by, may_decide_leave=True, verb="record_arrival")
    return wanted.code()


def _crossing(
    school: School, pupil: Pupil, now: datetime, at: time, direction: str, why: str, note: str, by: Actor,
    **more: object,
) -> Crossing:  # fmt: skip
    return Crossing.objects.create(
        school=school, pupil=pupil, day=now.date(), at=datetime.combine(now.date(), at, tzinfo=school.zone),
        direction=direction, why=why, note=note, noted_at=now, by_id=by.person, by_name=by.name, **more,
    )  # fmt: skip


def _note(crossing: Crossing, school: School) -> str:
    """What the afternoon's plan says; by it the plan is found again."""
    return f"Signed out at {crossing.at.astimezone(school.zone):%H:%M}"


def _plan_afternoon(school: School, pupil: Pupil, crossing: Crossing, by: Actor) -> str:
    times, day = register_times(school), crossing.day
    leaves = crossing.at.astimezone(school.zone).time() < times.pm_register
    returns = crossing.expected_back is not None and crossing.expected_back < times.pm_closes
    if not leaves or returns or crossing.why not in AFTERNOON:
        return ""
    if PlannedAbsence.objects.planned_for(day, Session.PM, [pupil.pk]).exists():
        return "The afternoon was planned already."
    kind, letter = AFTERNOON[Crossing.Why(crossing.why)]
    plan = Plan(kind, letter, day, day, Session.PM, Session.PM, note=_note(crossing, school))
    try:
        planning.plan_absence(school=school, pupils=[pupil], plan=plan, by=by)
    except Refused as refused:
        return f"Nothing is planned for the afternoon: {' '.join(refused.reasons)}"
    return f"The afternoon register will say {letter}."


def _planned_at(crossing: Crossing, school: School) -> list[PlannedAbsence]:
    return list(
        PlannedAbsence.objects.standing().filter(
            pupil=crossing.pupil_id, start=crossing.day, end=crossing.day, note=_note(crossing, school)
        )
    )
