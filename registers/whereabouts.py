"""Where a child is now, as far as the school knows: the register's mark, or a later coming or going at the door. Pure.

A mark tells who is in the building by the published meaning of its code: U and L are in, V and B are out (law.md,
`physically_in_school`). A child who left after the register was taken is out whatever the mark says.
"""

from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum

from registers.codes import Code


class Where(StrEnum):
    """The three answers that matter when the building is cleared; the value is what the page says."""

    IN = "In school"
    OUT = "Not in school"
    UNKNOWN = "Not known"


@dataclass(frozen=True, slots=True)
class Crossed:
    """The last time today that somebody saw the child come in or go out at the office."""

    is_in: bool
    at: datetime
    why: str
    note: str = ""
    expected_back: time | None = None


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The answer, and the sentence that says what it rests on."""

    where: Where
    said: str


def whereabouts(
    *,
    am: Code | None,
    pm: Code | None,
    crossed: Crossed | None,
    am_opens: datetime,
    pm_opens: datetime,
    now: datetime,
    is_expected: bool = True,
    planned: Code | None = None,
) -> Whereabouts:
    """Where the child is at `now`, a moment of the day in the school's own time zone.

    The afternoon's mark counts from the afternoon register on; a crossing counts when it came after that register
    began, and wherever there is no mark. `is_expected` is False on a day without school or not on roll.
    """
    is_afternoon = pm is not None and now >= pm_opens
    mark, began = (pm, pm_opens) if is_afternoon else (am, am_opens)
    if crossed and (mark is None or crossed.at >= began):
        return _crossed(crossed)
    if mark is not None:
        where = Where.IN if mark.in_building else Where.OUT
        session = "afternoon" if is_afternoon else "morning"
        return Whereabouts(where, f"{mark.short}, by the {session} register.")
    if not is_expected:
        return Whereabouts(Where.OUT, "Not expected in school today.")
    if planned is not None and not planned.in_building:
        return Whereabouts(Where.OUT, f"Planned: {planned.short}. The register is not taken yet.")
    return Whereabouts(Where.UNKNOWN, "No mark yet today.")


def _crossed(crossed: Crossed) -> Whereabouts:
    note = f", {crossed.note}" if crossed.note else ""
    if crossed.is_in:
        return Whereabouts(Where.IN, f"{crossed.why} at {crossed.at:%H:%M}{note}.")
    back = f"; expected back at {crossed.expected_back:%H:%M}" if crossed.expected_back else ""
    return Whereabouts(Where.OUT, f"Signed out at {crossed.at:%H:%M}: {crossed.why.lower()}{note}{back}.")
