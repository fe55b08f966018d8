"""The class challenge: a class at or above the goal in a week earns a token, so many tokens a treat (policies/003).

Pure; exact integers, so 96 per cent is 96 and not 95.96.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from registers.attendance import Summary

GOAL = Decimal(96)
TOKENS_A_TREAT = 6


@dataclass(frozen=True, slots=True)
class Standing:
    """One class: its sums of the week asked for, whether it earned a token then, and its tokens of the year."""

    class_name: str
    week: Summary
    earned: bool
    tokens: int

    @property
    def treats(self) -> int:
        return self.tokens // TOKENS_A_TREAT

    @property
    def to_go(self) -> int:
        """Tokens until the next treat."""
        return TOKENS_A_TREAT - self.tokens % TOKENS_A_TREAT


def earns(week: Summary, goal: Decimal = GOAL) -> bool:
    """Whether a week's attendance, unrounded, is at the goal or above; a week without a session earns nothing."""
    return bool(week.possible) and week.attended * 100 >= goal * week.possible


def standings(weeks: Iterable[tuple[str, date, Summary]], monday: date, goal: Decimal = GOAL) -> list[Standing]:
    """Each class with the week asked for, best first; `weeks` are (class, Monday, sums) of the year up to it."""
    found: dict[str, dict[date, Summary]] = {}
    for class_name, week, summary in weeks:
        found.setdefault(class_name, {})[week] = summary
    rows = [
        Standing(
            name,
            by_week.get(monday, Summary()),
            earns(by_week.get(monday, Summary()), goal),
            sum(earns(summary, goal) for week, summary in by_week.items() if week <= monday),
        )
        for name, by_week in found.items()
    ]
    return sorted(rows, key=lambda row: (-(row.week.percent or 0), row.class_name))
