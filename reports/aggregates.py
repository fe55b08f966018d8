"""The groups of a school without a name: what governors and trust leads may read, small numbers hidden."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from registers.attendance import Group
from registers.calendar_rules import academic_year_bounds, academic_year_of, monday_of
from registers.former_facts import as_they_were
from registers.sums import sums
from reports import kept
from reports.explained import Ask, Line
from reports.figures import Figures, days_per_pupil
from reports.groups import EVERYBODY, FAMILIES, Key, family_of, in_order, label, table
from reports.models import GovernorReport
from reports.patterns import Slot
from reports.querysets.governor import rolls
from reports.shown import ALWAYS_NAMED, counted, families_of, hidden_in_range
from reports.shown import FAMILIES as SHOWN
from reports.suppression import WHOLE, Row


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A group, or only its name where its number is hidden; `shows_persistent` is False where only that one is."""

    name: str
    family: str
    group: Group | None
    days: Decimal | None  # missed by each pupil, on average
    shows_persistent: bool
    shows_severe: bool
    key: Key = EVERYBODY

    @property
    def line(self) -> Line:
        """The row as it is printed, which is all that its explanations know."""
        shown: dict[str, Any] = dict.fromkeys(("pupils", "missed", "attendance", "persistent", "severe"))
        if group := self.group:
            shown |= {"pupils": group.pupils, "missed": self.days, "attendance": _percent(group.total.percent)}
            if self.shows_persistent:
                shown["persistent"] = _share(group.persistent, group.persistent_percent)
            if self.shows_severe:
                shown["severe"] = _share(group.severe, group.severe_percent)
        asks = {"of": self.key[0]} if self.key else {}
        return Line(self.name, [(said, Ask(figure, self.name, asks)) for figure, said in shown.items()], self.family)


def _percent(percent: Decimal | None) -> str:
    return "–" if percent is None else f"{percent} %"


def _share(count: int, percent: Decimal | None) -> str:
    return f"{count}" if percent is None else f"{count} ({percent} %)"


def rows(figures: Figures) -> list[Aggregate]:
    """Everybody and every group of the families shown, in order; those always named also when nobody is in them.

    Nothing hidden can be worked out from the rest, from other ranges of the page, or from a report to governors.
    """
    pupils = counted({pupil.pupil_id: pupil for pupil in as_they_were(figures.pupils, figures.former)})
    if not pupils:
        return []
    families, threshold = families_of(pupils), figures.question.school.small_numbers_under
    reports = _reports(academic_year_of(figures.question.range.last))
    year, for_good = _hidden_in_year(figures)
    unseen = frozenset().union(*(year - shown.keys() for _, shown in reports))
    dark = hidden_in_range(pupils, families, for_good, threshold, unseen)
    few, fewer = set(dark.persistent), set(dark.severe)
    asked = (f"{figures.question.range.first}", f"{figures.question.range.last}")
    for days, shown in reports:
        if days == asked:
            few |= {row for row in shown if shown[row]["persistent"] is None}
            fewer |= {row for row in shown if shown[row]["severe"] is None}
    groups = table(pupils.values(), SHOWN)
    printed = {key for key in groups if key and key[0] in families.get(family_of(key[0]), ())}

    def aggregate(key: Key) -> Aggregate:
        row = _row(key)
        group = groups[key] if row not in dark.rows and key in {EVERYBODY, *printed} else None
        return Aggregate(
            name=label(key),
            family=FAMILIES[family_of(key[0])] if key else "",
            group=group,
            days=days_per_pupil(group) if group else None,
            shows_persistent=row not in few,
            shows_severe=row not in fewer,
            key=key,
        )

    # An ethnic group that is hidden is not named: there are many, and to be named would say that a pupil is of it.
    named = {key for key in printed if not key[0].startswith("ethnicity:") or _row(key) not in dark.rows}
    named |= {(group,) for group in ALWAYS_NAMED}
    return [aggregate(key) for key in [EVERYBODY, *sorted(named, key=in_order)]]


def not_shown(figures: Figures) -> frozenset[str]:
    """The groups of which a page of governors' figures over these days shows nothing, by name."""
    shown = {row.name for row in rows(figures) if row.group}
    return frozenset(group for group in ALWAYS_NAMED if label((group,)) not in shown)


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


def _hidden_in_year(figures: Figures) -> tuple[frozenset[Row], frozenset[Row]]:
    """The rows of the year up to the last day asked about, and those of them that are hidden by then."""
    asked = figures.question
    year = academic_year_of(asked.range.last)
    first, last = academic_year_bounds(year)[0], min(asked.range.last, asked.today)
    same = (asked.range.first, asked.range.last) == (first, last)
    found = as_they_were(figures.pupils if same else sums(first, last), figures.former)
    facts = counted({pupil.pupil_id: pupil for pupil in found})
    families = families_of(facts)
    every = {WHOLE, *(Row(family, name) for family, names in families.items() for name in names)}
    there = [frozenset(roll & facts.keys()) for roll in rolls(asked.school, year, last)]
    return frozenset(every), kept.hidden_rows(asked.school, families, there)


def wholly_hidden(found: list[Aggregate]) -> list[str]:
    """The families of which nothing is shown: a page names them once instead of row by row."""
    shown = {row.family for row in found if row.group}
    return [FAMILIES[family] for family in SHOWN if FAMILIES[family] not in shown]


def may_draw(slots: Iterable[Slot], threshold: int) -> bool:
    """Whether attendance by week may be drawn: every week has at least so many pupils.

    One week of few would follow from its half-term and the other weeks, so it is all or none.
    """
    weeks: dict[date, int] = {}
    for slot in slots:
        if slot.possible:
            weeks[monday_of(slot.day)] = max(slot.possible, weeks.get(monday_of(slot.day), 0))
    return all(pupils >= threshold for pupils in weeks.values())
