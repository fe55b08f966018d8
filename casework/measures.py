"""The measures a school's ladders stand on, as exact sums of one pupil's marks (domain/policies.md, Measures).

Pure: the day is an argument. `Measures` holds whole counts only, so that it may come from marks (`Tally`) or from one
SQL query over a whole school, and what is made of it is the same.

The same sums in SQL: the counts are `count(*) FILTER (WHERE code IN (...))` between the dates of `Ranges`; a run is the
number of days with a mark of its codes after the last day that holds any other possible mark, so days with no possible
session (D, X, Y, unmarked) are passed over and a half-marked day is judged by its marked half.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from itertools import accumulate
from typing import Literal

from registers import codes
from registers.attendance import percent_of
from registers.calendar_rules import (
    Day,
    Span,
    academic_year_bounds,
    academic_year_of,
    span_of,
    window_of_school_weeks,
)

Mark = tuple[date, int, int]
"""Day, session (1 morning, 2 afternoon), number of the code."""

Reach = Literal["year", "half_term", "window", "run"]
Spell = tuple[date, date | None]
"""First and last day on roll, both inclusive."""

DAY = timedelta(days=1)
UNEXPLAINED = codes.numbers_of("N", "O")
UNAUTHORISED = codes.UNAUTHORISED


@dataclass(frozen=True, slots=True)
class PupilFacts:
    """What the measures need to know of one pupil. `marks` are sorted, with the codes as stored."""

    marks: Sequence[Mark]
    spells: Sequence[Spell]
    compulsory: tuple[date, date]
    vulnerable: bool = False

    def on_roll(self, day: date) -> bool:
        return any(start <= day and (end is None or day <= end) for start, end in self.spells)

    def of_compulsory_age(self, day: date) -> bool:
        """To the last Friday in June inclusive (law.md 6.7)."""
        return self.compulsory[0] <= day <= self.compulsory[1]

    def counted_marks(self) -> list[Mark]:
        """The marks on roll, plain X of 2020-22 as X02 where it counts so (law.md 2.7)."""
        marks = self.marks
        if marks and (len(self.spells) != 1 or marks[0][0] < self.spells[0][0] or self.spells[0][1] is not None):
            marks = [mark for mark in marks if self.on_roll(mark[0])]
        return [
            (day, session, codes.counted_as(code, day, compulsory_age=self.of_compulsory_age(day)))
            if code == codes.PLAIN_X_2006
            else (day, session, code)
            for day, session, code in marks
        ]


@dataclass(frozen=True, slots=True)
class Ranges:
    """From where each measure counts, up to and including `on`. The same for every pupil of a school on a day.

    `half_term` is the first day of the half-term holding `on`, or of the last one begun before it; `window` the first
    Monday of the ten school weeks. None: the calendar does not reach back that far, and nothing counts.
    """

    on: date
    year: date
    half_term: date | None
    window: date | None


def ranges_on(half_terms: Iterable[Span], days: Iterable[date], on: date) -> Ranges:
    """The ranges of a school's calendar on a day. `days` are the dates with at least one session, in order."""
    half_term, window = span_of(half_terms, on), window_of_school_weeks(days, on)
    return Ranges(
        on=on,
        year=academic_year_bounds(academic_year_of(on))[0],
        half_term=half_term.start if half_term else None,
        window=window[0] if window else None,
    )


