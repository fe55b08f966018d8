"""The statutory clocks: from when the law counts, until when, and what it asks for. Pure: every day is an argument.

`days` are the school's days with at least one session, in order; a clock whose end the calendar does not reach has no
due date yet. The paragraphs are those of domain/law.md with the instrument behind them. Where the law names no day
our reading stands in the function; docs/clocks.md gathers these readings.
"""

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby

from attendance_mis.words import how_many
from registers import codes
from registers.calendar_rules import Session, academic_year_of, nth_school_day_after

Slot = tuple[date, Session]
Marked = tuple[date, Session, int]
"""Day, session, number of the code."""

WITHOUT_AUTHORITY_DAYS = 10
IRREGULAR_SESSIONS = 10  # of the ten school weeks, where nothing else is agreed (law.md 5.1)
SICKNESS_SESSIONS = 30  # fifteen days of two sessions
GROUND_I_DAYS = 20
PROVISION_FROM = 6
NEW_PUPIL_DAYS = 5
NO_REASON_DAYS = 5
# A run this long is shown before its clock is reached, so that nobody is surprised.
SHOWN_FROM = {"attendance_return": 6, "ground_i": 15}
LAST_DAY = "The last day on roll, as the name comes off after it."
UNAUTHORISED, ILLNESS = codes.UNAUTHORISED, codes.ILLNESS


class Kind(StrEnum):
    MISSING = "missing_register"
    OLD_N = "old_n"
    SOCIAL = "social_worker"
    YOUTH = "youth_offending"
    ATTENDANCE = "attendance_return"
    IRREGULAR = "irregular"
    SICKNESS = "sickness_return"
    NEW_PUPIL = "new_pupil"
    DELETION = "deletion"
    GROUND_I = "ground_i"
    EXCLUSION = "exclusion"
    PART_TIME = "part_time"
    PART_TIME_TOLD = "part_time_told"


# Telling a worker says that the child has one: not everybody reads that.
CONFIDENTIAL = (Kind.SOCIAL, Kind.YOUTH)


class Interval(StrEnum):
    """How often attendance returns are made, as agreed with the authority: a calendar month at the longest."""

    MONTH = "month"
    HALF_MONTH = "half_month"
    WEEK = "week"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a clock is called, the instrument behind it, its line in law.md, and what is to be done."""

    title: str
    source: str
    line: str
    do: str


GUIDANCE = "Working together to improve school attendance"
RULES: dict[Kind, Rule] = {
    Kind.MISSING: Rule("Missing register", "SI 2024/208 reg 10(1)", "1.6", "Take or re-key the register"),
    Kind.OLD_N: Rule("N without a reason", "SI 2024/208 reg 10(7) to (9)", "1.8", "Find the reason, or turn N into O"),
    Kind.SOCIAL: Rule("Social worker told", GUIDANCE, "3.28", "Tell the social worker"),
    Kind.YOUTH: Rule("Youth offending worker told", GUIDANCE, "3.28", "Tell the youth offending worker"),
    Kind.ATTENDANCE: Rule(
        "Ten school days without authority: attendance return", "SI 2024/208", "3.23", "Make the return"
    ),
    Kind.IRREGULAR: Rule("Fails to attend regularly: attendance return", "SI 2024/208", "3.23", "Make the return"),
    Kind.SICKNESS: Rule("Fifteen days of illness: sickness return", "SI 2024/208", "3.24", "Make the return"),
    Kind.NEW_PUPIL: Rule(
        "New pupil: tell the local authority", "SI 2024/208 reg 13(1) to (3)", "3.20", "Make the return"
    ),
    Kind.DELETION: Rule("Deletion: tell the local authority", "SI 2024/208 reg 13(4), (5)", "3.22", "Make the return"),
    Kind.GROUND_I: Rule(
        "Twenty school days without trace: ground i", "SI 2024/208 reg 9(1)", "3.12", "Search with the local authority"
    ),
    Kind.EXCLUSION: Rule(
        "Sixth school day of an exclusion",
        f"{GUIDANCE}, code E",
        "1.17",
        "Arrange full-time provision",
    ),
    Kind.PART_TIME: Rule("Part-time timetable: review", "SI 2024/208 reg 11(6)", "3.29", "Hold the review"),
    Kind.PART_TIME_TOLD: Rule(
        "Part-time timetable: local authority told", GUIDANCE, "3.29", "Tell the local authority of the timetable"
    ),
}


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock that runs. `occasion` tells it from the same clock another time; `is_reached`: what it asks is due.

    `counted` is what the rule counted, in order: each session, or each day where it counts days (no session then);
    `reckoned` says in words how the due day follows.
    """

    kind: Kind
    occasion: str
    start: date
    due: date | None
    sentence: str
    is_reached: bool = True
    counted: tuple[tuple[date, Session | None], ...] = ()
    reckoned: str = ""

    def state(self, today: date) -> str:
        """overdue, soon (today) or nothing, as pages say it."""
        if self.due is None or not self.is_reached:
            return ""
        return "overdue" if self.due < today else "soon" if self.due == today else ""


