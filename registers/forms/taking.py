"""What a browser posts while a register is taken, read in one pass: a save of the page's script, or the plain form."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from registers import taking
from registers.actions.taking import Wanted
from registers.calendar_rules import Session
from registers.class_register import ClassRegister
from registers.models.marks import NOTE_LENGTH

LARGEST = 2**31 - 1  # a pupil's id and a version are four bytes
MOST_MARKS = 200  # of one save; the largest class is far smaller


class Unreadable(ValueError):
    """What was posted is no save; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A save as posted. `age` is how long ago it was made by the browser's own clock."""

    key: UUID
    marks: list[Wanted]
    age: timedelta
    reason: str


def read_save(body: bytes, session: Session) -> Posted:
    """Read what the page's script posts; raises Unreadable."""
    try:
        found = json.loads(body)
        marks = [_mark(each, session) for each in found["marks"]]
        posted = Posted(UUID(found["key"]), marks, read_age(found.get("age", 0)), clean(found.get("reason") or ""))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as fault:
        raise Unreadable("This is not a save of a register page. Reload the page and try again.") from fault
    if not 0 < len(marks) <= MOST_MARKS or len({each.pupil_id for each in marks}) < len(marks):
        raise Unreadable(f"A save holds between 1 and {MOST_MARKS} marks, one for each pupil.")
    return posted


def read_age(milliseconds: Any) -> timedelta:
    """How long ago something was made, never less than nothing."""
    return timedelta(milliseconds=max(0, min(int(milliseconds), 10**12)))


def clean(text: str) -> str:
    """A note in one line, without what a database cannot hold."""
    return " ".join(text.replace("\0", " ").split())


def _mark(found: Mapping[str, Any], session: Session) -> Wanted:
    minutes, note = found.get("minutes"), found.get("note")
    return Wanted(
        _number(found["pupil"]),
        taking.letter_meant(found["code"] or "", session)[:3],
        _number(found["version"]),
        None if minutes in (None, "") else min(int(minutes), 9999),
        clean(note)[: NOTE_LENGTH + 1] if note else "",
    )


def _number(value: Any) -> int:
    number = int(value)
    if not 0 <= number <= LARGEST:
        raise ValueError(number)
    return number


# The plain form: every row is posted, with what it showed in `was-<pupil>`


@dataclass(frozen=True, slots=True)
class Typed:
    """One row as typed, and as it was printed."""

    letter: str
    minutes: str
    note: str
    version: int


def typed_rows(post: Mapping[str, str], pupil_ids: Iterable[int]) -> dict[int, Typed]:
    """The rows that were posted, as typed; a row that was not posted is left out."""
    found = {}
    for pupil_id in pupil_ids:
        letter, was = post.get(f"code-{pupil_id}"), post.get(f"was-{pupil_id}", "")
        if letter is not None and was.partition("|")[0].isdecimal():
            minutes, note = post.get(f"minutes-{pupil_id}", ""), post.get(f"note-{pupil_id}", "")
            found[pupil_id] = Typed(letter.strip(), minutes.strip(), clean(note), int(was.partition("|")[0][:10]))
    return found


def changed_rows(
    post: Mapping[str, str], register: ClassRegister, typed: Mapping[int, Typed]
) -> tuple[list[Wanted], dict[int, str]]:
    """What the person changed against what was printed, and what cannot be read, by pupil."""
    wanted, faults = [], {}
    for pupil_id, row in typed.items():
        letter = taking.letter_meant(row.letter, register.session)
        if [letter, row.minutes, row.note] == post[f"was-{pupil_id}"].split("|", 3)[1:]:
            continue
        if row.minutes and not (row.minutes.isdecimal() and len(row.minutes) <= 4):
            faults[pupil_id] = "Minutes late are a whole number, for example 7."
            continue
        wanted.append(
            Wanted(
                pupil_id,
                letter[:20],
                min(row.version, LARGEST),
                int(row.minutes) if row.minutes else None,
                row.note[: NOTE_LENGTH + 1],
            )
        )
    return wanted, faults
