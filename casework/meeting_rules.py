"""Whom a meeting may invite, when it may be held, and what may be said of it: sentences, no database. Pure."""

from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """What became of a meeting."""

    PLANNED = "planned"
    HELD = "held"
    MISSED = "missed"
    CANCELLED = "cancelled"


LABELS = {
    State.PLANNED: "Planned",
    State.HELD: "Held",
    State.MISSED: "The family did not come",
    State.CANCELLED: "Put off",
}


def why_not_invite(name: str, *, parental_responsibility: bool | None, is_barred: bool) -> list[str]:
    """Why somebody cannot be invited; empty means she can.

    A parent with parental responsibility is to be told of a child's schooling (Education Act 1996 s.576; Children Act
    1989 s.3); a court order (Children Act 1989 s.8) goes before.
    """
    if is_barred:
        return [f"{name} cannot be invited: a court order stands. Ask the safeguarding lead."]
    if not parental_responsibility:
        return [f"{name} cannot be invited here: parental responsibility is not recorded. Name them under “Who else”."]
    return []


def why_not_plan_meeting(case_state: str, at: datetime, now: datetime) -> list[str]:
    """Why no meeting can be planned for this moment."""
    reasons = []
    if case_state == "closed":
        reasons.append("The case is closed. Open a new one if there is a new concern.")
    if at <= now:
        reasons.append("This moment is past. What has been held already is recorded as a contact.")
    return reasons


def why_not_record_meeting(state: str, outcome: str, *, at: datetime, now: datetime, came: int) -> list[str]:
    """Why this cannot be recorded of a meeting. `came`: how many of those invited did, and anybody else present."""
    if state != State.PLANNED:
        return ["Somebody has recorded this meeting already. Look at it again; what you typed is still here."]
    reasons = []
    if outcome != State.CANCELLED and at > now:
        reasons.append("The meeting has not begun yet. If it does not take place, say that it was put off.")
    if outcome == State.HELD and not came:
        reasons.append("Say who came, or say that the family did not come.")
    if outcome == State.MISSED and came:
        reasons.append("You say that the family did not come, and who came. Choose one.")
    return reasons
