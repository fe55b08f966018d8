"""What an evaluation makes of the step a pupil is on: it stays, rises, waits, ends (domain/policies.md, De-escalation).

Pure. A step rises at once; it ends only when its condition has not held at two evaluations a week apart (a setting of
the policy), so that a late change of marks can neither end nor hide it by itself.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from casework.ladders import Ladder


class Ends(StrEnum):
    """Why a step ends."""

    ROSE = "rose"
    IMPROVED = "improved"
    POLICY = "policy"


@dataclass(frozen=True, slots=True)
class OnStep:
    """The step a pupil is on, as it was recorded. `without_since`: first evaluation at which it did not hold."""

    step: str
    without_since: date | None


@dataclass(frozen=True, slots=True)
class Followed:
    """What follows: whether and why the step ends, since when it does not hold, and the index of a step that begins."""

    ends: Ends | None = None
    without_since: date | None = None
    begins: int | None = None


def follow(was: OnStep | None, ladder: Ladder | None, now: int | None, on: date, *, apart_days: int) -> Followed:
    """What an evaluation on a day makes of a step, `now` being the index of the step in force by the measure.

    `ladder` None: the policy has it no more. A step people decided holds until they end it.
    """
    if was is None:
        return Followed(begins=now)
    index = next((i for i, step in enumerate(ladder.steps) if step.name == was.step), None) if ladder else None
    if ladder is None or index is None:
        return Followed(ends=Ends.POLICY, begins=now)
    if now is not None and now > index:
        return Followed(ends=Ends.ROSE, begins=now)
    if now == index or ladder.steps[index].by_decision:
        return Followed()
    if was.without_since is None:
        return Followed(without_since=on)
    if on - was.without_since < timedelta(days=apart_days):
        return Followed(without_since=was.without_since)
    return Followed(ends=Ends.IMPROVED, begins=now)