@dataclass(frozen=True, slots=True)
class Measures:
    """Whole counts of one pupil on one day, from which every measure follows exactly.

    Sessions this academic year: `attended`, `authorised`, `unauthorised`, `not_absent` (X02 to X09: possible, neither
    attended nor absent), `illness` (part of authorised). `late`: L marks this half-term. `counted`: sessions in the
    ten school weeks that count to the national threshold. The two runs are whole days.
    """

    attended: int = 0
    authorised: int = 0
    unauthorised: int = 0
    not_absent: int = 0
    illness: int = 0
    late: int = 0
    counted: int = 0
    unexplained_days: int = 0
    unauthorised_days: int = 0

    @property
    def absent(self) -> int:
        return self.authorised + self.unauthorised

    @property
    def possible(self) -> int:
        return self.attended + self.absent + self.not_absent

    def ratio(self, measure: str) -> tuple[int, int] | None:
        """The measure as numerator and positive denominator, None when it has no value. Raises KeyError."""
        numerator, denominator = MEASURES[measure].ratio(self)
        return (numerator, denominator) if denominator else None

    def value(self, measure: str) -> Fraction | None:
        """The measure, exact, None when it has no value. Raises KeyError."""
        ratio = self.ratio(measure)
        return None if ratio is None else Fraction(*ratio)


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure: its name for people, how it is counted, and the sentence that says a value.

    `counts` are the codes of the numerator, from the first day of `reach`; `listed` those a list of its sessions shows:
    the same, or of a share what lowers it (attendance) or all that it is a share of.
    """

    label: str
    unit: str
    ratio: Callable[[Measures], tuple[int, int]]
    sentence: str
    reach: Reach
    counts: frozenset[int]
    listed: frozenset[int]

    def say(self, value: str) -> str:
        """The sentence with a value already in text: "missed 1 day this year"."""
        return self.sentence.format(value=value, s="" if value == "1" else "s")


MEASURES: Mapping[str, Measure] = {
    "days_absent_this_year": Measure(
        "days missed this year",
        "days",
        lambda m: (m.absent, 2),
        "missed {value} day{s} this year",
        "year",
        codes.ABSENT,
        codes.ABSENT,
    ),
    "attendance_percent_this_year": Measure(
        "attendance this year",
        "per cent",
        lambda m: (m.attended * 100, m.possible),
        "attendance is {value} per cent this year",
        "year",
        codes.ATTENDED,
        codes.POSSIBLE - codes.ATTENDED,
    ),
    "unexplained_days_in_a_row": Measure(
        "days in a row unexplained",
        "days",
        lambda m: (m.unexplained_days, 1),
        "{value} day{s} in a row unexplained",
        "run",
        UNEXPLAINED,
        UNEXPLAINED,
    ),
    "unauthorised_days_in_a_row": Measure(
        "days in a row unauthorised",
        "days",
        lambda m: (m.unauthorised_days, 1),
        "{value} day{s} in a row unauthorised",
        "run",
        UNAUTHORISED,
        UNAUTHORISED,
    ),
    "unauthorised_sessions_in_window": Measure(
        "unauthorised sessions in ten school weeks",
        "sessions",
        lambda m: (m.counted, 1),
        "{value} unauthorised session{s} in ten school weeks",
        "window",
        codes.PENALTY_COUNTED,
        codes.PENALTY_COUNTED,
    ),
    "late_marks_this_half_term": Measure(
        "late marks this half-term",
        "marks",
        lambda m: (m.late, 1),
        "{value} late mark{s} this half-term",
        "half_term",
        codes.LATE,
        codes.LATE,
    ),
    "illness_days_this_year": Measure(
        "days ill this year",
        "days",
        lambda m: (m.illness, 2),
        "{value} day{s} of illness this year",
        "year",
        codes.ILLNESS,
        codes.ILLNESS,
    ),
    "unauthorised_share_of_absence_percent": Measure(
        "share of absence this year that is unauthorised",
        "per cent",
        lambda m: (m.unauthorised * 100, m.absent),
        "{value} per cent of absence this year is unauthorised",
        "year",
        UNAUTHORISED,
        codes.ABSENT,
    ),
}

# Every counter of a mark packed into one integer, 16 bits each, so that one running sum holds all of them: a term is
# replayed for a whole school by two look-ups a pupil a day.
COUNTERS = (
    codes.ATTENDED,
    codes.AUTHORISED,
    codes.UNAUTHORISED,
    codes.COVID,
    codes.ILLNESS,
    codes.LATE,
    codes.PENALTY_COUNTED,
    codes.NO_REASON,
)
BITS, MASK = 16, 0xFFFF
WEIGHTS = {
    code.number: sum(1 << (BITS * place) for place, counter in enumerate(COUNTERS) if code.number in counter)
    for code in codes.CODES
}


@dataclass(frozen=True, slots=True)
class Behind:
    """What stands behind a measure: its first and last day, every mark between them, and those of them it lists.

    The days of a run begin with it. `first` None: there is none, or the calendar does not reach back that far.
    """

    first: date | None
    last: date
    known: Sequence[Mark]
    listed: Sequence[Mark]


@dataclass(slots=True)
class Tally:
    """One pupil's marks summed once, to be asked for any number of days."""

    facts: PupilFacts
    marks: list[Mark] = field(init=False)
    sums: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.marks = self.facts.counted_marks()
        self.sums = list(accumulate((WEIGHTS[code] for _, _, code in self.marks), initial=0))

    def on(self, ranges: Ranges, *, count_n: bool = False) -> Measures:
        """Every measure on `ranges.on`. `count_n`: N counts to the threshold too, a setting of the school (5.1a)."""
        end = self._before(ranges.on + DAY)
        attended, authorised, unauthorised, not_absent, illness, *_ = self._counts(ranges.year, end)
        *_, late, _, _ = self._counts(ranges.half_term, end)
        counted, no_reason = self.in_window(ranges)
        return Measures(
            attended=attended,
            authorised=authorised,
            unauthorised=unauthorised,
            not_absent=not_absent,
            illness=illness,
            late=late,
            counted=counted + no_reason if count_n else counted,
            unexplained_days=self.run(UNEXPLAINED, ranges.on),
            unauthorised_days=self.run(UNAUTHORISED, ranges.on),
        )

    def in_window(self, ranges: Ranges) -> tuple[int, int]:
        """G, O and U sessions, and N sessions, of the ten school weeks at compulsory school age (interchange.md)."""
        first, last = self._window(ranges)
        *_, counted, no_reason = self._counts(first, self._before(last + DAY))
        return counted, no_reason

    def _window(self, ranges: Ranges) -> tuple[date | None, date]:
        first, last = self.facts.compulsory
        return ranges.window and max(ranges.window, first), min(ranges.on, last)

    def run(self, run_codes: frozenset[int], on: date) -> int:
        """Whole days in a row, back from `on`, whose every possible session has one of the codes."""
        return len({day for day, _, _ in self._run(run_codes, on)})

    def _run(self, run_codes: frozenset[int], on: date) -> list[Mark]:
        found: list[Mark] = []
        for index in range(self._before(on + DAY) - 1, -1, -1):
            mark = self.marks[index]
            if mark[2] in run_codes:
                found.append(mark)
            elif mark[2] in codes.POSSIBLE:
                return [each for each in found if each[0] != mark[0]]
        return found

    def behind(self, measure: str, ranges: Ranges, *, count_n: bool = False) -> Behind:
        """The marks that a measure counts on `ranges.on`, between the dates that `on` counts them. Raises KeyError."""
        asked = MEASURES[measure]
        if asked.reach == "run":
            found = self._run(asked.counts, ranges.on)[::-1]
            first, last = (found[0][0] if found else None), ranges.on
            return Behind(first, last, self._between(first, last), found)
        starts = {"year": (ranges.year, ranges.on), "half_term": (ranges.half_term, ranges.on)}
        first, last = starts.get(asked.reach) or self._window(ranges)
        known = self._between(first, last)
        more = codes.NO_REASON if count_n and asked.reach == "window" else frozenset()
        return Behind(first, last, known, [mark for mark in known if mark[2] in asked.listed | more])

    def _between(self, first: date | None, last: date) -> list[Mark]:
        return [] if first is None else self.marks[self._before(first) : self._before(last + DAY)]

    def _before(self, day: date) -> int:
        return bisect_left(self.marks, (day,))

    def _counts(self, start: date | None, end: int) -> list[int]:
        begin = end if start is None else min(self._before(start), end)
        packed = self.sums[end] - self.sums[begin]
        return [(packed >> (BITS * place)) & MASK for place in range(len(COUNTERS))]


