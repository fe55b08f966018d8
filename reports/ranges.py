"""The ranges of days that figures are asked for: a day, a week, a half-term, a term, a year, or any two days.

Pure. A range that still runs ends today. Its key stands in the address of a page.
"""

import calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from registers.calendar_rules import (
    Period,
    Session,
    Span,
    academic_year_bounds,
    academic_year_of,
    half_terms,
    monday_of,
    terms,
)
from registers.calendar_rules import year_name as said_year

# Fifty-two weeks, so that a Monday is compared with a Monday.
A_YEAR = timedelta(weeks=52)
DEFAULT = "year"


@dataclass(frozen=True, slots=True)
class Range:
    """Two days, both inclusive, with a name for people and a key for the address."""

    key: str
    label: str
    first: date
    last: date
    begins: date | None = None

    @property
    def days(self) -> str:
        """The range as people write it: a school year from its first term (`begins`); it is counted from August."""
        first = self.begins if self.begins and self.first < self.begins <= self.last else self.first
        if first == self.last:
            return f"{first:%-d %B %Y}"
        return f"{first:%-d %B %Y} to {self.last:%-d %B %Y}"


def ranges(periods: Iterable[Period], today: date) -> dict[str, Range]:
    """What a person may choose from, by key: now first, then half-terms and terms, the newest first."""
    periods = list(periods)
    year = academic_year_of(today)
    start, _ = academic_year_bounds(year)
    monday = monday_of(today)
    spans = [*half_terms(periods), *terms(periods)]
    begins = {y: min(s.start for s in spans if s.academic_year == y) for y in {s.academic_year for s in spans}}
    found = [
        Range(DEFAULT, f"This year so far ({said_year(year)})", start, today, begins.get(year)),
        Range("day", "Today", today, today),
        Range("week", "This week", monday, today),
        Range("last-week", "Last week", monday - timedelta(7), monday - timedelta(1)),
    ]
    begun = sorted((s for s in spans if s.start <= today), key=lambda s: (s.start, s.end), reverse=True)
    found += [Range(key_of(span), str(span), span.start, min(span.end, today)) for span in begun]
    years = sorted({span.academic_year for span in begun if span.academic_year < year}, reverse=True)
    found += [Range(f"{y}-year", f"The year {said_year(y)}", *academic_year_bounds(y), begins[y]) for y in years]
    return {each.key: each for each in found}


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a range that one cell of a table counts: some of its days, on one weekday, in one half of the day."""

    first: date
    last: date
    weekday: int | None = None
    session: int | None = None

    def holds(self, day: date, session: int) -> bool:
        """Whether a session of these days is counted."""
        return self.weekday in (None, day.weekday()) and self.session in (None, session)

    @property
    def is_whole(self) -> bool:
        """Whether all sessions of its days count."""
        return self.weekday is None

    @property
    def said(self) -> str:
        """In words, for the head of a page: "Mondays AM", "10 to 14 March"."""
        if self.weekday is None:
            return custom(self.first, self.last).days
        half = "" if self.session is None else f", {Session(self.session).name}"
        return f"{calendar.day_name[self.weekday]}s{half}"


def custom(first: date, last: date) -> Range:
    """Any two days."""
    return Range("custom", "These days", first, last)


def a_year_before(asked: Range, known: Mapping[str, Range]) -> Range:
    """The same range of the year before: the half-term or term of the same name, else 52 weeks earlier.

    One that still runs is compared up to the same day of it, so that the two are of about the same length.
    """
    year, _, name = asked.key.partition("-")
    if name and year.isdigit() and (same := known.get(f"{int(year) - 1}-{name}")):
        length = asked.last - asked.first
        return Range(same.key, same.label, same.first, min(same.last, max(same.first + length, asked.last - A_YEAR)))
    label, last = "The year before", asked.last - A_YEAR
    if asked.key != DEFAULT:
        return Range("", label, asked.first - A_YEAR, last)
    earlier = academic_year_of(asked.last) - 1
    whole = known.get(f"{earlier}-year")
    return Range("", label, academic_year_bounds(earlier)[0], last, whole.begins if whole else None)


def key_of(span: Span) -> str:
    """The key of a half-term or term among `ranges`."""
    return f"{span.academic_year}-{span.name.replace(' ', '-')}"
