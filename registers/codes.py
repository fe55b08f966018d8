"""Attendance codes as data: what each letter means, what it counts as, and when it is in force.

The code set is chosen by the date of the session, never by today: the set of 2006 to 18 August 2024, the set of 2024
from then on (law.md 2.5). Every code of every set has a number of its own, so a stored mark needs no date to be read.
"""

import csv
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from registers.calendar_rules import Session


class Category(StrEnum):
    """The statistical category of a code; the value is the wording shown to people (law.md 1.1, 2.1, 2.7)."""

    ATTENDING = "attending"
    APPROVED_ACTIVITY = "approved educational activity"
    AUTHORISED = "authorised absence"
    UNAUTHORISED = "unauthorised absence"
    NOT_POSSIBLE = "not a possible attendance"
    COVID = "not attending in circumstances relating to coronavirus"
    ADMINISTRATIVE = "administrative"


class SetBy(StrEnum):
    """Who at least may set a code by hand (roles.md); nobody: the calendar and the admission date say it."""

    TEACHER = "teacher"
    OFFICE = "office"
    HEAD = "head"
    NOBODY = "nobody"


class MustRecord(StrEnum):
    """What a person who sets the code by hand must record with it (law.md 1.11, 1.16)."""

    NATURE = "nature"
    CAUSE = "cause"
    PLAN = "plan"
    NOTHING = ""


class UnknownCode(ValueError):
    """No code set has ever had this letter."""


class NotInForce(ValueError):
    """The letter is a code, but not on the day of the session."""


@dataclass(frozen=True, slots=True)
class Code:
    """One code of one set. `number` is what a mark stores and never changes."""

    number: int
    letter: str
    short: str
    meaning: str
    category: Category
    possible: bool
    attended: bool
    in_building: bool
    set_by: SetBy
    must_record: MustRecord
    in_force_from: date
    in_force_to: date | None
    notes: str
    code_set: int

    def __str__(self) -> str:
        return self.letter

    @property
    def within(self) -> str:
        """The short name as it stands within a sentence: "present AM", "LA provision"."""
        return self.short if self.short[:2].isupper() else self.short[0].lower() + self.short[1:]

    def in_force(self, day: date) -> bool:
        return self.in_force_from <= day and (self.in_force_to is None or day <= self.in_force_to)


def _read(code_set: int) -> list[Code]:
    path = Path(__file__).parent / "data" / f"codes_{code_set}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Code(
                number=int(row["number"]),
                letter=row["code"],
                short=row["short"],
                meaning=row["meaning"],
                category=Category(row["category"]),
                possible=row["counts_as_possible"] == "yes",
                attended=row["counts_as_present"] == "yes",
                in_building=row["physically_in_school"] == "yes",
                set_by=SetBy(row["set_by"]),
                must_record=MustRecord(row["must_record"]),
                in_force_from=date.fromisoformat(row["in_force_from"]),
                in_force_to=date.fromisoformat(row["in_force_to"]) if row["in_force_to"] else None,
                notes=row["notes"],
                code_set=code_set,
            )
            for row in csv.DictReader(file, strict=True)
        ]


CODES: tuple[Code, ...] = (*_read(2006), *_read(2024))
_BY_NUMBER = {code.number: code for code in CODES}


def numbers(*categories: Category) -> frozenset[int]:
    """The numbers of every code of these categories, both sets: what SQL puts after IN."""
    return frozenset(code.number for code in CODES if code.category in categories)


def numbers_of(*letters: str) -> frozenset[int]:
    """The numbers of these letters in both sets."""
    return frozenset(code.number for code in CODES if code.letter in letters)


ATTENDED = numbers(Category.ATTENDING, Category.APPROVED_ACTIVITY)
APPROVED_ACTIVITY = numbers(Category.APPROVED_ACTIVITY)
AUTHORISED = numbers(Category.AUTHORISED)
UNAUTHORISED = numbers(Category.UNAUTHORISED)
ABSENT = AUTHORISED | UNAUTHORISED
NOT_POSSIBLE = numbers(Category.NOT_POSSIBLE)
COVID = numbers(Category.COVID)
POSSIBLE = ATTENDED | ABSENT | COVID
LATE = numbers_of("L")
NO_REASON = numbers_of("N")
PENALTY_COUNTED = numbers_of("G", "O", "U")
ILLNESS = numbers_of("I", "I01", "I02")
IN_BUILDING = frozenset(code.number for code in CODES if code.in_building)

