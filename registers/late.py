"""The late desk's sum: an arrival is on time, L or U, and so many minutes late (law.md 1.7)."""

from dataclasses import dataclass
from datetime import time

from registers.calendar_rules import RegisterTimes, Session, minutes_between


@dataclass(frozen=True, slots=True)
class Arrival:
    """What an arrival means for the register: the session, the letter of the code, minutes after the register began."""

    session: Session
    letter: str
    minutes_late: int


def why_not_arrival(at: time, times: RegisterTimes) -> list[str]:
    """Why somebody cannot arrive at this time; empty means it can be recorded."""
    if at >= times.day_ends:
        return [f"the school day ended at {times.day_ends:%H:%M}; an arrival at {at:%H:%M} is no attendance"]
    return []


def arrival(at: time, times: RegisterTimes) -> Arrival:
    """The code an arrival earns: present up to the register's first minute, L before it closes, U from then on.

    The morning session is taken to last until the afternoon register begins: the school's times do not say when its
    lunch starts.
    """
    session = times.session_at(at)
    late = minutes_between(times.opens(session), at)
    if late <= 0:
        return Arrival(session, "/" if session is Session.AM else "\\", 0)
    return Arrival(session, "U" if times.is_closed(at, session) else "L", late)