def measures(facts: PupilFacts, ranges: Ranges, *, count_n: bool = False) -> Measures:
    """Every measure of one pupil on one day, from the marks."""
    return Tally(facts).on(ranges, count_n=count_n)


@dataclass(frozen=True, slots=True)
class RunDay:
    """One school day of a run: whether it counts, or is passed over, and which sessions have no mark at all."""

    day: date
    counts: bool
    unmarked: tuple[int, ...]


def run_days(facts: PupilFacts, days: Sequence[Day], on: date, run_codes: frozenset[int]) -> list[RunDay]:
    """The school days of the run that `Tally.run` counts, oldest first; empty when there is none.

    Days without a possible session are shown but not counted, and an unmarked session is never silent: a register is
    missing and has to be chased.
    """
    of_day: dict[date, dict[int, int]] = {}
    for day, session, code in facts.counted_marks():
        of_day.setdefault(day, {})[session] = code
    found: list[RunDay] = []
    for school_day in reversed(days):
        if school_day.day > on or not facts.on_roll(school_day.day):
            continue
        marks = of_day.get(school_day.day, {})
        possible = [code for code in marks.values() if code in codes.POSSIBLE]
        if any(code not in run_codes for code in possible):
            break
        unmarked = tuple(int(session) for session in school_day.sessions if session not in marks)
        found.append(RunDay(school_day.day, bool(possible), unmarked))
    while found and not found[-1].counts:
        found.pop()
    return found[::-1]


def two_decimals(value: Fraction) -> str:
    """At most two decimals, halves up, trailing zeros dropped: 93.37, 94.5, 90 (interchange.md, escalations)."""
    rounded = percent_of(value.numerator, value.denominator * 100, places=2)
    return f"{rounded.normalize():f}" if rounded is not None else ""
