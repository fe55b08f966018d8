"""The school calendar: which sessions there are, half-terms, school weeks, and the times of a register.

A school day is a weekday of a half-term that no INSET day, bank holiday or closure takes away (interchange.md,
calendar.csv). Academic years run from 1 August to 31 July and are named by their first calendar year.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import IntEnum, StrEnum
from itertools import pairwise


class Session(IntEnum):
    """Half a school day; the value is what a mark stores, the name what files and pages say."""

    AM = 1
    PM = 2

    def __str__(self) -> str:
        return self.name


class Kind(StrEnum):
    """What a period of the calendar is."""

    HT1 = "HT1"
    HT2 = "HT2"
    HT3 = "HT3"
    HT4 = "HT4"
    HT5 = "HT5"
    HT6 = "HT6"
    INSET = "inset"
    BANK_HOLIDAY = "bank_holiday"
    CLOSURE = "closure"


HALF_TERMS = (Kind.HT1, Kind.HT2, Kind.HT3, Kind.HT4, Kind.HT5, Kind.HT6)
TERMS = {"Autumn term": HALF_TERMS[:2], "Spring term": HALF_TERMS[2:4], "Summer term": HALF_TERMS[4:]}


@dataclass(frozen=True, slots=True)
class Period:
    """One row of the calendar, both days inclusive. A closing period with a session closes that half of each day."""

    start: date
    end: date
    kind: str
    label: str = ""
    session: Session | None = None

    def __str__(self) -> str:
        days = f"{self.start}" if self.start == self.end else f"{self.start} to {self.end}"
        return f"{self.label or self.kind} ({days})"

    @property
    def is_half_term(self) -> bool:
        return self.kind in HALF_TERMS

    def weekdays(self) -> Iterator[date]:
        """Monday to Friday of the period."""
        days = (self.start + timedelta(n) for n in range((self.end - self.start).days + 1))
        return (day for day in days if day.weekday() < 5)

    def closes(self, day: date, session: Session) -> bool:
        return not self.is_half_term and self.start <= day <= self.end and self.session in (None, session)


@dataclass(frozen=True, slots=True)
class Day:
    """A day with at least one session."""

    day: date
    am: bool
    pm: bool
    half_term: int
    academic_year: int

    @property
    def sessions(self) -> tuple[Session, ...]:
        return tuple(session for session, held in ((Session.AM, self.am), (Session.PM, self.pm)) if held)


@dataclass(frozen=True, slots=True)
class Span:
    """A half-term or term of one academic year, both days inclusive."""

    name: str
    academic_year: int
    start: date
    end: date

    def __str__(self) -> str:
        return f"{self.name} {year_name(self.academic_year)}"

    @property
    def spoken(self) -> str:
        """As a family reads it: "half-term 2 of 2026/27"."""
        return f"{self.name.replace('HT', 'half-term ')} of {year_name(self.academic_year)}"


# Academic years


def academic_year_of(day: date) -> int:
    """The first calendar year of the academic year a day is in: 2024 is 2024/25."""
    return day.year - (day.month < 8)


def academic_year_bounds(academic_year: int) -> tuple[date, date]:
    """1 August and 31 July, both inclusive."""
    return date(academic_year, 8, 1), date(academic_year + 1, 7, 31)


def autumn_census_day(academic_year: int) -> date:
    """The first Thursday in October, on which the autumn school census counts (not confirmed by law.md; a school's
    setting `groups_as_at` goes before it).
    """
    first = date(academic_year, 10, 1)
    return first + timedelta((3 - first.weekday()) % 7)


def year_name(academic_year: int) -> str:
    """2024 is said "2024/25"."""
    return f"{academic_year}/{(academic_year + 1) % 100:02}"


# The calendar


def school_days(periods: Iterable[Period]) -> tuple[Day, ...]:
    """Every day with at least one session, in order, of a calendar that `why_not_calendar` lets through."""
    periods = tuple(periods)
    closed = {
        (day, session)
        for period in periods
        if not period.is_half_term
        for day in period.weekdays()
        for session in ((period.session,) if period.session else Session)
    }
    days = (
        Day(
            day,
            (day, Session.AM) not in closed,
            (day, Session.PM) not in closed,
            HALF_TERMS.index(Kind(period.kind)) + 1,
            academic_year_of(day),
        )
        for period in sorted((p for p in periods if p.is_half_term), key=lambda p: p.start)
        for day in period.weekdays()
    )
    return tuple(day for day in days if day.am or day.pm)


def closed_by(periods: Iterable[Period], day: date, session: Session) -> Period | None:
    """The INSET day, bank holiday or closure that takes a session away, or None."""
    return next((period for period in periods if period.closes(day, session)), None)


def calendar_faults(periods: Sequence[Period]) -> Iterator[tuple[int, str, str]]:
    """What is wrong with a calendar: index of the period, name of its field, sentence (for a message with a line)."""
    for index, period in enumerate(periods):
        if period.kind not in list(Kind):
            yield (index, "kind", f"{period.kind or 'empty'} is not a kind of period; use one of {', '.join(Kind)}")
        if period.end < period.start:
            yield index, "end", f"{period.end} is before the start, {period.start}"
        elif period.is_half_term:
            yield from ((index, field, fault) for field, fault in _half_term_faults(period))
        if period.is_half_term and period.session:
            yield (index, "session", "a half-term has no session; only INSET days, bank holidays and closures do")
    before: Period | None = None  # the one that reaches furthest so far
    in_order = sorted(enumerate(periods), key=lambda each: (each[1].start, each[1].end))
    for index, period in in_order:
        if not period.is_half_term or period.end < period.start:
            continue
        if before and period.start <= before.end:
            yield index, "start", f"{period} overlaps {before}"
        elif before and period.kind < before.kind and academic_year_of(before.start) == academic_year_of(period.start):
            yield index, "kind", f"{period} begins after {before}: half-terms run HT1 to HT6 in an academic year"
        if before is None or period.end > before.end:
            before = period


def _half_term_faults(period: Period) -> Iterator[tuple[str, str]]:
    if not any(period.weekdays()):
        yield "end", f"{period} has no weekday"
    if academic_year_of(period.start) != academic_year_of(period.end):
        yield "end", f"{period} runs over 1 August, where the academic year begins"


def why_not_calendar(periods: Sequence[Period]) -> list[str]:
    """Why these periods are no calendar; empty means they are one."""
    return [
        f"{periods[index].kind} from {periods[index].start}: {fault}" for index, _, fault in calendar_faults(periods)
    ]


def half_terms(periods: Iterable[Period]) -> tuple[Span, ...]:
    """The half-terms in order; one written in several rows of an academic year is one half-term."""
    return _spans(periods, {str(kind): (kind,) for kind in HALF_TERMS})


def terms(periods: Iterable[Period]) -> tuple[Span, ...]:
    """Autumn (HT1 and HT2), spring and summer term of each academic year, in order."""
    return _spans(periods, TERMS)


def _spans(periods: Iterable[Period], names: Mapping[str, tuple[Kind, ...]]) -> tuple[Span, ...]:
    name_of = {kind: name for name, kinds in names.items() for kind in kinds}
    found: dict[tuple[int, str], list[Period]] = {}
    for period in periods:
        if period.is_half_term:
            found.setdefault((academic_year_of(period.start), name_of[Kind(period.kind)]), []).append(period)
    spans = (
        Span(name, year, min(part.start for part in parts), max(part.end for part in parts))
        for (year, name), parts in found.items()
    )
    return tuple(sorted(spans, key=lambda span: span.start))


def span_of(spans: Iterable[Span], on: date) -> Span | None:
    """The half-term or term holding the day, or the last one begun before it; None before the first."""
    return max((span for span in spans if span.start <= on), key=lambda span: span.start, default=None)


def half_term_of(periods: Iterable[Period], on: date) -> Span | None:
    """The half-term holding the day, or the last one begun before it (policies.md, late_marks_this_half_term)."""
    return span_of(half_terms(periods), on)


# School weeks and counting school days. `days` are dates with at least one session, in order.


def monday_of(day: date) -> date:
    return day - timedelta(day.weekday())


def school_weeks(days: Iterable[date]) -> tuple[date, ...]:
    """The Mondays of the weeks with at least one session, in order (law.md 5.2)."""
    return tuple(sorted({monday_of(day) for day in days}))


def window_of_school_weeks(days: Iterable[date], on: date, weeks: int = 10) -> tuple[date, date] | None:
    """First Monday and last day (`on`) of the window of the national threshold; None before the first school week.

    The window is the school week holding `on`, or else the latest before it, and the weeks - 1 school weeks before that
    (interchange.md, penalty_thresholds; law.md 5.1, 5.2).
    """
    begun = [week for week in school_weeks(days) if week <= on]
    return (begun[-weeks:][0], on) if begun else None


def nth_school_day_after(days: Sequence[date], day: date, n: int) -> date | None:
    """The n-th school day after a day (1 is the next); None where the calendar does not reach that far."""
    index = bisect_right(days, day) + n - 1
    return days[index] if index < len(days) else None


def school_days_after(days: Sequence[date], day: date, until: date) -> int:
    """How many school days lie after `day`, up to and including `until`."""
    return max(0, bisect_right(days, until) - bisect_right(days, day))


def school_days_from(days: Sequence[date], start: date, until: date) -> Sequence[date]:
    """The school days of a range, both days inclusive."""
    return days[bisect_left(days, start) : bisect_right(days, until)]


def no_reason_overdue_from(days: Sequence[date], day: date) -> date | None:
    """The first day on which an N of `day` is overdue: the sixth school day after it (law.md 1.8)."""
    return nth_school_day_after(days, day, 6)


# The times of a register


@dataclass(frozen=True, slots=True)
class RegisterTimes:
    """When a school takes its registers, local time. A register is open from its start until just before it closes."""

    am_register: time
    am_closes: time
    pm_register: time
    pm_closes: time
    day_ends: time

    def opens(self, session: Session) -> time:
        return self.am_register if session is Session.AM else self.pm_register

    def closes(self, session: Session) -> time:
        return self.am_closes if session is Session.AM else self.pm_closes

    def is_open(self, moment: time, session: Session) -> bool:
        return self.opens(session) <= moment < self.closes(session)

    def is_closed(self, moment: time, session: Session) -> bool:
        """Whether the register of today's session has closed; never merely because it has not opened yet."""
        return moment >= self.closes(session)

    def session_at(self, moment: time) -> Session:
        """The session a person means at this time of day: the morning's until the afternoon register begins."""
        return Session.AM if moment < self.pm_register else Session.PM


