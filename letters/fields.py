"""The fields a letter may merge, per occasion: their types and samples. Pure.

A field is *known* (worked out of the record when the letter is approved) or *given* (whoever queues or approves the
letter says it). A text that merges any other name is refused when it is saved.
"""

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from typing import Any

from letters.occasions import Occasion
from registers.attendance import in_days


class Kind(StrEnum):
    """How a value looks. ROWS is a table (first row its head), LINES a list; both stand alone in a paragraph."""

    TEXT = "text"
    NUMBER = "number"
    DAYS = "days"
    PERCENT = "percent"
    DATE = "date"
    TIME = "time"
    ROWS = "rows"
    LINES = "lines"


BLOCKS = frozenset({Kind.ROWS, Kind.LINES})


@dataclass(frozen=True, slots=True)
class Field:
    """One name a text may merge. `rests_on_marks`: it changes when a mark does. `optional`: it may be empty."""

    name: str
    label: str
    kind: Kind
    sample: Any
    rests_on_marks: bool = False
    is_given: bool = False
    optional: bool = False


def _known(name: str, label: str, kind: Kind, sample: Any, *, optional: bool = False) -> Field:
    return Field(name, label, kind, sample, optional=optional)


def _counted(name: str, label: str, kind: Kind, sample: Any, *, optional: bool = True) -> Field:
    return Field(name, label, kind, sample, rests_on_marks=True, optional=optional)


def _given(name: str, label: str, kind: Kind, sample: Any, *, optional: bool = False) -> Field:
    return Field(name, label, kind, sample, is_given=True, optional=optional)


COMMON = (
    _known("salutation", "How the parent is addressed", Kind.TEXT, "Ms Begum"),
    _known("pupil", "The pupil's name", Kind.TEXT, "Amina Begum"),
    _known("forename", "The pupil's forename", Kind.TEXT, "Amina"),
    _known("pupils", "The pupil and joined siblings", Kind.TEXT, "Amina and Zara"),
    _known("siblings", "Joined siblings", Kind.TEXT, "Zara Begum", optional=True),
    _known("class", "The pupil's class", Kind.TEXT, "3A", optional=True),
    _known("year_group", "The pupil's year group", Kind.TEXT, "3", optional=True),
    _known("school", "The school's name", Kind.TEXT, "Example Primary School"),
    _known("school_telephone", "The school's telephone number", Kind.TEXT, "020 7946 0000", optional=True),
    _known("school_email", "The school's e-mail address", Kind.TEXT, "office@school.example", optional=True),
    _known("attendance_contact", "Whom to ask about attendance", Kind.TEXT, "Grace Okafor", optional=True),
    _known("headteacher", "The headteacher", Kind.TEXT, "Daniel Patel", optional=True),
    _known("local_authority", "The local authority", Kind.TEXT, "Camden"),
    _known("today", "The day of the letter", Kind.DATE, date(2025, 3, 11)),
    _known("year_began", "The first day of the school year counted", Kind.DATE, date(2024, 9, 4)),
    _counted("percent", "Attendance this year in per cent", Kind.PERCENT, "88.4", optional=False),
    _counted("possible", "Sessions that were possible", Kind.NUMBER, 226),
    _counted("sessions_missed", "Sessions missed this year", Kind.NUMBER, 26),
    _counted("days_missed", "Days missed this year", Kind.DAYS, 26),
    _counted("unauthorised_sessions", "Unauthorised sessions this year", Kind.NUMBER, 11),
    _counted("unauthorised_days", "Unauthorised days this year", Kind.DAYS, 11),
    _counted("authorised_days", "Authorised days this year", Kind.DAYS, 15),
    _counted("illness_days", "Days of illness this year", Kind.DAYS, 13),
    _counted("one_in", "Absence as people say it", Kind.TEXT, "missed 13 days, about 1 in 9", optional=False),
    _counted("times_late", "Times late this half-term (L)", Kind.NUMBER, 6),
    _counted("minutes_lost", "Minutes lost by lateness this half-term", Kind.NUMBER, 95),
    _counted("late_table", "Table of late arrivals this half-term", Kind.ROWS,
             [["Day", "Session", "Minutes late"], ["Monday 3 March", "morning", "15"], ["Friday 7 March", "", "80"]]),
    _counted("absent_since", "First day of the absence that runs now", Kind.DATE, date(2025, 3, 7)),
    _counted("unexplained_days", "Days without a reason, the last three weeks", Kind.LINES,
             ["Friday 7 March", "Monday 10 March"]),
)  # fmt: skip

_MEETING = (
    _given("meeting_day", "Day of the meeting", Kind.DATE, date(2025, 3, 20)),
    _given("meeting_time", "Time of the meeting", Kind.TIME, time(9, 30)),
    _given("meeting_place", "Place of the meeting", Kind.TEXT, "Room 4", optional=True),
    _given("meeting_with", "With whom", Kind.TEXT, "Ms Okafor, attendance manager", optional=True),
)
_IMPROVE = (
    _given("improve_from", "Improvement begins on", Kind.DATE, date(2025, 3, 17)),
    _given("improve_until", "Improvement ends on", Kind.DATE, date(2025, 4, 11)),
)
_LEAVE = (
    _given("leave_from", "First day of the leave", Kind.DATE, date(2025, 5, 12)),
    _given("leave_until", "Last day of the leave", Kind.DATE, date(2025, 5, 13)),
)

