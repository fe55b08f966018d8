"""When a register may be taken, and what becomes of a mark: pure rules over plain facts.

A register is open from its start to its close, at most thirty minutes (law.md 3.3). Until it is sent or closed a
correction is part of taking it; from then on every change is an amendment, which only some may make, and what a
teacher enters then goes to the office as a proposal. A register that was never sent may still be taken and sent; it
is recorded as late. A mark counts as made when the person made it, not when the network delivered it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from zoneinfo import ZoneInfo

from registers import codes
from registers.calendar_rules import RegisterTimes, Session
from registers.codes import Code, SetBy


class Outcome(StrEnum):
    """What becomes of a mark that is entered."""

    TAKEN = "taken"
    AMENDED = "amended"
    PROPOSED = "proposed"
    CLASH = "clash"
    REFUSED = "refused"


# How long a mark may have waited in a browser and still count as made when the person says she made it.
BELIEVED_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Rights:
    """What a person may do in a register beyond taking it."""

    set_any: bool = False
    decide_leave: bool = False
    amend: bool = False


@dataclass(frozen=True, slots=True)
class PupilFacts:
    """What the rules need to know of a pupil on the day."""

    id: int
    compulsory_from: date
    compulsory_until: date
    planned_code: int | None = None
    planned_kind: str = ""

    def compulsory_age(self, day: date) -> bool:
        return self.compulsory_from <= day <= self.compulsory_until


@dataclass(frozen=True)
class RegisterFacts:
    """What the rules need to know of one class's register of one session."""

    day: date
    session: Session
    is_session: bool
    times: RegisterTimes
    zone: ZoneInfo
    sent_at: datetime | None
    pupils: dict[int, PupilFacts]

    @cached_property
    def opens_at(self) -> datetime:
        return datetime.combine(self.day, self.times.opens(self.session), self.zone)

    @cached_property
    def closes_at(self) -> datetime:
        return datetime.combine(self.day, self.times.closes(self.session), self.zone)

    def is_settled(self, made_at: datetime) -> bool:
        """Whether the register was sent or closed when the mark was made."""
        return made_at >= self.closes_at or (self.sent_at is not None and made_at >= self.sent_at)


def why_not_open(facts: RegisterFacts, now: datetime) -> list[str]:
    """Why no mark can be entered for this session at all; empty means one can."""
    if not facts.is_session:
        return [f"The school is closed on {facts.day:%A %-d %B %Y} {facts.session}: there is no register to take."]
    if now < facts.opens_at:
        return [f"This register opens on {facts.opens_at:%A %-d %B} at {facts.opens_at:%H:%M}."]
    return []


class Stage(StrEnum):
    """How far a register has come; the value is what the page says."""

    NO_SESSION = "No session"
    NOT_YET = "Not yet open"
    OPEN = "Open"
    TAKING = "Being taken"
    SENT = "Sent"
    SENT_LATE = "Sent late"
    MISSING = "Not sent"


def stage(facts: RegisterFacts, *, now: datetime, is_late: bool, is_opened: bool) -> Stage:
    """How far a register has come. One that nobody sent by its close stays missing until somebody does."""
    if facts.sent_at is not None:
        return Stage.SENT_LATE if is_late else Stage.SENT
    if not facts.is_session:
        return Stage.NO_SESSION
    if now < facts.opens_at:
        return Stage.NOT_YET
    if now >= facts.closes_at:
        return Stage.MISSING
    return Stage.TAKING if is_opened else Stage.OPEN


def moment_made(received: datetime, age: timedelta, *, opened_at: datetime) -> datetime:
    """When a mark was made that arrived now, `age` after it was made by the browser's own clock.

    The age, not the time of day, is asked of the browser: its clock may be wrong. A mark is never younger than its
    arrival nor older than the opening of its register; an age beyond a day is not believed (decision 0004).
    """
    if age > BELIEVED_FOR:
        return received
    return max(min(received, received - age), min(opened_at, received))


def letter_meant(typed: str, session: Session) -> str:
    """The letter somebody means who types it: either stroke is "present" of this session, and case does not matter."""
    letter = typed.strip().upper()
    return present(session) if letter in ("/", "\\") else letter


def present(session: Session) -> str:
    """The letter of "present" in this session."""
    return "/" if session is Session.AM else "\\"


def palette(day: date, session: Session, rights: Rights) -> tuple[Code, ...]:
    """The codes a person may set by hand in a register of this day and session, in the order of the table."""
    allowed = {SetBy.TEACHER} | ({SetBy.OFFICE} if rights.set_any else set())
    if rights.decide_leave:
        allowed.add(SetBy.HEAD)
    other = present(Session.PM if session is Session.AM else Session.AM)
    return tuple(code for code in codes.codes_in_force(day) if code.set_by in allowed and code.letter != other)


