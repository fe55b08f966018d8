"""The national threshold and its working: ten sessions in ten school weeks (law.md 5.1 to 5.5, interchange.md).

Pure. `Tally.in_window` of casework counts; here stands what a page shows of it, and the old local threshold.
"""

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from casework.measures import Mark, PupilFacts, Ranges, Tally
from penalties.notices import Session
from penalties.readings import PenaltySettings
from registers import codes
from registers.calendar_rules import Period, monday_of, school_weeks, window_of_school_weeks

THRESHOLD = 10
APPROACHING = 7
WEEK = timedelta(days=7)
WATCHED = codes.PENALTY_COUNTED | codes.NO_REASON


@dataclass(frozen=True, slots=True)
class Counted:
    """One pupil's count on a day: a row of `penalty_thresholds` when `counted` is not 0."""

    window_start: date
    window_end: date
    counted: int
    provisional: int

    @property
    def met(self) -> bool:
        return self.counted >= THRESHOLD

    @property
    def approaching(self) -> bool:
        return APPROACHING <= self.counted < THRESHOLD


def count(facts: PupilFacts, ranges: Ranges, settings: PenaltySettings) -> Counted | None:
    """Sessions of G, O and U (and N where the school counts it) in the window; None without a school week.

    `provisional` is N, whether it is counted or not. People who have left since are counted too.
    """
    if ranges.window is None:
        return None
    counted, no_reason = Tally(facts).in_window(ranges)
    return Counted(ranges.window, ranges.on, counted + no_reason if settings.count_n else counted, no_reason)


# The working


@dataclass(frozen=True, slots=True)
class Week:
    """A week of the strip. `number` is 1 to 10 for a school week, None for one that is skipped, with the reason."""

    monday: date
    number: int | None
    skipped_because: str
    counted: tuple[Mark, ...]
    provisional: tuple[Mark, ...]
    used: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Working:
    """How the count of one pupil, for one parent, comes about.

    `used` sessions stand in an earlier notice to that parent; they are part of `counted` only where the school's
    setting says so. `falls_out` are the counted sessions that leave the window on `falls_out_on`, the next Monday that
    begins a school week; None where the calendar ends or the window is not full yet.
    """

    on: date
    weeks: tuple[Week, ...]
    falls_out: tuple[Mark, ...]
    falls_out_on: date | None

    @property
    def sessions(self) -> frozenset[Session]:
        """The offence a notice on this day would be for: what is counted without what an earlier notice has spent."""
        return frozenset(mark[:2] for week in self.weeks for mark in set(week.counted) - set(week.used))

    @property
    def counted(self) -> int:
        return sum(len(week.counted) for week in self.weeks)

    @property
    def provisional(self) -> int:
        return sum(len(week.provisional) for week in self.weeks)

    @property
    def met(self) -> bool:
        return self.counted >= THRESHOLD


def working(
    facts: PupilFacts,
    periods: Sequence[Period],
    days: Sequence[date],
    on: date,
    settings: PenaltySettings,
    *,
    used: Collection[Session] = (),
    evidence: Iterable[Mark] = (),
) -> Working | None:
    """The ten school weeks as a strip, week by week, with what is counted in each; None before the first school week.

    `days` are the dates with a session, in order, and `periods` the calendar they come from; `used` the sessions of
    earlier notices to the parent; `evidence` marks of another school, entered by hand (5.3). A session known from both
    schools is counted once, whichever of them counts it.
    """
    window = window_of_school_weeks(days, on)
    if window is None:
        return None
    first, last = max(window[0], facts.compulsory[0]), min(on, facts.compulsory[1])
    absences = [mark for mark in (*facts.counted_marks(), *evidence) if mark[2] in WATCHED and first <= mark[0] <= last]
    # Of two marks of one session the one that counts stands last, and stays.
    absences.sort(key=lambda mark: (mark[:2], mark[2] in codes.PENALTY_COUNTED))
    marks = list({mark[:2]: mark for mark in absences}.values())
    all_weeks = school_weeks(days)
    numbers = {monday: n for n, monday in enumerate((w for w in all_weeks if window[0] <= w <= on), 1)}
    strip = [
        _week(monday, numbers.get(monday), marks, periods, settings, used)
        for monday in _mondays(window[0], monday_of(on))
    ]
    following = bisect_right(all_weeks, on)
    falls_out_on = all_weeks[following] if following < len(all_weeks) and len(numbers) == 10 else None
    return Working(on, tuple(strip), strip[0].counted if falls_out_on else (), falls_out_on)


def _mondays(first: date, last: date) -> list[date]:
    return [first + n * WEEK for n in range((last - first).days // 7 + 1)]


def _week(
    monday: date,
    number: int | None,
    marks: Iterable[Mark],
    periods: Iterable[Period],
    settings: PenaltySettings,
    used: Collection[Session],
) -> Week:
    here = [mark for mark in marks if monday <= mark[0] < monday + WEEK]
    spent = [mark for mark in here if mark[:2] in used]
    open_marks = here if settings.count_used_sessions else [mark for mark in here if mark not in spent]
    counting = WATCHED if settings.count_n else codes.PENALTY_COUNTED
    return Week(
        monday,
        number,
        "" if number else why_skipped(monday, periods),
        counted=tuple(mark for mark in open_marks if mark[2] in counting),
        provisional=tuple(mark for mark in here if mark[2] in codes.NO_REASON),
        used=tuple(mark for mark in spent if mark[2] in counting),
    )


def why_skipped(monday: date, periods: Iterable[Period]) -> str:
    """Why a week has no session: the closures that take it, or the holiday it lies in (5.2)."""
    weekdays = [monday + timedelta(days=n) for n in range(5)]
    touching = [period for period in periods if any(period.start <= day <= period.end for day in weekdays)]
    if not any(period.is_half_term for period in touching):
        return "school holiday"
    names = [period.label or period.kind.replace("_", " ") for period in touching if not period.is_half_term]
    return ", ".join(dict.fromkeys(names)) or "school holiday"


# Before 19 August 2024


def old_threshold_met(sessions: Collection[Session], settings: PenaltySettings) -> bool:
    """Whether an offence of these sessions reaches the old local threshold: so many within so many months (5.14).

    The months count back from the last session. Both numbers are settings.
    """
    if not sessions:
        return False
    last = max(sessions)[0]
    first = months_before(last, settings.old_threshold_months)
    return sum(first < day <= last for day, _ in sessions) >= settings.old_threshold_sessions


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
