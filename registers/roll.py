"""The rules of the admission register: when a name comes off it, and what is missing from it (law.md 3.7 to 3.22).

Pure: facts come in, sentences go out.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from registers import codes
from registers.calendar_rules import Session

# Ground i: every session of these days was G, N or O (law.md, grounds for deletion).
DAYS_WITHOUT_TRACE = 20
_WITHOUT_TRACE = codes.numbers_of("G", "N", "O")

TOLD = "told"


@dataclass(frozen=True, slots=True)
class Caution:
    """A sentence somebody must confirm before a name comes off the register; the key is what the record keeps."""

    key: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Ground:
    """One ground of SI 2024/208 reg 9(1). `asks_where` is what must be written down of the child's next place."""

    letter: str
    meaning: str
    cautions: tuple[Caution, ...] = ()
    asks_where: str = ""


_FAMILY_TOLD = Caution(TOLD, "If the child has a social worker or a youth offending worker, they have been told.")
_LA_TOLD = Caution(
    "authority",
    "The local authority is sent the deletion return no later than the name comes off "
    "(not at the end of the most senior class).",
)
_JOINT_SEARCH = Caution("search", "The school and the local authority have both looked for the child without success.")

GROUNDS: dict[str, Ground] = {
    ground.letter: ground
    for ground in (
        Ground(
            "a",
            "Now registered at another school",
            (Caution("confirmed", "The other school has confirmed that the child is on its register."),),
            "The other school and the day the child starts there",
        ),
        Ground("b", "Nursery pupil not continuing into the school"),
        Ground(
            "c",
            "Registered at more than one school, and the others agree",
            (Caution("agreed", "Every other school where the child is registered agrees."),),
            "The school where the child stays",
        ),
        Ground("d", "School attendance order changed to name another school", asks_where="The school now named"),
        Ground("e", "School attendance order revoked"),
        Ground(
            "f",
            "To be educated otherwise than at school",
            (
                Caution("written", "A parent has told the school in writing, and the day named has passed."),
                Caution("order", "No school attendance order names this school."),
                Caution(
                    "consent",
                    "I asked whether the local authority must consent first (Children's Wellbeing and Schools Act 2026 "
                    "s.37), and either it need not or it has.",
                ),
            ),
            "Where the child will be educated, and the address",
        ),
        Ground(
            "g", "No longer lives a reasonable distance from the school", asks_where="The new address and new school"
        ),
        Ground(
            "h",
            "Did not come back after leave of absence",
            (
                Caution("days", "Ten school days have passed since the day the child was to be back."),
                _JOINT_SEARCH,
                Caution("reason", "Nothing suggests sickness or another unavoidable cause."),
            ),
        ),
        Ground(
            "i",
            f"Continuously absent for {DAYS_WITHOUT_TRACE} school days",
            (_JOINT_SEARCH, Caution("reason", "Nothing suggests sickness or another unavoidable cause.")),
        ),
        Ground(
            "j",
            "Detained under a sentence",
            (Caution("return", "Nothing suggests that the child will come back to the school afterwards."),),
        ),
        Ground("k", "Has died"),
        Ground("l", "Over compulsory school age and not continuing into the sixth form"),
        Ground(
            "m",
            "Boarder whose fees are unpaid at the end of term",
            (Caution("unpaid", "The fees are still unpaid at the end of the term they were due in."),),
        ),
        Ground("n", "No longer a pupil at an independent or non-maintained special school"),
        Ground(
            "o",
            "Permanently excluded",
            (Caution("review", "The time for a review has passed, or every review has ended."),),
        ),
    )
}


def cautions(ground: Ground) -> tuple[Caution, ...]:
    """Everything to be confirmed on a ground; a death asks nothing of anybody."""
    return ground.cautions if ground.letter == "k" else (*ground.cautions, _FAMILY_TOLD, _LA_TOLD)


@dataclass(frozen=True, slots=True)
class LeavingFacts:
    """What the rules need to know of a pupil who is to come off the register. `days` are for ground i."""

    admission_date: date
    on_roll: bool
    today: date
    compulsory_until: date
    year_group: str
    boarder: bool
    days_without_trace: int


