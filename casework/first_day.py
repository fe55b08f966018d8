"""First day contact: whom to ring next, how long nobody has known where a child is, who is rung about together. Pure.

Law.md 9.1: a call on the first day without a reason, again on each further one, to more than one contact.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

REACHED = "answered"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to reach about one child or several: by these contact rows, in this order of priority."""

    contact_ids: tuple[int, ...]
    priority: int
    numbers: tuple[str, ...]

    @property
    def can_be_rung(self) -> bool:
        return bool(self.numbers)


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt of today: with whom (None: somebody who is no contact), and what came of it."""

    contact_id: int | None
    outcome: str


def waiting_since(sent_at: datetime | None, closes_at: datetime, now: datetime) -> datetime | None:
    """From when the office has had to ask: the register was sent or, if that is earlier, closed. None: not yet."""
    since = min(sent_at, closes_at) if sent_at else closes_at
    return since if since <= now else None


def waited(since: datetime, now: datetime) -> timedelta:
    """How long, in true time: two clocks of one zone are subtracted by the wall, which a clock change falsifies."""
    return now.astimezone(UTC) - since.astimezone(UTC)


def families(pupils: Iterable[int], siblings: Mapping[int, Collection[int]]) -> list[tuple[int, ...]]:
    """These pupils, with brothers and sisters among them put together, in the order they came."""
    left = dict.fromkeys(pupils)
    found = []
    while left:
        first = next(iter(left))
        family, reach = [], [first]
        while reach:
            pupil = reach.pop()
            if pupil in left:
                del left[pupil]
                family.append(pupil)
                reach += [each for each in siblings.get(pupil, ()) if each in left]
        found.append(tuple(family))
    return found


def outcomes_of(person: Person, tries: Iterable[Try]) -> list[str]:
    """What came of today's tries of this person, in their order."""
    return [each.outcome for each in tries if each.contact_id in person.contact_ids]


def next_to_ring(people: Sequence[Person], tries: Sequence[Try]) -> Person | None:
    """The first by priority whom nobody has tried today; None: everybody was, or somebody answered."""
    if any(each.outcome == REACHED for each in tries):
        return None
    return next((p for p in people if p.can_be_rung and not outcomes_of(p, tries)), None)


def is_exhausted(people: Sequence[Person], tries: Sequence[Try]) -> bool:
    """Whether the ladder of contacts is at its end: everybody with a number was tried, and nobody answered.

    A child without anybody to ring is at the end from the start.
    """
    return next_to_ring(people, tries) is None and not any(each.outcome == REACHED for each in tries)


def need_first(*, watched: bool, in_school: bool, waited: timedelta) -> tuple[bool, bool, timedelta]:
    """The order of the list: those who may be at risk, then the longest wait; last who has come in meanwhile."""
    return (in_school, not watched, -waited)
