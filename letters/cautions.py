"""What whoever approves a letter should know first: warnings, none of which refuses. Pure."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from letters.occasions import ABOUT_ABSENCE, KIND, STERN, Occasion


@dataclass(frozen=True, slots=True)
class Before:
    """Another letter to the family: to the same pupil or a sibling, on a day, waiting or approved."""

    occasion: Occasion
    day: date
    pupil: str
    is_same_pupil: bool
    is_waiting: bool


@dataclass(frozen=True, slots=True)
class About:
    """The facts of one letter to be approved, as the warnings need them."""

    occasion: Occasion
    today: date
    forename: str
    absence: int
    illness: int
    without_reason: int
    unmarked: int
    on_roll: bool
    sen: str
    medical_note: bool
    part_time: bool
    contacts: int
    recipients: int
    without_address: Collection[str]
    without_email: Collection[str]
    without_mobile: Collection[str]
    barred: Collection[str]
    sensitivities: Collection[tuple[str, str]]
    before: Collection[Before]
    again_after_weeks: int


def cautions(about: About) -> list[str]:
    """The warnings, the gravest first."""
    return list(_cautions(about))


def _cautions(a: About) -> Iterator[str]:
    for kind, note in a.sensitivities:
        if kind == "bereavement":
            yield f"There is a bereavement in the family{_noted(note)}."
    for name in a.barred:
        yield f"A court order bars {name}: no copy goes there."
    for kind, note in a.sensitivities:
        if kind == "court_order":
            yield f"A court order is noted{_noted(note)}."
    if not a.recipients:
        yield (
            "Nobody with parental responsibility receives letters."
            if a.contacts
            else "There is no contact for this pupil."
        )
    if a.occasion in ABOUT_ABSENCE and a.absence and 2 * a.illness > a.absence:
        yield (
            f"Most of the absence is illness or appointments ({a.illness} of {a.absence} sessions): "
            "is the letter on illness the right one?"
        )
    if a.medical_note or any(kind == "medical_plan" for kind, _ in a.sensitivities):
        yield f"{a.forename} has a medical note or plan: read it first."
    if a.sen == "E":
        yield f"{a.forename} has an education, health and care plan."
    elif a.sen == "K":
        yield f"{a.forename} gets SEN support."
    if a.part_time:
        yield f"{a.forename} is on a part-time timetable."
    for kind, note in a.sensitivities:
        if kind == "other" and note:
            yield f"Noted: {note.rstrip('.')}."
    if not a.on_roll:
        yield f"{a.forename} is not on roll today."
    if a.without_reason and a.occasion in ABOUT_ABSENCE:
        yield f"{_sessions(a.without_reason)} without a reason (N): ask first."
    if a.unmarked:
        yield f"{_sessions(a.unmarked)} without a mark."
    yield from _other_letters(a)
    for name in a.without_address:
        yield f"The address of {name} is not complete."
    for name in a.without_email:
        yield f"There is no e-mail address of {name}: that copy is printed."
    for name in a.without_mobile:
        yield f"There is no mobile number of {name}: that copy is printed."


def _other_letters(a: About) -> Iterator[str]:
    also: dict[tuple[str, str], list[str]] = {}
    for other in a.before:
        same_day = other.is_waiting or other.day == a.today
        if same_day and {a.occasion in STERN, other.occasion in STERN} == {True, False} and (
            a.occasion in KIND or other.occasion in KIND
        ):  # fmt: skip
            yield f"It contradicts the letter {other.occasion.label!r} for {other.pupil} {_when(other)}."
        elif same_day and not (other.is_same_pupil and other.occasion == a.occasion):
            also.setdefault((other.occasion.label, _when(other)), []).append(other.pupil)
        elif other.is_same_pupil and other.occasion == a.occasion and not other.is_waiting:
            weeks = (a.today - other.day).days // 7
            if weeks < a.again_after_weeks:
                yield f"The same letter went on {other.day:%-d %B %Y}."
    for (label, when), pupils in also.items():
        more = f" and {len(pupils) - 3} more" if len(pupils) > 3 else ""
        yield f"The family also gets {label!r} for {', '.join(pupils[:3])}{more} {when}."


def _when(other: Before) -> str:
    return "(it waits for approval too)" if other.is_waiting else "today"


def _sessions(count: int) -> str:
    return "1 session stands" if count == 1 else f"{count} sessions stand"


def _noted(note: str) -> str:
    return f" ({note.rstrip('.')})" if note else ""