def why_not_ground(ground: Ground, facts: LeavingFacts) -> list[str]:
    """Why this ground does not fit this pupil today; empty means it may."""
    reasons = []
    if not facts.on_roll:
        reasons.append("The pupil is not on the roll, or the last day is set already.")
    if ground.letter == "b" and facts.year_group not in ("N1", "N2"):
        reasons.append(f"Ground b is for nursery pupils; this pupil is in year {facts.year_group}.")
    if ground.letter == "i" and facts.days_without_trace < DAYS_WITHOUT_TRACE:
        reasons.append(
            f"Ground i needs {DAYS_WITHOUT_TRACE} school days in a row with every session G, N or O; "
            f"the register shows {facts.days_without_trace}."
        )
    if ground.letter == "l" and facts.today < facts.compulsory_until:
        reasons.append(
            f"Ground l is for pupils over compulsory school age; this pupil is until {_said(facts.compulsory_until)}."
        )
    if ground.letter == "m" and not facts.boarder:
        reasons.append("Ground m is for boarders; this pupil is not recorded as one.")
    return reasons


def why_not_remove(
    ground: Ground, facts: LeavingFacts, *, leaving_date: date, where: str, confirmed: Collection[str]
) -> list[str]:
    """Why the name may not come off the register like this; empty means it may (law.md 3.12, 3.22, 3.28)."""
    reasons = why_not_ground(ground, facts)
    if leaving_date < facts.today:
        reasons.append(
            f"The last day on roll cannot be before today ({_said(facts.today)}): "
            "a name never comes off the register retrospectively."
        )
    if leaving_date < facts.admission_date:
        reasons.append(f"The last day cannot be before the starting day, {_said(facts.admission_date)}.")
    if ground.asks_where and not where.strip():
        reasons.append(f"Write down: {ground.asks_where[0].lower()}{ground.asks_where[1:]}.")
    reasons += [f"Not confirmed: {each.sentence}" for each in cautions(ground) if each.key not in confirmed]
    return reasons


def days_without_trace(expected: Sequence[tuple[date, Session]], marks: Iterable[tuple[date, Session, int]]) -> int:
    """How many school days, up to the last of `expected`, held nothing but G, N and O (ground i).

    `expected` are the school's sessions in order, up to the last that could be marked. A session without a mark ends
    the run: it proves nothing.
    """
    marked = {(day, session): number for day, session, number in marks}
    days = 0
    for _, sessions in groupby(reversed(expected), key=lambda each: each[0]):
        if not all(marked.get(session) in _WITHOUT_TRACE for session in sessions):
            break
        days += 1
    return days


YEAR_GROUPS = ("N1", "N2", "R", *map(str, range(1, 15)))


def next_year(year_group: str) -> str:
    """The year group after this one; the last stays."""
    place = YEAR_GROUPS.index(year_group)
    return YEAR_GROUPS[min(place + 1, len(YEAR_GROUPS) - 1)]


_YEAR_WORDS = {"N2": ("Nursery", "Reception"), "R": ("Reception", "Year 1")}


def next_class(name: str, year_group: str) -> str:
    """What a class is called a year later when its name says its year: "3A" is "4A" then; else it stays."""
    word, then = _YEAR_WORDS.get(year_group, ("", ""))
    if word and name.startswith(word):
        return then + name.removeprefix(word)
    return re.sub(rf"(?<![0-9A-Za-z])(Y?){year_group}(?![0-9a-z])", rf"\g<1>{next_year(year_group)}", name, count=1)


@dataclass(frozen=True, slots=True)
class Reachable:
    """One contact as the rules see it."""

    name: str
    has_parental_responsibility: bool
    has_number: bool


def contact_warnings(contacts: Sequence[Reachable]) -> list[str]:
    """What is missing for an emergency (law.md 3.9, 3.11): warnings, never refusals."""
    if not any(contact.has_number for contact in contacts):
        return ["There is no emergency telephone number. The admission register needs at least one."]
    warnings = [
        f"There is no telephone number for {contact.name}; there should be one for each parent."
        for contact in contacts
        if contact.has_parental_responsibility and not contact.has_number
    ]
    if len(contacts) == 1:
        warnings.append("There is only one contact; more than one is advised.")
    return warnings


def _said(day: date) -> str:
    return f"{day:%-d %B %Y}"
