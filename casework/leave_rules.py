"""The rules of leave of absence: who may be granted what, and which marks do not fit a decision. Pure.

SI 2024/208 reg 11 from 19 August 2024, SI 2006/1751 reg 7 before; the code set is that of the day (law.md 1.13, 1.22,
2.4, 2.5). What happened without leave is only ever proposed: a person decides.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from registers import codes
from registers.calendar_rules import Session

Slot = tuple[date, Session]

NEW_RULES = date(2024, 8, 19)
UNKNOWN = codes.numbers_of("N", "O")  # says nothing of the reason yet, or that none was found
WITHOUT_LEAVE = codes.numbers_of("G", "N", "O")


@dataclass(frozen=True, slots=True)
class Purpose:
    """What leave is asked for, and the code it is granted with under each set; empty: cannot be granted."""

    label: str
    letter: str
    letter_before: str


PURPOSES: dict[str, Purpose] = {
    "exceptional": Purpose("Exceptional circumstances", "C", "C"),
    "performance": Purpose("Licensed performance, or regulated work abroad", "C1", "C"),
    "interview": Purpose("Interview for a job, or at another school or college", "J1", "J"),
    "study": Purpose("Study for a public examination", "S", "S"),
    "holiday": Purpose("Holiday", "", "H"),
}


def letter_for(purpose: str, day: date) -> str:
    """The code of leave granted for this purpose on a day; empty when the rules of that day know none."""
    known = PURPOSES[purpose]
    return known.letter if day >= NEW_RULES else known.letter_before


@dataclass(frozen=True, slots=True)
class Span:
    """From a session of the first day to one of the last, both inclusive."""

    first: date
    last: date
    first_session: Session = Session.AM
    last_session: Session = Session.PM

    @property
    def begins(self) -> Slot:
        return self.first, self.first_session

    @property
    def ends(self) -> Slot:
        return self.last, self.last_session

    def covers(self, slot: Slot) -> bool:
        return self.begins <= slot <= self.ends


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the rules see it. `granted` is None while undecided and when refused."""

    span: Span
    asked_on: date
    is_decided: bool = False
    granted: Span | None = None
    granted_letter: str = ""
    taken_letter: str = "G"
    is_unauthorised: bool = False


def notice(asked_on: date, first: date, weeks: int) -> tuple[str, bool]:
    """How long ahead leave was asked for, in words, and whether that is less than the school asks for."""
    days = (first - asked_on).days
    if days <= 0:
        return "Asked for after it began, or on its first day.", True
    said = f"Asked for {days} day{'s' if days > 1 else ''} ahead"
    if not weeks:
        return f"{said}.", False
    return f"{said}; the school asks for {weeks} week{'s' if weeks > 1 else ''}.", days < weeks * 7


def why_not_ask(span: Span, held: Sequence[Slot], *, asked_on: date, today: date) -> list[str]:
    """Why such a request cannot be entered; empty means it can. `held` are the school's sessions in the span."""
    if span.begins > span.ends:
        return ["The end is before the start."]
    reasons = []
    if asked_on > today:
        reasons.append("The day it was asked for has not come yet.")
    if (span.last - span.first).days > 366:
        reasons.append("A request is for a year at most.")
    if not held:
        reasons.append("The school is closed on all these days: no leave is needed.")
    return reasons


def why_not_grant(asked: Asked, granted: Span, held: Sequence[Slot], *, purpose: str, circumstances: str) -> list[str]:
    """Why the head cannot grant this; empty means she can. `held` are the school's sessions of what is granted."""
    if granted.begins > granted.ends:
        return ["The end is before the start."]
    reasons = []
    if granted.begins < asked.span.begins or granted.ends > asked.span.ends:
        reasons.append("More cannot be granted than was asked for.")
    if granted.first < asked.asked_on:
        reasons.append(
            f"Leave is granted on an application in advance: no day before {_said(asked.asked_on)}, "
            "when it was asked for."
        )
    if not held:
        reasons.append("No session of the school falls in what would be granted.")
    if not letter_for(purpose, granted.first):
        reasons.append(
            "Since 19 August 2024 no leave is granted for a holiday. If exceptional circumstances lie behind it, "
            "choose them and say what they are."
        )
    if purpose in ("exceptional", "holiday") and not circumstances.strip():
        reasons.append("Say what the exceptional circumstances are.")
    return reasons


@dataclass(frozen=True, slots=True)
class ToSettle:
    """A mark that does not fit the decision. `is_sure`: it says no reason of its own; otherwise somebody must know."""

    slot: Slot
    number: int
    version: int
    letter: str
    is_sure: bool


Marks = Mapping[Slot, tuple[int, int]]
"""The number of the code and the version of each mark."""


def to_settle(asked: Asked, marks: Marks) -> list[ToSettle]:
    """The marks of what was asked for that do not fit the decision, in order.

    On a day refused an absence is proposed as G (or O, as the head said); on a day granted N and O as the code of the
    leave. An absence with a reason of its own (illness) on a day refused is listed, not sure.
    """
    if not asked.is_decided or asked.is_unauthorised:
        return []
    found = []
    for slot, (number, version) in sorted(marks.items()):
        if not asked.span.covers(slot) or number not in codes.ABSENT or codes.by_number(number).in_building:
            continue
        is_granted = asked.granted is not None and asked.granted.covers(slot)
        letter = asked.granted_letter if is_granted else asked.taken_letter
        standing = codes.by_number(number).letter
        is_sure = number in UNKNOWN
        if standing == letter or (is_granted and not is_sure) or (standing in ("G", "O") and not is_granted):
            continue
        found.append(ToSettle(slot, number, version, letter, is_sure))
    return found


def beyond_leave(asked: Asked, held: Sequence[Slot], marks: Marks) -> list[Slot]:
    """The sessions missed without leave directly before and directly after leave granted: a late return.

    `held` are the school's sessions around the leave, in order. The run ends with the first session that is marked
    anything but G, N or O, or is not marked.
    """
    if asked.granted is None:
        return []
    after = [slot for slot in held if slot > asked.granted.ends]
    before = [slot for slot in reversed(held) if slot < asked.granted.begins]
    return sorted([*_without_leave(before, marks), *_without_leave(after, marks)])


def whole_leave(asked: Asked, held: Sequence[Slot], marks: Marks) -> list[ToSettle]:
    """What becomes unauthorised with the whole leave: each session of it still marked as granted, and those beyond."""
    beyond = set(beyond_leave(asked, held, marks))
    found = []
    for slot, (number, version) in sorted(marks.items()):
        letter = codes.by_number(number).letter
        is_leave = asked.granted is not None and asked.granted.covers(slot) and letter == asked.granted_letter
        if (is_leave or (slot in beyond and number in UNKNOWN)) and letter != asked.taken_letter:
            found.append(ToSettle(slot, number, version, asked.taken_letter, is_sure=True))
    return found


def _without_leave(slots: Iterable[Slot], marks: Marks) -> Iterable[Slot]:
    for slot in slots:
        number, _ = marks.get(slot, (None, 0))
        if number not in WITHOUT_LEAVE:
            return
        yield slot


def in_words(slots: Sequence[Slot]) -> str:
    """How long: "3 sessions on 2 days"."""
    days = len({day for day, _ in slots})
    return f"{len(slots)} session{'s' if len(slots) != 1 else ''} on {days} day{'s' if days != 1 else ''}"


def _said(day: date) -> str:
    return f"{day:%-d %B %Y}"