# N, missing registers, who is told


def no_reason(day: date, days: Sequence[date]) -> Clock:
    """An N: the reason is found by the fifth school day after the session; from the sixth it is listed as O."""
    due = nth_school_day_after(days, day, NO_REASON_DAYS)
    school_days = _listed(nth_school_day_after(days, day, n) for n in range(1, NO_REASON_DAYS + 1))
    return Clock(
        Kind.OLD_N,
        f"{day}",
        day,
        due,
        f"No reason is known for {_said(day)}.",
        counted=_whole([day]),
        reckoned=f"The fifth school day after the session. The school days after it: {school_days}.",
    )


def missing_register(class_name: str, day: date, session: Session) -> Clock:
    """A register that closed and was never sent."""
    said = f"{class_name}, {_said(day)} {session}."
    return Clock(
        Kind.MISSING, f"{class_name}:{day}:{session}", day, day, said, reckoned="The day of the session itself."
    )


def worker_told(kind: Kind, day: date, name: str) -> Clock:
    """Unexplained absence of a child with a worker: told on the day itself."""
    said = f"{name} is told of the unexplained absence on {_said(day)}."
    return Clock(
        kind, f"{day}", day, day, said, counted=_whole([day]), reckoned="The day of the unexplained absence itself."
    )


def worker_told_of_deletion(leaving: date, name: str) -> Clock:
    """A name that comes off the register: the social worker knows before it does, or when."""
    said = f"{name} is told that the name comes off the register after {_said(leaving)}."
    return Clock(Kind.SOCIAL, f"off:{leaving}", leaving, leaving, said, reckoned=LAST_DAY)


# Returns to the local authority


def run_without_authority(marks: Iterable[Marked]) -> list[date]:
    """The school days up to the last mark on which every possible session was unauthorised (G, N, O, U), in order.

    A day with no possible session (D, Y, X) or no mark neither counts nor breaks (policies.md,
    unauthorised_days_in_a_row).
    """
    run: list[date] = []
    for day, found in groupby(sorted(marks, reverse=True), key=lambda mark: mark[0]):
        numbers = [number for _, _, number in found if number in codes.POSSIBLE]
        if any(number not in UNAUTHORISED for number in numbers):
            break
        if numbers:
            run.append(day)
    return run[::-1]


def period_of(day: date, interval: Interval) -> tuple[date, date]:
    """The first and the last day of the stretch for which one attendance return is made."""
    if interval is Interval.WEEK:
        monday = day - timedelta(day.weekday())
        return monday, monday + timedelta(6)
    last = day.replace(day=monthrange(day.year, day.month)[1])
    if interval is Interval.MONTH:
        return day.replace(day=1), last
    return (day.replace(day=1), day.replace(day=15)) if day.day <= 15 else (day.replace(day=16), last)


def attendance_return(
    run: Sequence[date], days: Sequence[date], interval: Interval = Interval.MONTH, returned: date | None = None
) -> Clock | None:
    """Ten continuous school days without authority; returned by the end of the interval agreed, again in each one.

    `returned` is the day of the last return made of this child: one before the tenth day could not tell of it.
    """
    if len(run) < SHOWN_FROM[Kind.ATTENDANCE]:
        return None
    start = run[0]
    if len(run) < WITHOUT_AUTHORITY_DAYS:
        said = f"{len(run)} school days in a row since {_said(start)}; the tenth"
        return _if_it_goes_on(Kind.ATTENDANCE, said, run, WITHOUT_AUTHORITY_DAYS, days)
    reached = run[WITHOUT_AUTHORITY_DAYS - 1 :]
    told = returned if returned and returned >= reached[0] else None
    left = _not_returned(reached, interval, told)
    if not left:
        return None
    said = f"{len(run)} school days in a row since {_said(start)}."
    return Clock(
        Kind.ATTENDANCE,
        f"{start}/{_name(left[-1], interval)}",
        start,
        left[0],
        said,
        counted=_whole(run),
        reckoned=f"The tenth of these days is {_said(reached[0])}. {_by_interval(interval)}",
    )