# law.md 2.7: plain X of 2020-22 was also used for COVID-19 circumstances.
COVID_X_FROM, COVID_X_UNTIL = date(2020, 9, 1), date(2022, 8, 31)
PLAIN_X_2006 = next(code.number for code in CODES if code.letter == "X" and code.code_set == 2006)
X02 = next(code.number for code in CODES if code.letter == "X02")


def by_number(number: int) -> Code:
    """The code a mark stores. Raises KeyError: a number outside both sets is a fault, not an input."""
    return _BY_NUMBER[number]


@lru_cache(maxsize=8192)  # an import asks for millions of marks on a few thousand days
def _by_letter(day: date) -> dict[str, Code]:
    return {code.letter: code for code in CODES if code.in_force(day)}


def codes_in_force(day: date) -> tuple[Code, ...]:
    """Every code of the set in force on the day of a session, in the order of the published table."""
    return tuple(_by_letter(day).values())


def code_for(letter: str, day: date) -> Code:
    """The code with this letter on the day of a session.

    Raises UnknownCode for a letter no set has ever had, NotInForce for one that has another time.
    """
    if code := _by_letter(day).get(letter):
        return code
    times = [code for code in CODES if code.letter == letter]
    if not times:
        raise UnknownCode(f"{letter or 'an empty code'} is not an attendance code")
    raise NotInForce(f"{letter} is not in force on {day} ({' and '.join(_in_force(code) for code in times)})")


def _in_force(code: Code) -> str:
    if code.in_force_to:
        return f"it was from {code.in_force_from} to {code.in_force_to}"
    return f"it is from {code.in_force_from}"


def counted_as(number: int, day: date, *, compulsory_age: bool) -> int:
    """The number a mark counts as: plain X of a compulsory-age pupil in 2020-22 as X02, else itself (law.md 2.7)."""
    covid_x = number == PLAIN_X_2006 and compulsory_age and COVID_X_FROM <= day <= COVID_X_UNTIL
    return X02 if covid_x else number


def why_not_code(
    code: Code,
    *,
    day: date,
    session: Session,
    compulsory_age: bool,
    by_hand: bool,
    has_plan: bool = False,
    nature: str = "",
) -> list[str]:
    """Why this code may not stand for a pupil's session; empty means it may.

    `compulsory_age` is the pupil's on that day; `by_hand` is False for history that is imported as it is
    (interchange.md, marks.csv); `nature` is the nature of the activity or the cause (law.md 1.10, 1.11, 1.16).
    """
    reasons = []
    if not code.in_force(day):
        reasons.append(f"{code.letter} is not in force on {day}")
    if code.letter == "/" and session is not Session.AM:
        reasons.append("/ is for a morning session only; use \\ in the afternoon")
    if code.letter == "\\" and session is not Session.PM:
        reasons.append("\\ is for an afternoon session only; use / in the morning")
    if code.letter == "X" and compulsory_age and not COVID_X_FROM <= day <= COVID_X_UNTIL:
        reasons.append("X is only for a pupil outside compulsory school age; a part-time timetable is C2")
    if code.letter == "#":
        reasons.append("# is not a mark: the calendar says when the school is closed")
    if code.letter == "Z":
        reasons.append("Z is not a mark: the admission date says when a pupil is not yet on roll")
    if not by_hand:
        return reasons
    if code.set_by is SetBy.NOBODY and code.letter not in ("#", "Z"):
        reasons.append(f"{code.letter} is a code of imported history and is not set by hand; use {code.letter[0]}")
    if code.must_record is MustRecord.PLAN and not compulsory_age:
        reasons.append(f"{code.letter} is only for a pupil of compulsory school age")
    if code.must_record is MustRecord.PLAN and not has_plan:
        reasons.append(f"{code.letter} needs a recorded part-time timetable plan that covers this session")
    if code.must_record is MustRecord.NATURE and not nature.strip():
        reasons.append(f"{code.letter} needs the nature of the activity")
    if code.must_record is MustRecord.CAUSE and not nature.strip():
        reasons.append(f"{code.letter} needs the cause")
    return reasons