GIVEN: dict[Occasion, tuple[Field, ...]] = {
    Occasion.MEETING: _MEETING,
    Occasion.IMPROVEMENT_MEETING: _MEETING,
    Occasion.STAGE_3: tuple(Field(f.name, f.label, f.kind, f.sample, is_given=True, optional=True) for f in _MEETING),
    Occasion.MEETING_NOTES: (
        _given("meeting_day", "Day of the meeting", Kind.DATE, date(2025, 3, 6)),
        _given("was_held", "Who came (empty: nobody came)", Kind.TEXT, "Ms Begum and Ms Okafor", optional=True),
        _given("agreed", "What was agreed, a line each", Kind.LINES,
               ["Amina comes to breakfast club from Monday.", "School calls on Fridays."], optional=True),
        _given("next_day", "Next meeting", Kind.DATE, date(2025, 3, 27), optional=True),
    ),
    Occasion.REFERRAL: (_given("service", "Which service", Kind.TEXT, "the education welfare service"),),
    Occasion.LEAVE_GRANTED: (
        *_LEAVE,
        _given("conditions", "Conditions", Kind.TEXT, "Amina is back on 14 May.", optional=True),
    ),
    Occasion.LEAVE_REFUSED: (
        *_LEAVE,
        _given("reason", "Why it is refused", Kind.TEXT, "The reason given is not exceptional."),
    ),
    Occasion.CONGRATULATION: (
        _given("before_percent", "Attendance before, in per cent", Kind.PERCENT, "84.0", optional=True),
        _given("since_percent", "Attendance since, in per cent", Kind.PERCENT, "96.5", optional=True),
    ),
    Occasion.REPORT: (
        _given("period", "Which half-term", Kind.TEXT, "the first half of the spring term", optional=True),
    ),
    Occasion.CONTRACT: (
        *_IMPROVE,
        _given("parents_do", "What the parents will do, a line each", Kind.LINES, ["Amina is at the gate by 8.50."]),
        _given("school_does", "What the school will do, a line each", Kind.LINES, ["A place in breakfast club."]),
    ),
    Occasion.NOTICE_TO_IMPROVE: (
        *_IMPROVE,
        _given("support", "Support offered so far", Kind.TEXT, "We offered breakfast club.", optional=True),
        _given("sessions_allowed", "Unauthorised sessions that may follow at most", Kind.NUMBER, 0, optional=True),
    ),
    Occasion.PENALTY_REMINDER: (
        _given("notice_day", "Day of the penalty notice", Kind.DATE, date(2025, 3, 3)),
        _given("pounds", "Pounds that are enough now", Kind.NUMBER, 80),
        _given("pay_until", "Last day on which they are enough", Kind.DATE, date(2025, 3, 25)),
        _given("full_pounds", "Pounds from the day after (empty: none)", Kind.NUMBER, 160, optional=True),
    ),
    Occasion.RETURN: (_given("return_day", "Day of the return", Kind.DATE, date(2025, 3, 17)),),
}  # fmt: skip


def fields_of(occasion: Occasion) -> dict[str, Field]:
    """Every field a letter of this occasion may merge, by name."""
    return {field.name: field for field in (*COMMON, *GIVEN.get(occasion, ()))}


def samples_of(occasion: Occasion) -> dict[str, Any]:
    """A value for every field, for a preview without a pupil."""
    return {field.name: to_json(field.sample) for field in fields_of(occasion).values()}


def to_json(value: Any) -> Any:
    """A value as it is stored with a letter: days and times as ISO text."""
    if isinstance(value, (date, time)):
        return value.isoformat()
    return value


class Unknown(str):
    """What stands for a value that nobody has given yet, where a person reads the letter before it is approved."""


def is_empty(value: Any) -> bool:
    """Whether a value says nothing. The number 0 says something."""
    return value is None or value in ("", [])


def printed(field: Field, value: Any, *, is_english: bool = True) -> str:
    """A single value as the letter prints it; in figures only where the letter is not English.

    Raises ValueError for a stored value that is none of its kind.
    """
    if isinstance(value, Unknown):
        return f"[{value}]"
    match field.kind:
        case Kind.DATE:
            day = date.fromisoformat(value)
            return f"{day:%A %-d %B %Y}" if is_english else f"{day:%d/%m/%Y}"
        case Kind.TIME:
            at = time.fromisoformat(value)
            return f"{at:%-I.%M%p}".lower().replace(".00", "") if is_english else f"{at:%H:%M}"
        case Kind.DAYS:
            return in_days(int(value)) if is_english else f"{int(value) / 2:g}"
        case Kind.PERCENT:
            return f"{value} per cent" if is_english else f"{value}%"
    return str(value)