def times_faults(times: RegisterTimes) -> Iterator[tuple[str, str]]:
    """What is wrong with a school's times: name of the field, sentence (law.md 3.3: open for at most 30 minutes)."""
    named = [
        ("am_register", "the morning register"),
        ("am_closes", "its close"),
        ("pm_register", "the afternoon register"),
        ("pm_closes", "its close"),
        ("day_ends", "the end of the day"),
    ]
    for (field, earlier), (next_field, later) in pairwise(named):
        before, after = getattr(times, field), getattr(times, next_field)
        if after <= before:
            yield next_field, f"{later} ({after:%H:%M}) must be after {earlier} ({before:%H:%M})"
    for session in Session:
        minutes = minutes_between(times.opens(session), times.closes(session))
        if minutes > 30:
            sentence = f"the {session} register is open for {minutes} minutes; the law allows at most 30"
            yield f"{session.name.lower()}_closes", sentence


def why_not_times(times: RegisterTimes) -> list[str]:
    """Why a school may not take its registers at these times; empty means it may."""
    return [sentence for _, sentence in times_faults(times)]


def minutes_between(earlier: time, later: time) -> int:
    """Whole minutes from one time of a day to another of the same day; seconds are dropped first."""
    return (later.hour - earlier.hour) * 60 + later.minute - earlier.minute
