"""The rules of planned absences: which sessions a plan covers, and why it may not stand. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from registers import codes
from registers.calendar_rules import Session
from registers.codes import Code, MustRecord, SetBy

Slot = tuple[date, Session]

EVERY_WEEKDAY = 0b11111  # Monday is bit 0
LONGEST = timedelta(days=366)
DAY = timedelta(days=1)
# These stand over what ranks lower: that goes on before and after them. Kinds not named rank 0.
RANK = {"closure": 2, "exclusion": 2, "leave": 1}
PROVISION_FROM = 6  # law.md 1.17: the school day of an exclusion on which other provision must begin

# What each kind of plan may enter. The letters are those of the set in force on its days.
LETTERS: dict[str, tuple[str, ...]] = {
    "appointment": ("M", "J1", "J"),
    "reported": ("I",),
    "leave": ("C", "C1", "J1", "S", "T", "H", "J"),
    "religious": ("R",),
    "activity": ("V", "P", "B", "W", "K"),
    "part_time": ("C2", "X"),
    "dual": ("D",),
    "exclusion": ("E",),
    "closure": ("Y1", "Y2", "Y3", "Y4", "Y5", "Y6", "Y7", "Q"),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """A code for a run of sessions: from a session of the first day to one of the last, on some weekdays."""

    kind: str
    letter: str
    start: date
    end: date
    start_session: Session = Session.AM
    end_session: Session = Session.PM
    weekdays: int = EVERY_WEEKDAY
    only_session: Session | None = None
    note: str = ""
    review_on: date | None = None

    def covers(self, slot: Slot) -> bool:
        day, session = slot
        return (
            (self.start, self.start_session) <= slot <= (self.end, self.end_session)
            and bool(self.weekdays >> day.weekday() & 1)
            and self.only_session in (None, session)
        )

    def code(self) -> Code:
        """The code of its first day. Raises UnknownCode or NotInForce."""
        return codes.code_for(self.letter, self.start)


def sessions_of(plan: Plan, held: Iterable[Slot]) -> list[Slot]:
    """The sessions a plan covers among those the school holds."""
    return [slot for slot in held if plan.covers(slot)]


def goes_over(plan: Plan, kind: str) -> bool:
    """Whether a plan comes between the sessions of another of this kind."""
    return is_unbroken(plan) and RANK.get(plan.kind, 0) > RANK.get(kind, 0)


def is_unbroken(plan: Plan) -> bool:
    """Whether a plan covers every session between its first and its last."""
    return plan.weekdays == EVERY_WEEKDAY and plan.only_session is None


def outside(other: Plan, plan: Plan) -> list[Plan]:
    """What is left of another plan before and after an unbroken one."""
    before = (plan.start, Session.AM) if plan.start_session is Session.PM else (plan.start - DAY, Session.PM)
    after = (plan.end, Session.PM) if plan.end_session is Session.AM else (plan.end + DAY, Session.AM)
    parts = [
        replace(other, end=before[0], end_session=before[1]),
        replace(other, start=after[0], start_session=after[1]),
    ]
    begins, ends = (other.start, other.start_session), (other.end, other.end_session)
    return [part for part, stays in zip(parts, (begins <= before, after <= ends), strict=True) if stays]


def why_not_plan(plan: Plan, slots: Collection[Slot], *, today: date, may_decide_leave: bool) -> list[str]:
    """Why nobody may have this plan; empty means it can stand. `slots` are the sessions it covers."""
    if (plan.start, plan.start_session) > (plan.end, plan.end_session):
        return ["The end is before the start."]
    if plan.letter not in LETTERS.get(plan.kind, ()):
        return [f"{plan.letter} is not a code of this kind of plan."]
    try:
        code = plan.code()
    except ValueError as error:
        return [f"{error}."]
    reasons = []
    if plan.end < today:
        reasons.append("That time is over: amend the marks instead.")
    if plan.end - plan.start > LONGEST:
        reasons.append("A plan is for a year at most: choose an earlier end.")
    if not slots:
        reasons.append("No session of the school falls in this time. Check the days, and the calendar.")
    if code.set_by is SetBy.HEAD and not may_decide_leave:
        reasons.append(f"{code.letter} ({code.short}) is for the headteacher to decide.")
    if plan.letter == "R" and plan.start != plan.end:
        reasons.append("R is for a single day set apart by the religious body: enter each day by itself.")
    if code.must_record is MustRecord.NATURE and not plan.note.strip():
        reasons.append(f"{code.letter} ({code.short}) needs the nature of the activity.")
    if code.must_record is MustRecord.CAUSE and not plan.note.strip():
        reasons.append(f"{code.letter} ({code.short}) needs the cause.")
    if code.must_record is MustRecord.PLAN:
        reasons += _why_not_part_time(plan)
    return reasons


def _why_not_part_time(plan: Plan) -> Iterable[str]:
    """law.md 1.11, 3.29: agreed, time-limited, reviewed."""
    if not plan.note.strip():
        yield "A part-time timetable needs what was agreed, with which parent, and the exceptional circumstances."
    if plan.review_on is None:
        yield "A part-time timetable needs a day on which it is reviewed."
    elif not plan.start <= plan.review_on <= plan.end:
        yield "The review must fall between the first and the last day of the part-time timetable."


def why_not_for_pupil(
    plan: Plan, slots: Collection[Slot], *, compulsory: tuple[date, date], spells: Collection[tuple[date, date | None]]
) -> list[str]:
    """Why this pupil may not have a plan that may stand; empty means yes. `spells` are first and last day on roll."""
    reasons: dict[str, None] = {}
    for day, session in slots:
        if not any(first <= day and (last is None or day <= last) for first, last in spells):
            return [f"not on roll on {day:%-d %B %Y}"]
        age = compulsory[0] <= day <= compulsory[1]
        code = plan.code()
        found = codes.why_not_code(
            code, day=day, session=session, compulsory_age=age, by_hand=True, has_plan=True, nature=plan.note or "-"
        )
        reasons |= dict.fromkeys(found)
    return list(reasons)


def advice(plan: Plan, slots: Collection[Slot]) -> list[str]:
    """What to think of before the plan is saved."""
    said = []
    days = sorted({day for day, _ in slots})
    if plan.letter == "E" and len(days) >= PROVISION_FROM:
        said.append(
            f"From the sixth school day, {days[PROVISION_FROM - 1]:%-d %B %Y}, other full-time provision must be "
            "arranged: enter it as B, K or D from then."
        )
    if plan.letter == "C2":
        said.append("A part-time timetable is not for managing behaviour. Tell the local authority of it.")
    if plan.letter == "T":
        said.append("T is only while a parent travels for trade or business.")
    return said
