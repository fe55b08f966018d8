"""The sums of attendance: exact integers, DfE's rounding, no database (law.md 1.1 to 1.5 and section 4).

Summaries add: a class is the sum of its pupils, a year the sum of its half-terms. Set-based SQL gives the same numbers.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from registers import codes
from registers.calendar_rules import Session
from registers.codes import Category

# The shares people say. Nobody says "1 in 21.1", and "about 1 in 20" is as true.
_SPOKEN = [
    *(Fraction(1, n) for n in (100, 75, 50, 40, 30, 25, 20, 15, 12, 10, 9, 8, 7, 6, 5, 4, 3, 2)),
    *(Fraction(n - 1, n) for n in (3, 4, 5, 10, 20)),
]


def percent_of(part: int, whole: int, places: int = 1) -> Decimal | None:
    """A share in per cent, halves up, in exact integers; None when there is nothing to be a share of (law.md 4.10)."""
    if whole == 0:
        return None
    return Decimal((200 * 10**places * part + whole) // (2 * whole)).scaleb(-places)


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of sessions, of one pupil or of many. `late` is the L part of `attended`.

    `possible` is attended + authorised + unauthorised + the COVID-19 sessions of 2020-22, which are neither attended
    nor absent; `unmarked` sessions are expected, hold no mark and are not in `possible` (interchange.md).
    """

    possible: int = 0
    attended: int = 0
    late: int = 0
    authorised: int = 0
    unauthorised: int = 0
    unmarked: int = 0

    def __add__(self, other: "Summary") -> "Summary":
        return Summary(
            self.possible + other.possible,
            self.attended + other.attended,
            self.late + other.late,
            self.authorised + other.authorised,
            self.unauthorised + other.unauthorised,
            self.unmarked + other.unmarked,
        )

    @property
    def absence(self) -> int:
        return self.authorised + self.unauthorised

    @property
    def percent(self) -> Decimal | None:
        """Attendance in per cent, one decimal, halves up; None when no session was possible."""
        return percent_of(self.attended, self.possible)

    @property
    def persistent(self) -> bool | None:
        """Whether 10 per cent or more was missed, unrounded; None when no session was possible (law.md 4.1, 4.3)."""
        return self.absence * 10 >= self.possible if self.possible else None

    @property
    def severe(self) -> bool | None:
        """Whether 50 per cent or more was missed, unrounded; None when no session was possible (law.md 4.2, 4.3)."""
        return self.absence * 2 >= self.possible if self.possible else None

    @property
    def band(self) -> int | None:
        """Lower edge of DfE's absence band in per cent: 0, 5, ... 45, 50 and over (law.md 4.11)."""
        return min(self.absence * 20 // self.possible * 5, 50) if self.possible else None

    @property
    def days_missed(self) -> Decimal:
        """Absence in days; a session is half of one."""
        return Decimal(self.absence) / 2

    @property
    def missed(self) -> str:
        """Absence in days, as people say it: "9 days", "half a day"."""
        return in_days(self.absence)

    @property
    def phrase(self) -> str:
        """Absence as people say it: "missed 9 days, about 1 in 20"."""
        if not self.possible:
            return "no sessions yet"
        if not self.absence:
            return "missed no days"
        return f"missed {self.missed}, {self.share}"

    @property
    def share(self) -> str:
        """Absence as a share of what was possible, as people say it: "about 1 in 20"; empty without any."""
        return _spoken(Fraction(self.absence, self.possible)) if self.absence else ""

    @property
    def in_words(self) -> str:
        """Per cent and absence: "95.3 per cent, missed 9 days, about 1 in 20", or "no sessions yet"."""
        return f"{self.percent} per cent, {self.phrase}" if self.possible else self.phrase


def in_days(sessions: int) -> str:
    """Sessions said in days: "half a day", "1 day", "4.5 days"."""
    if sessions == 1:
        return "half a day"
    return "1 day" if sessions == 2 else f"{Decimal(sessions) / 2:,} days"


def _spoken(share: Fraction) -> str:
    if share == 1:
        return "all of them"
    if share < Fraction(1, 100):
        return "fewer than 1 in 100"
    nearest = min(_SPOKEN, key=lambda spoken: abs(spoken - share))
    said = "half" if nearest == Fraction(1, 2) else f"{nearest.numerator} in {nearest.denominator}"
    return said if nearest == share else f"about {said}"


def summarise(
    marks: Iterable[tuple[date, Session, int]],
    expected: Iterable[tuple[date, Session]],
    compulsory: tuple[date, date] | None = None,
) -> Summary:
    """The counts of one pupil.

    `marks` are (day, session, number of the code); `expected` the school's sessions in the range on days the pupil was
    on roll, and marks of other sessions are left out; `compulsory` the first and last day of compulsory school age,
    which decides what plain X of 2020-22 counts as.
    """
    expected = set(expected)
    start, end = compulsory or (date.max, date.min)
    marked = {(day, session): number for day, session, number in marks if (day, session) in expected}
    counts = Counter(
        codes.by_number(codes.counted_as(number, day, compulsory_age=start <= day <= end)).category
        for (day, _), number in marked.items()
    )
    attended = counts[Category.ATTENDING] + counts[Category.APPROVED_ACTIVITY]
    authorised, unauthorised = counts[Category.AUTHORISED], counts[Category.UNAUTHORISED]
    return Summary(
        possible=attended + authorised + unauthorised + counts[Category.COVID],
        attended=attended,
        late=sum(number in codes.LATE for number in marked.values()),
        authorised=authorised,
        unauthorised=unauthorised,
        unmarked=len(expected) - len(marked),
    )


@dataclass(frozen=True, slots=True)
class Group:
    """Many pupils: their sessions added up, and how many of `counted` are persistently and severely absent."""

    pupils: int
    total: Summary
    counted: int
    persistent: int
    severe: int

    @property
    def persistent_percent(self) -> Decimal | None:
        return percent_of(self.persistent, self.counted)

    @property
    def severe_percent(self) -> Decimal | None:
        return percent_of(self.severe, self.counted)


def group(pupils: Iterable[tuple[Summary, bool]]) -> Group:
    """Adds up pupils, each with whether DfE's cohort holds them: 5 to 15, no boarder (law.md 4.4, 4.6).

    Of the cohort only those with a possible session are counted for persistent and severe absence.
    """
    pupils = list(pupils)
    counted = [summary for summary, in_cohort in pupils if in_cohort and summary.possible]
    return Group(
        pupils=len(pupils),
        total=sum((summary for summary, _ in pupils), Summary()),
        counted=len(counted),
        persistent=sum(bool(summary.persistent) for summary in counted),
        severe=sum(bool(summary.severe) for summary in counted),
    )


# Forecasts: `left` is the number of sessions still to come, all of them taken to be possible.


def at_best(so_far: Summary, left: int) -> Summary:
    """The counts at the end when every session still to come is attended: its `percent` is the best still reachable."""
    return so_far + Summary(possible=left, attended=left)


def missable(so_far: Summary, left: int) -> int:
    """How many of the sessions still to come can be missed without being persistently absent at the end.

    0 also when nothing helps any more: then `at_best(so_far, left).persistent` is true.
    """
    return max(0, min((so_far.possible + left - 1) // 10 - so_far.absence, left))


def sessions_until_persistent(so_far: Summary, recent: Summary, left: int) -> int | None:
    """After how many more sessions persistent absence begins when absence goes on at the rate of `recent`.

    0 when it has begun; None when at that rate it does not begin within the sessions left, or nothing was possible yet.
    """
    if so_far.persistent:
        return 0
    gain = 10 * recent.absence - recent.possible  # ten times absence less possible, per recent.possible sessions
    if gain <= 0 or not so_far.possible:
        return None
    sessions = -(-(so_far.possible - 10 * so_far.absence) * recent.possible // gain)
    return sessions if sessions <= left else None
