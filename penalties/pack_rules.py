"""What a referral to the local authority must hold, and what is still missing. Pure.

The checklist is casework's (`casework/legal_checklist.py`); the parts follow what local authorities ask of a file for
court.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from casework.legal_checklist import CHECKLIST, Ticked, open_lines


class Part(StrEnum):
    """A part of the pack, in its order. The value is stored; `heading` is printed."""

    CERTIFICATE = "certificate", "Registration certificate"
    STATEMENT = "statement", "Headteacher's statement"
    CHECKLIST = "checklist", "Checklist before legal action"
    CHRONOLOGY = "chronology", "Support and sanction so far"
    LEAVE = "leave", "Leave requests and decisions"
    LETTERS = "letters", "Letters to the parents"
    CONTACTS = "contacts", "Contact records"
    MEETINGS = "meetings", "Meetings and minutes"
    PLAN = "plan", "Plan and reviews"
    IMPROVEMENT = "improvement", "Notice to improve"
    NOTICES = "notices", "Penalty notices"
    VOICE = "voice", "The pupil's voice"
    AGENCIES = "agencies", "Agencies involved"

    heading: str

    def __new__(cls, value: str, heading: str = "") -> "Part":
        member = str.__new__(cls, value)
        member._value_ = value
        member.heading = heading
        return member


ENTERED = (Part.LEAVE, Part.LETTERS, Part.CONTACTS, Part.MEETINGS, Part.PLAN, Part.VOICE, Part.AGENCIES)
"""Parts to which people may add what the record does not hold."""

WAIVABLE = frozenset({Part.LEAVE, Part.MEETINGS, Part.PLAN, Part.IMPROVEMENT, Part.NOTICES, Part.AGENCIES, Part.VOICE})
"""Parts that may be left out with a reason, which is printed in their place."""

AGENCIES = (
    "social care, educational psychology, health, mental health, police, youth offending, inclusion or behaviour "
    "support, substance use, bereavement"
)


@dataclass(frozen=True, slots=True)
class PackFacts:
    """What a pack holds. `held`: how many things each part has; `waived`: the reasons for leaving one out."""

    held: Mapping[Part, int]
    waived: Mapping[Part, str]
    ticked: Mapping[str, Ticked]
    without_reason: int
    unauthorised: int
    unmarked: int
    letters_unmade: int
    is_signed: bool
    is_holiday: bool


def missing(facts: PackFacts) -> dict[Part, str]:
    """What each part still needs, in a sentence; a part that is not in it is complete."""
    found: dict[Part, str] = {}
    if facts.without_reason:
        one = facts.without_reason == 1
        found[Part.CERTIFICATE] = (
            f"{facts.without_reason} session{' has' if one else 's have'} N, no reason yet: decide "
            f"{'it' if one else 'each'} first, a court cannot read N."
        )
    elif facts.unmarked:
        found[Part.CERTIFICATE] = f"{facts.unmarked} sessions have no mark at all."
    elif not facts.unauthorised:
        found[Part.CERTIFICATE] = "There is no unauthorised session in these days."
    if not facts.is_signed:
        found[Part.STATEMENT] = "The headteacher has not signed it."
    if lines := open_lines(facts.ticked):
        found[Part.CHECKLIST] = f"{len(lines)} of {len(CHECKLIST)} lines are not done or have no day."
    if facts.letters_unmade:
        found[Part.LETTERS] = "An approved letter to this parent is being made: look again in a minute."
    for part in Part:
        if part in {*found, Part.CERTIFICATE, Part.STATEMENT, Part.CHECKLIST, Part.CHRONOLOGY} or facts.held.get(part):
            continue
        if facts.waived.get(part, "").strip() or not _is_needed(part, is_holiday=facts.is_holiday):
            continue
        found[part] = "There is nothing in it" + (", and no reason for leaving it out." if part in WAIVABLE else ".")
    return found


def _is_needed(part: Part, *, is_holiday: bool) -> bool:
    """Leave is asked for where the absence is a holiday, the notice to improve where it is none."""
    if part is Part.LEAVE:
        return is_holiday
    if part is Part.IMPROVEMENT:
        return not is_holiday
    return part is not Part.NOTICES


def percent_complete(facts: PackFacts) -> int:
    """How much of the pack is there, in whole per cent, never 100 while something is missing."""
    parts = len(Part)
    return (parts - len(missing(facts))) * 100 // parts
