"""What casework has done: cases opened, closed and improved, by what stood in the way and by what helped. Pure.

Counts of cases, no names. A share of fewer than `ENOUGH` cases is not given: one family would decide it. Before and
after are sums of sessions; that attendance rose after a support does not prove that the support raised it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from registers.attendance import Summary

ENOUGH = 5


@dataclass(frozen=True, slots=True)
class Worked:
    """One case of the time looked at."""

    case_id: int
    is_opened: bool
    is_closed: bool
    is_improved: bool
    barriers: frozenset[str] = frozenset()
    # Each reviewed plan: what helped, the sessions before it, the sessions while it ran.
    plans: tuple[tuple[frozenset[str], Summary, Summary], ...] = ()


@dataclass(slots=True)
class Row:
    """The sums of the cases that have something in common."""

    name: str
    worked: list[Worked] = field(default_factory=list)
    before: Summary = field(default_factory=Summary)
    after: Summary = field(default_factory=Summary)

    @property
    def cases(self) -> int:
        return len(self.worked)

    @property
    def opened(self) -> int:
        return sum(case.is_opened for case in self.worked)

    @property
    def closed(self) -> int:
        return sum(case.is_closed for case in self.worked)

    @property
    def improved(self) -> int:
        return sum(case.is_improved for case in self.worked)

    @property
    def compared(self) -> str:
        """Attendance before the plans and while they ran, in words, where there is enough to say so."""
        if not (self.is_enough and self.before.possible and self.after.possible):
            return ""
        before, after = (f"{each.phrase} ({each.percent}%)" for each in (self.before, self.after))
        return f"{before} before; {after} with it"

    @property
    def is_enough(self) -> bool:
        """Whether there are cases enough for a share to mean something."""
        return self.cases >= ENOUGH


def together(cases: Iterable[Worked]) -> Row:
    """All cases."""
    return Row("All cases", list(cases))


def by_barrier(cases: Iterable[Worked]) -> list[Row]:
    """A row a kind of barrier, the commonest first. A case with two kinds stands in two rows."""
    rows: dict[str, Row] = {}
    for case in cases:
        for name in case.barriers or {"None noted"}:
            rows.setdefault(name, Row(name)).worked.append(case)
    return _in_order(rows)


def by_support(cases: Iterable[Worked]) -> list[Row]:
    """A row for each thing a review named as a help, with the sessions before those plans and while they ran."""
    rows: dict[str, Row] = {}
    for case in cases:
        for name in frozenset[str]().union(*(helped for helped, _, _ in case.plans)):
            row = rows.setdefault(name, Row(name))
            row.worked.append(case)
            for helped, before, after in case.plans:
                if name in helped:
                    row.before, row.after = row.before + before, row.after + after
    return _in_order(rows)


def _in_order(rows: dict[str, Row]) -> list[Row]:
    return sorted(rows.values(), key=lambda row: (-row.cases, row.name))
