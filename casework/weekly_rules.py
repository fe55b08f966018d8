"""Who is on the agenda of a weekly meeting, and why: what moved since the last one, in sentences. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum

WEEK = timedelta(days=7)


class Order(IntEnum):
    """In which order children are spoken of: what is urgent first, good news last."""

    WORSE = 0
    LEFT_OVER = 1
    DUE = 2
    BETTER = 3


@dataclass(frozen=True, slots=True)
class OnStep:
    """A step a child is or was on, with the days between which it held; no end: it holds."""

    pupil_id: int
    ladder: str
    step: str
    index: int
    since: date
    ended_on: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether it held at the end of that day."""
        return self.since <= day and (self.ended_on is None or day < self.ended_on)


@dataclass(frozen=True, slots=True)
class Point:
    """One child on the agenda."""

    pupil_id: int
    order: Order
    weight: int
    why: tuple[str, ...]


def moves(steps: Iterable[OnStep], since: date) -> dict[int, list[tuple[Order, int, str]]]:
    """What became of each child between the end of `since` and now: only where she stands differs, not the way there.

    A child who came on a step and has left it again has not moved.
    """
    ladders: dict[tuple[int, str], list[OnStep]] = {}
    for step in steps:
        ladders.setdefault((step.pupil_id, step.ladder), []).append(step)
    found: dict[int, list[tuple[Order, int, str]]] = {}
    for (pupil_id, ladder), of_ladder in ladders.items():
        was = next((step for step in of_ladder if step.holds_on(since)), None)
        now = next((step for step in of_ladder if step.ended_on is None), None)
        if (was and was.step) == (now and now.step):
            continue
        if now is None:
            move = (Order.BETTER, 0, f"Has left {was.step} ({ladder})") if was else None
        elif was is None:
            move = (Order.WORSE, now.index, f"New on {now.step} ({ladder})")
        elif now.index < was.index:
            move = (Order.BETTER, now.index, f"Better: from {was.step} to {now.step} ({ladder})")
        else:
            move = (Order.WORSE, now.index, f"Moved up from {was.step} to {now.step} ({ladder})")
        if move:
            found.setdefault(pupil_id, []).append(move)
    return found


def agenda(
    moved: Mapping[int, Sequence[tuple[Order, int, str]]],
    left_over: Iterable[int],
    agreed: Mapping[int, int],
    reviews: Mapping[int, date],
    today: date,
) -> list[Point]:
    """Every child to speak of, once, in order.

    `left_over` were not reached last time, `agreed` had so many actions agreed last time, `reviews` is the day of each
    running plan's review: one that is due within a week is spoken of.
    """
    why: dict[int, list[tuple[Order, int, str]]] = {pupil: list(said) for pupil, said in moved.items()}
    for pupil in left_over:
        why.setdefault(pupil, []).append((Order.LEFT_OVER, 0, "Not reached last time"))
    for pupil, count in agreed.items():
        why.setdefault(pupil, []).append((Order.DUE, 0, f"{count} action{'s' if count > 1 else ''} agreed last time"))
    for pupil, day in reviews.items():
        if day <= today + WEEK:
            late = f"overdue since {day:%-d %B}" if day < today else f"due by {day:%-d %B}"
            why.setdefault(pupil, []).append((Order.DUE, int(day < today), f"Review of the plan {late}"))
    points = [
        Point(pupil, min(each[0] for each in said), max(each[1] for each in said), tuple(each[2] for each in said))
        for pupil, said in why.items()
    ]
    return sorted(points, key=lambda point: (point.order, -point.weight, point.pupil_id))


def why_not_begin(last: date | None, today: date, *, is_running: bool, points: int) -> list[str]:
    """Why no meeting can begin; empty means it can."""
    if last == today:
        return ["There is a meeting of today already: go on with that one."]
    if is_running:
        return ["The last meeting has not been ended yet: end it first, then its children come with you."]
    if not points:
        return ["Nobody has moved, nothing was agreed last time and no review is due: there is nothing to meet about."]
    return []


def why_not_minute(*, has_ended: bool) -> list[str]:
    """Why nothing can be noted any more."""
    if has_ended:
        return ["The meeting has ended. What came up since belongs on the child's own page."]
    return []
