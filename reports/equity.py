"""Casework by group for people who read no name: what is hidden, and a share too rough to count backwards from.

Pure but for the sets it is given (`casework/equity.py`). How many pupils of a group had a case, and how many cases
ended as improved, are counts with `suppression`'s hiding, told as a band of five: the page is of today, and an exact
count less yesterday's would be the case opened since. Children who left stay counted, so that no band falls. How many
of those who need the work were reached is a share in steps of ten, because the counts behind it stand, for other days,
on other pages.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from casework.equity import FAMILIES, NO, WORDS, YES, Equity
from reports.suppression import WHOLE, Count, Row, band, hidden

STEP = 10
_AS_FIGURES = {"sen_status": "sen"}
# Each row by the name that the pages of figures know its group by.
GROUPS = {
    Row(family, words): f"{_AS_FIGURES.get(fact, fact)}:{value}"
    for fact, family in FAMILIES.items()
    for value, words in WORDS.get(fact, {"yes": YES, "no": NO}).items()
}


@dataclass(frozen=True, slots=True)
class HiddenRow:
    """One group; None: hidden."""

    name: str
    pupils: int
    cases: str | None
    improved: str | None
    reached: int | None


def table(of: Equity, threshold: int, not_shown: Collection[str] = ()) -> list[tuple[str, list[HiddenRow]]]:
    """The whole, then each family with its groups that may be shown at all; a family of one row says nothing.

    `not_shown`: the groups that the governors' figures of the year hide; they are hidden here too.
    """
    families: Mapping[str, Mapping[str, frozenset[int]]] = of.families
    already = [row for row, group in GROUPS.items() if group in not_shown]
    dark = hidden(of.on_roll, families, threshold, already=already)
    cases = hidden(of.on_roll, families, threshold, Count(of.with_case, (of.on_roll,)), dark)
    improved = hidden(of.on_roll, families, threshold, Count(of.improved, (of.with_case,)), cases)
    reached = hidden(of.on_roll, families, threshold, Count(of.needing & of.with_case, (of.needing,)), cases)

    def row(place: Row, name: str, pupils: frozenset[int]) -> HiddenRow:
        needing = pupils & of.needing
        return HiddenRow(
            name=name,
            pupils=len(pupils),
            cases=None if place in cases else band(len(pupils & of.with_case), threshold),
            improved=None if place in improved else band(len(pupils & of.improved), threshold),
            reached=None if place in reached or not needing else _rough(len(needing & of.with_case), len(needing)),
        )

    found = [("All pupils", [] if WHOLE in dark else [row(WHOLE, "All pupils", of.on_roll)])]
    for family, groups in families.items():
        rows = [
            row(Row(family, name), name, pupils) for name, pupils in groups.items() if Row(family, name) not in dark
        ]
        if len(rows) > 1:
            found.append((family, rows))
    return [each for each in found if each[1]]


def _rough(part: int, whole: int) -> int:
    """A share in steps of ten per cent, halves up."""
    return (part * 100 * 2 + whole * STEP) // (whole * STEP * 2) * STEP


def is_telling(found: Iterable[tuple[str, list[HiddenRow]]]) -> bool:
    """Whether anything of the work is left to read once small numbers are hidden."""
    return any(row.cases is not None or row.reached is not None for _, rows in found for row in rows)