def irregular(
    sessions: Sequence[date], interval: Interval = Interval.MONTH, *, least: int, returned: date | None = None
) -> Clock | None:
    """Fails to attend regularly: so many sessions without authority in ten school weeks, in a row or not.

    `sessions` are the days of the unauthorised sessions of the ten weeks, one for each session; `least` is what the
    school has agreed with its authority. Returned by the end of the interval in which the number was reached, and of
    each later one with another such session.
    """
    if len(sessions) < least:
        return None
    every = sorted(sessions)
    left = _not_returned(every[least - 1 :], interval, returned)
    if not left:
        return None
    start = every[0]
    said = f"{how_many(len(every), 'session')} without authority in ten school weeks, the first on {_said(start)}."
    return Clock(
        Kind.IRREGULAR,
        _name(left[-1], interval),
        start,
        left[0],
        said,
        counted=_whole(every),
        reckoned=f"{how_many(least, 'session')} were reached on {_said(every[least - 1])}. {_by_interval(interval)}",
    )


def _not_returned(days: Iterable[date], interval: Interval, returned: date | None) -> list[date]:
    """The last days of the stretches that hold one of these days and no return has told of yet, in order."""
    ends = sorted({period_of(day, interval)[1] for day in days})
    return [end for end in ends if returned is None or returned < period_of(end, interval)[0]]


def _name(end: date, interval: Interval) -> str:
    """A stretch as an occasion names it."""
    return f"{end:%Y-%m}" if interval is Interval.MONTH else f"{end}"


def sickness_return(ill: Collection[Slot], days: Sequence[date], *, year_began: date, today: date) -> list[Clock]:
    """Fifteen days of I in the school year, in one illness or together; expected sessions of illness count too.

    `ill` are this school year's sessions coded I and those to come that are reported. One return for each continuous
    illness of fifteen days, or one a year when only all illnesses together reach them. It is due on the day the
    fifteen days are reached, and today when that is still to come: there are grounds to believe it then.
    """
    found = []
    for bout in illnesses(ill, days):
        if len(bout) >= SICKNESS_SESSIONS:
            start = bout[0][0]
            said = f"Ill since {_said(start)}: {_days(len(bout))}{_ahead(bout, today)}."
            found.append(_sickness(f"{start}", bout, said, today))
    every = sorted(ill)
    if not found and len(every) >= SICKNESS_SESSIONS:
        said = f"{_days(len(every))} of illness this school year{_ahead(every, today)}."
        found.append(_sickness(f"{year_began}", every, said, today))
    return found


def _sickness(occasion: str, ill: Sequence[Slot], said: str, today: date) -> Clock:
    reached = ill[SICKNESS_SESSIONS - 1][0]
    tense = "were" if reached < today else "are"
    how = f"Fifteen days, {SICKNESS_SESSIONS} sessions, {tense} reached on {_said(reached)}."
    if reached > today:
        how += " That is expected, so the grounds to believe it are there today."
    return Clock(Kind.SICKNESS, occasion, ill[0][0], min(reached, today), said, counted=tuple(ill), reckoned=how)


def illnesses(ill: Iterable[Slot], days: Sequence[date]) -> list[list[Slot]]:
    """Sessions of illness as continuous illnesses: the next school day goes on with it, holidays do not break it."""
    found: list[list[Slot]] = []
    last: date | None = None
    for slot in sorted(ill):
        goes_on = last is not None and (slot[0] == last or nth_school_day_after(days, last, 1) == slot[0])
        if not goes_on:
            found.append([])
        found[-1].append(slot)
        last = slot[0]
    return found


def new_pupil(admitted: date, *, is_most_junior: bool, first_day_of_year: date | None) -> Clock | None:
    """Told by the end of the fifth day after the day the name is entered, which is the starting day.

    Calendar days (law.md 3.21). Not for a pupil of the most junior class who starts on the year's first school day.
    """
    if is_most_junior and first_day_of_year is not None and admitted <= first_day_of_year:
        return None
    said = f"On the register since {_said(admitted)}."
    return Clock(
        Kind.NEW_PUPIL,
        f"{admitted}",
        admitted,
        admitted + timedelta(NEW_PUPIL_DAYS),
        said,
        reckoned="The fifth day after the starting day; every day of the calendar counts, weekends too.",
    )


def deletion(leaving: date, *, ground: str, meaning: str, is_most_senior: bool, days: Sequence[date]) -> Clock | None:
    """Told as soon as the ground arises, and not later than the name comes off: by the last day on roll.

    Not at or after the end of the last term of the most senior class.
    """
    if is_most_senior and is_after_last_term(leaving, days):
        return None
    said = f"Comes off after {_said(leaving)}, ground {ground}: {meaning}."
    return Clock(Kind.DELETION, f"{leaving}", leaving, leaving, said, reckoned=LAST_DAY)


