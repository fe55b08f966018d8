"""Which children are accounted for in a session, and when the office may close it. Pure.

A child is accounted for when the register says where she is (any mark but N), when a plan covers the session, when she
was signed out, or when a named person answers for her. A blank counts from the moment the register was due: before
that it is being taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from registers.taking import Stage


class Chase(StrEnum):
    """How much a register that has not come in matters; the value is what the page says."""

    NOT_YET = "Not open yet"
    OPEN = "Being taken"
    OVERDUE = "Overdue"
    IN = "Sent"


@dataclass(frozen=True, slots=True)
class Count:
    """The number at the head of the page and what it is made of."""

    without_reason: int
    blank: int

    @property
    def all(self) -> int:
        return self.without_reason + self.blank


def chase(stage: Stage, due_at: datetime, now: datetime) -> Chase:
    """What the office has to do about a register now."""
    if stage in (Stage.SENT, Stage.SENT_LATE, Stage.NO_SESSION):
        return Chase.IN
    if stage is Stage.NOT_YET:
        return Chase.NOT_YET
    return Chase.OVERDUE if now >= due_at else Chase.OPEN


def why_not_close(
    *, session: str, opens_at: datetime, due_at: datetime, now: datetime, left: Sequence[str]
) -> list[str]:
    """Why a session cannot be closed now; empty means it can. `left` names the children nobody answers for."""
    if now < opens_at:
        return [f"The {session} register opens at {opens_at:%H:%M}."]
    if now < due_at:
        return [f"The {session} registers are due at {due_at:%H:%M}; before that children are still coming in."]
    return [f"{name} is not accounted for: give the reason, or enter the mark." for name in left]
