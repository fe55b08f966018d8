"""What the year can still become for one pupil: how much may be missed, the best still reachable, and when.

Pure, exact integers. Every session still to come is taken to be possible. The present rate is that of the last
`RECENT_DAYS` school days; a year's rate below ten per cent would never lead to ten.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from registers.attendance import Summary, at_best, in_days, missable, sessions_until_persistent

RECENT_DAYS = 30
# Below this many possible sessions a rate says nothing yet: two school weeks.
ENOUGH = 20


Words = tuple[str, str]
"""A part of a sentence, and the figure (`definitions`) that explains it; empty where it holds no number."""


class Outlook(StrEnum):
    """Where a pupil stands; the value is what a page says."""

    SEVERE = "Severely absent"
    PERSISTENT = "Persistently absent"
    AT_RISK = "At risk"
    ON_TRACK = "On track"
    TOO_EARLY = "Too early to say"


@dataclass(frozen=True, slots=True)
class Forecast:
    """`missable` sessions may still be missed without persistent absence at the year's end; `begins` is the day on
    which it begins at the present rate, None when it does not, or has begun.
    """

    outlook: Outlook
    so_far: Summary
    left: int
    missable: int
    best: Decimal | None
    begins: date | None
    is_lost: bool
    recent: Summary

    @property
    def sentence(self) -> str:
        """Days before per cent: "missed 9 days, about 1 in 20; 3 more days this year would be persistent absence"."""
        return "".join(words for words, _ in self.told)

    @property
    def told(self) -> list[Words]:
        """The sentence in its words and its numbers, each number with the figure that explains it."""
        if not self.so_far.absence:
            said = [(self.so_far.phrase, "")]
        else:
            said = [
                ("missed ", ""),
                (in_days(self.so_far.absence), "missed"),
                (", ", ""),
                (self.so_far.share, "absence"),
            ]
        return [*said, *self._to_come] if self.so_far.possible else said

    @property
    def _to_come(self) -> list[Words]:
        if self.is_lost:
            return [("; persistently absent, even if every day to come is attended", "")]
        if self.so_far.persistent:
            most = (_more(self.missable), "to-spare") if self.missable else ("no more", "")
            now = "; persistently absent now, and out of it again by the end of the year with at most "
            return [(now, ""), most, (" missed", "")]
        if not self.would_be:
            return [("; cannot become persistent absence any more this year", "")]
        return [("; ", ""), (self.would_be, "to-spare"), (" this year would be persistent absence", "")]

    @property
    def would_be(self) -> str:
        """How much more would be persistent absence, said as days on top; empty where that is so or cannot be."""
        if self.is_lost or self.so_far.persistent or self.missable >= self.left:
            return ""
        return _more(self.missable + 1)


def forecast(so_far: Summary, recent: Summary, ahead: Sequence[tuple[date, int]]) -> Forecast:
    """Of one pupil; `ahead` are the school days still to come while she is on roll, with the sessions of each."""
    left = sum(sessions for _, sessions in ahead)
    until = sessions_until_persistent(so_far, recent, left)
    end = at_best(so_far, left)
    if so_far.possible < ENOUGH:
        outlook = Outlook.TOO_EARLY
    elif so_far.severe:
        outlook = Outlook.SEVERE
    elif so_far.persistent:
        outlook = Outlook.PERSISTENT
    else:
        outlook = Outlook.AT_RISK if until is not None else Outlook.ON_TRACK
    return Forecast(
        outlook=outlook,
        so_far=so_far,
        left=left,
        missable=missable(so_far, left),
        best=end.percent,
        begins=_day_of(ahead, until) if outlook is Outlook.AT_RISK and until else None,
        is_lost=bool(end.persistent),
        recent=recent,
    )


def _more(sessions: int) -> str:
    """Sessions said as days on top: "half a day more", "1 more day", "4.5 more days"."""
    return "half a day more" if sessions == 1 else in_days(sessions).replace(" ", " more ")


def _day_of(ahead: Sequence[tuple[date, int]], nth: int) -> date | None:
    """The day that holds the n-th session to come."""
    for day, sessions in ahead:
        nth -= sessions
        if nth <= 0:
            return day
    return None