def is_after_last_term(day: date, days: Sequence[date]) -> bool:
    """Whether a day is the last of the school year's last term, or in the summer after it.

    Where the calendar ends before it, a last known school day in July is the last of its year.
    """
    place = bisect_right(days, day)
    if not place:
        return False
    last = days[place - 1]
    if place == len(days):
        return last.month == 7
    return academic_year_of(last) != academic_year_of(days[place])


# Twenty days, exclusions, part-time timetables


def ground_i(run: Sequence[date], days: Sequence[date]) -> Clock | None:
    """Twenty school days with every session G, N or O (`roll.days_without_trace`), and only after a joint search."""
    if len(run) < SHOWN_FROM[Kind.GROUND_I]:
        return None
    start = run[0]
    if len(run) < GROUND_I_DAYS:
        said = f"{len(run)} school days, every session G, N or O; the twentieth"
        return _if_it_goes_on(Kind.GROUND_I, said, run, GROUND_I_DAYS, days)
    said = (
        f"{len(run)} school days, every session G, N or O since {_said(start)}. The name may come off only when the "
        "school and the local authority have both searched, and nothing suggests sickness."
    )
    return Clock(
        Kind.GROUND_I,
        f"{start}",
        start,
        run[GROUND_I_DAYS - 1],
        said,
        counted=_whole(run),
        reckoned="The twentieth of these days.",
    )


def exclusion(excluded: Iterable[date], days: Sequence[date], today: date) -> list[Clock]:
    """Other full-time provision from the sixth consecutive school day coded E, past or planned."""
    found, wanted = [], set(excluded)
    run: list[date] = []
    for day in [*days, None]:
        if day in wanted:
            run.append(day)
            continue
        if len(run) >= PROVISION_FROM:
            sixth = run[PROVISION_FROM - 1]
            said = f"E since {_said(run[0])}; the sixth school day {_on(sixth, today)}."
            how = "The sixth of these days: full-time provision stands from it on."
            found.append(Clock(Kind.EXCLUSION, f"{run[0]}", run[0], sixth, said, counted=_whole(run), reckoned=how))
        run = []
    return found


def part_time_review(plan_id: int, start: date, end: date, review_on: date) -> Clock:
    """The day on which an agreed part-time timetable is reviewed."""
    said = f"Part-time from {_said(start)} to {_said(end)}."
    how = "The day of review that the timetable was agreed with, or that the last review set."
    return Clock(Kind.PART_TIME, f"{plan_id}:{review_on}", start, review_on, said, reckoned=how)


def part_time_told(plan_id: int, start: date, end: date) -> Clock:
    """That the authority was told of a part-time timetable: by its first day, as authorities want notice of it."""
    said = f"Part-time from {_said(start)} to {_said(end)}."
    how = "The first day of the timetable, as authorities want notice of it."
    return Clock(Kind.PART_TIME_TOLD, f"{plan_id}", start, start, said, reckoned=how)


def _whole(days: Iterable[date]) -> tuple[tuple[date, Session | None], ...]:
    return tuple((day, None) for day in days)


def _listed(days: Iterable[date | None]) -> str:
    """Days in a sentence, as far as the calendar reaches."""
    return ", ".join("beyond the calendar" if day is None else f"{day:%-d %B}" for day in days)


def _if_it_goes_on(kind: Kind, said: str, run: Sequence[date], wanted: int, days: Sequence[date]) -> Clock:
    """A run that is too short yet: due on the day on which it would be long enough."""
    left = wanted - len(run)
    due = nth_school_day_after(days, run[-1], left)
    return Clock(
        kind,
        f"{run[0]}",
        run[0],
        due,
        f"{said} {_on(due)} if it goes on.",
        is_reached=False,
        counted=_whole(run),
        reckoned=f"{how_many(left, 'school day')} after {_said(run[-1])}, the last of these days, if each of them is "
        "like these.",
    )


def _by_interval(interval: Interval) -> str:
    """When a return is made (law.md 3.23: at intervals agreed, at least once a calendar month)."""
    stretch = {Interval.MONTH: "calendar month", Interval.HALF_MONTH: "half of a month", Interval.WEEK: "week"}
    return (
        f"A return is made by the end of each {stretch[interval]}, as agreed with the local authority; the first end "
        "that no return has told of is the last day."
    )


def _said(day: date) -> str:
    return f"{day:%-d %B %Y}"


def _on(day: date | None, today: date | None = None) -> str:
    if day is None:
        return "is beyond the calendar"
    return f"{'was' if today and day < today else 'is'} {_said(day)}"


def _days(sessions: int) -> str:
    half = "½" if sessions % 2 else ""
    return f"{sessions // 2}{half} school days"


def _ahead(ill: Sequence[Slot], today: date) -> str:
    ahead = sum(day > today for day, _ in ill)
    return f", {_days(ahead)} of them expected" if ahead else ""