def outcome(
    facts: RegisterFacts, *, made_at: datetime, has_mark: bool, may_amend: bool, is_own_late: bool = False
) -> Outcome:
    """What becomes of a mark made at this moment.

    A blank in a register that was never sent may be filled after the close, and the register is late; `is_own_late`
    says that the mark which stands was made so, by the same person: until she sends the register she may still put it
    right. A change of any other mark that stands is an amendment then, as is any change after sending.
    """
    is_being_taken_late = facts.sent_at is None and (not has_mark or is_own_late)
    if not facts.is_settled(made_at) or is_being_taken_late:
        return Outcome.TAKEN
    return Outcome.AMENDED if may_amend else Outcome.PROPOSED


def why_not_amend(facts: RegisterFacts, pupil: PupilFacts | None, now: datetime) -> list[str]:
    """Why no mark of this pupil can be entered or amended for this session, whatever the code; empty means one can."""
    reasons = why_not_open(facts, now)
    if pupil is None:
        reasons.append(f"The pupil was not on roll on {facts.day:%A %-d %B %Y}.")
    return reasons


def why_not_mark(
    facts: RegisterFacts,
    pupil: PupilFacts | None,
    code: Code,
    *,
    may_set_any: bool,
    may_decide_leave: bool = False,
    note: str = "",
) -> list[str]:
    """Why this person may not enter this code for this pupil; empty means she may."""
    if pupil is None:
        return ["This pupil is not on the roll of this class on this day."]
    planned = pupil.planned_code == code.number
    if code.set_by is not SetBy.TEACHER and not may_set_any and not planned:
        return [f"{code.letter} is set by the office; tell them what you know, or enter N with a note."]
    if code.set_by is SetBy.HEAD and not may_decide_leave and not planned:
        return [f"{code.letter} is for the headteacher to decide; record the request as leave, or enter N until then."]
    return codes.why_not_code(
        code,
        day=facts.day,
        session=facts.session,
        compulsory_age=pupil.compulsory_age(facts.day),
        by_hand=True,
        has_plan=planned and pupil.planned_kind == "part_time",
        nature=note,
    )


def why_not_minutes(facts: RegisterFacts, code: Code, minutes: int | None) -> list[str]:
    """Why so many minutes late cannot stand beside this code; empty means they can (law.md 1.7)."""
    if minutes is None:
        return []
    if code.letter not in ("L", "U"):
        return [f"Minutes late belong to L and U, not to {code.letter}."]
    open_for = (facts.closes_at - facts.opens_at).seconds // 60
    if code.letter == "L" and not 0 <= minutes < open_for:
        return [f"L is less than {open_for} minutes late; the register had closed by then, and the office enters U."]
    if not 0 <= minutes <= 480:
        return ["Minutes late are between 0 and 480."]
    return []


def why_not_overwrite(by_others: str, *, may_set_any: bool, note: str, taken_back: bool) -> list[str]:
    """Why a teacher may not change what the office or a plan entered; empty means she may.

    `by_others` says who entered it ("Ms Khan"), empty when it was made while taking the register.
    """
    if not by_others or may_set_any:
        return []
    if taken_back:
        return [f"{by_others} entered this mark. Change it, with a note that says why, instead of taking it away."]
    if not note.strip():
        return [f"{by_others} entered this mark. Add a note that says why you change it."]
    return []


def why_not_take_back(facts: RegisterFacts, made_at: datetime) -> list[str]:
    """Why a mark may not become blank again; empty means it may."""
    if facts.sent_at is not None or facts.is_settled(made_at):
        return ["A mark of a register that was sent or has closed can be changed, but not taken away."]
    return []


def why_not_send(facts: RegisterFacts, blank: Sequence[str], *, now: datetime, blanks_are_n: bool) -> list[str]:
    """Why the register cannot be sent now; empty means it can. `blank` names the pupils without a mark."""
    reasons = why_not_open(facts, now)
    if facts.sent_at is not None:
        reasons.append("This register has been sent already.")
    if blank and not blanks_are_n:
        names = f"{', '.join(blank[:-1])} and {blank[-1]}" if len(blank) > 1 else blank[0]
        have, them = ("have", "them") if len(blank) > 1 else ("has", "the pupil")
        reasons.append(f"{names} {have} no mark yet. Mark {them}, or send {them} as N.")
    return reasons
