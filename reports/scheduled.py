"""The reports that the schedule makes, and when each is due. Pure.

A report is of a week or a half-term that is over: its last school day has come and, when the worker was away that
evening, the days after it. Nothing is sent to anybody: what is made waits on the page for who may read it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from registers.calendar_rules import monday_of

Held = tuple[date, int, int]
"""A school day with its half-term and academic year."""


class Kind(StrEnum):
    """What is made; the value stands in the row and in the address."""

    CLASS_LIST = "class-list"
    NEWSLETTER = "newsletter"
    PARENTS = "parents"
    AWARDS = "certificates"
    GOVERNORS = "governors"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a kind is, for people: of each week or half-term, one document or, `by_class`, one for each class."""

    label: str
    what: str
    half_termly: bool = False
    by_class: bool = False

    @property
    def when(self) -> str:
        return f"at 19:00 on the last school day of each {'half-term' if self.half_termly else 'week'}"


PLANS = {
    Kind.CLASS_LIST: Plan("Class lists", "Each teacher's class with its week and the year so far.", by_class=True),
    Kind.NEWSLETTER: Plan("Newsletter figures", "The week by class, with the class challenge. No name."),
    Kind.PARENTS: Plan(
        "Reports to parents", "A sheet for each child: days, per cent, lates.", half_termly=True, by_class=True
    ),
    Kind.AWARDS: Plan("Certificates", "For full and for improved attendance.", half_termly=True),
    Kind.GOVERNORS: Plan("Report to governors", "The half-term without names, frozen.", half_termly=True),
}
# How long after its last day a report that is missing is still made.
STILL_MADE = timedelta(13)


def due(kind: Kind, held: Sequence[Held], day: date) -> tuple[date, date] | None:
    """The first and last school day of the newest week or half-term that is over on a day; None: nothing to make."""
    over = [span for span in _spans(PLANS[kind], held) if span[1] <= day <= span[1] + STILL_MADE]
    return over[-1] if over else None


def _spans(plan: Plan, held: Iterable[Held]) -> list[tuple[date, date]]:
    found: dict[object, tuple[date, date]] = {}
    for day, half_term, year in sorted(held):
        key = (year, half_term) if plan.half_termly else monday_of(day)
        found[key] = (found.get(key, (day, day))[0], day)
    return sorted(found.values())
