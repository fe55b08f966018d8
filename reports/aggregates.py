"""The groups of a school without a name: what governors and trust leads may read, small numbers hidden."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from registers.attendance import Group
from registers.calendar_rules import academic_year_bounds, academic_year_of
from registers.sums import sums
from reports.figures import Figures, days_per_pupil
from reports.groups import EVERYBODY, FAMILIES, Facts, Key, family_of, label, table
from reports.models import GovernorReport
from reports.querysets.governor import counted_in, spans_of
from reports.shown import FAMILIES as SHOWN
from reports.shown import counted, families_of, hidden_counts, hidden_in_year
from reports.suppression import WHOLE, Row, hidden


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A group, or only its name where its number is hidden; `shows_persistent` is False where only that one is."""

    name: str
    family: str
    group: Group | None
    days: Decimal | None  # missed by each pupil, on average
    shows_persistent: bool
    shows_severe: bool


def rows(figures: Figures) -> list[Aggregate]:
    """Everybody and every group of the families shown, in order.

    Nothing hidden can be worked out from the rest, from other ranges of the page, or from a report to governors.
    """
    pupils = counted({pupil.pupil_id: pupil for pupil in figures.pupils})
    if not pupils:
        return []
    families, threshold = families_of(pupils), figures.question.school.small_numbers_under
    reports = _reports(academic_year_of(figures.question.range.last))
    dark = hidden(frozenset(pupils), families, threshold, already=_hidden_in_year(figures, reports))
    few, fewer = hidden_counts(pupils, families, dark, threshold)
    asked = (f"{figures.question.range.first}", f"{figures.question.range.last}")
    for days, shown in reports:
        if days == asked:
            few |= {row for row in shown if shown[row]["persistent"] is None}
            fewer |= {row for row in shown if shown[row]["severe"] is None}
    groups = table(pupils.values(), SHOWN)

    def aggregate(key: Key) -> Aggregate:
        row = _row(key)
        return Aggregate(
            name=label(key),
            family=FAMILIES[family_of(key[0])] if key else "",
            group=None if row in dark else groups[key],
            days=None if row in dark else days_per_pupil(groups[key]),
            shows_persistent=row not in few,
            shows_severe=row not in fewer,
        )

    printed = [key for key in groups if key and key[0] in families.get(family_of(key[0]), ())]
    return [aggregate(key) for key in [EVERYBODY, *printed]]


def _row(key: Key) -> Row:
    return Row(family_of(key[0]), key[0]) if key else WHOLE


Report = tuple[tuple[str, str], dict[Row, Any]]
"""A table of a report to governors: its first and last day, and the numbers of the rows that it shows."""


def _reports(year: int) -> list[Report]:
    """The tables of days of this academic year in the reports to governors, as they were frozen."""
    known = GovernorReport.objects.filter(academic_year__in=(year, year + 1)).values_list("figures", flat=True)
    return [
        each
        for figures in known
        for each in _tables(figures)
        if academic_year_of(date.fromisoformat(each[0][0])) == year
    ]


def _tables(figures: dict[str, Any]) -> Iterator[Report]:
    for name, span in figures["spans"].items():
        lines = [(_row((line["group"],)), line.get(name)) for line in (*figures["years"], *figures["groups"])]
        lines.append((WHOLE, figures["whole"][name]))
        yield (span["first"], span["last"]), {row: said for row, said in lines if said and said["pupils"] is not None}


def _hidden_in_year(figures: Figures, reports: list[Report]) -> frozenset[Row]:
    """What is small in one half-term of the year asked about, or hidden in one report of it."""
    asked = figures.question
    year = academic_year_of(asked.range.last)
    first, last = academic_year_bounds(year)
    last = min(last, asked.today)
    same = (asked.range.first, asked.range.last) == (first, last)
    found = figures.pupils if same else sums(first, last)
    facts: dict[int, Facts] = {pupil.pupil_id: pupil for pupil in found if pupil.summary.possible}
    spans = [span for span in spans_of(asked.school, asked.today) if span.academic_year == year]
    half_terms = [counted_in(span.start, min(span.end, asked.today)) for span in spans]
    every = {WHOLE} | {Row(family, name) for family, names in families_of(facts).items() for name in names}
    unseen = frozenset().union(*(every - shown.keys() for _, shown in reports))
    return hidden_in_year(facts, half_terms, asked.school.small_numbers_under, already=unseen)


def wholly_hidden(found: list[Aggregate]) -> list[str]:
    """The families of which nothing is shown: a page names them once instead of row by row."""
    families = dict.fromkeys(row.family for row in found)
    return [family for family in families if not any(row.group for row in found if row.family == family)]
