"""The six parts of a year in which each pupil's sessions are kept counted, and how a range of days is made of them.

Pure. The cuts lie where English half-terms usually part, so a half-term, a term or a year is a few parts and few days
besides; they are fixed, so that no change of a calendar moves a mark from one part to another (decision 0023).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

CUTS = ((1, 1), (2, 16), (4, 1), (6, 1), (8, 1), (11, 1))
A_DAY = timedelta(1)
Days = tuple[date, date]


@dataclass(frozen=True, slots=True)
class Pieces:
    """A range of days as whole parts, by their first day, and days whose marks are added to them or taken off."""

    parts: tuple[date, ...]
    added: tuple[Days, ...]
    taken: tuple[Days, ...]


def part_of(day: date) -> date:
    """The first day of the part a day is in."""
    return max(start for month, number in CUTS if (start := date(day.year, month, number)) <= day)


def end_of(part: date) -> date:
    """The last day of the part that begins on this day."""
    starts = [date(part.year, month, number) for month, number in CUTS] + [date(part.year + 1, 1, 1)]
    return min(start for start in starts if start > part) - A_DAY


def pieces(first: date, last: date) -> Pieces:
    """A range, both days inclusive, by whichever needs fewer marks: those of its days, or those of the other days."""
    parts: list[date] = []
    added: list[Days] = []
    taken: list[Days] = []
    for part in _parts(first, last):
        end = end_of(part)
        inside = (max(part, first), min(end, last))
        outside = [span for span in ((part, inside[0] - A_DAY), (inside[1] + A_DAY, end)) if span[0] <= span[1]]
        if 2 * _length(inside) >= _length((part, end)):
            parts.append(part)
            taken += outside
        else:
            added.append(inside)
    return Pieces(tuple(parts), tuple(added), tuple(taken))


def _parts(first: date, last: date) -> Iterator[date]:
    part = part_of(first)
    while part <= last:
        yield part
        part = end_of(part) + A_DAY


def _length(span: Days) -> int:
    return (span[1] - span[0]).days + 1
