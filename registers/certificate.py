"""A registration certificate: every session of a range of one pupil's register, as recorded at a stated moment.

For a court: what each session says, the key of the codes, the totals, every amendment with both entries, reason, date
and person (SI 2024/208 reg. 10 to 13; law.md 3.4), and a check value that `verify_record` confirms.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from attendance_mis.models import School
from registers import codes
from registers.attendance import Summary, summarise
from registers.calendar_rules import Session, monday_of
from registers.codes import Code
from registers.models import Amendment, CalendarEntry, Pupil, Registration, SchoolDay
from registers.record import RecordedMark, check_value, marks_as_at

CSV_HEADER = (
    "urn", "upn", "date", "weekday", "session", "state", "code", "meaning", "category", "minutes_late", "amendments",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slot:
    """One session of a weekday: its mark, or why there is none (`state`)."""

    day: date
    session: Session
    state: str  # marked, no mark, closed, not on roll, no school
    code: Code | None = None
    minutes_late: int | None = None

    @property
    def sign(self) -> str:
        """What the grid prints."""
        return (
            self.code.letter if self.code else {"closed": "#", "no mark": "–", "not on roll": "·"}.get(self.state, "")
        )


@dataclass(frozen=True, slots=True)
class Week:
    """One line of the grid: Monday, and the sessions of its five days in order."""

    monday: date
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class CodeTotal:
    """How often a code stands in the range."""

    code: Code
    count: int


@dataclass(frozen=True, slots=True)
class Contents:
    """All that is printed."""

    school: School
    pupil: Pupil
    first: date
    last: date
    moment: datetime
    spells: tuple[Registration, ...]
    class_names: tuple[str, ...]
    slots: tuple[Slot, ...]
    summary: Summary
    totals: tuple[CodeTotal, ...]
    amendments: tuple[Amendment, ...]
    check_value: str

    @property
    def weeks(self) -> Iterator[Week]:
        """The weeks in which the school had a session to hold or close, Monday to Friday."""
        by_day = {(slot.day, slot.session): slot for slot in self.slots}
        for monday in sorted({monday_of(slot.day) for slot in self.slots}):
            days = [monday + timedelta(n) for n in range(5)]
            yield Week(
                monday,
                tuple(by_day.get((day, s)) or Slot(day, s, "no school") for day in days for s in Session),
            )

    @property
    def states(self) -> set[str]:
        """What the key must explain besides codes."""
        return {slot.state for slot in self.slots}

    @property
    def lates(self) -> list[Slot]:
        """The sessions with minutes late."""
        return [slot for slot in self.slots if slot.minutes_late]


def why_not_certify(first: date, last: date, moment: datetime, now: datetime) -> list[str]:
    """Why no certificate can be made of this range and moment; empty means it can. Moments in the school's zone."""
    reasons = []
    if last < first:
        reasons.append(f"The last day, {last:%-d %B %Y}, is before the first, {first:%-d %B %Y}.")
    if moment > now:
        reasons.append("The register can be certified as it was recorded now or earlier, not at a moment to come.")
    elif last > moment.date():
        reasons.append(
            f"On {moment:%-d %B %Y} nothing was recorded yet of {last:%-d %B %Y}: choose an earlier last day."
        )
    return reasons


def contents(pupil: Pupil, first: date, last: date, moment: datetime, last_entry_id: int) -> Contents:
    """The certificate of a pupil of the school in scope; `pupil.school` is read."""
    marks = marks_as_at(pupil, first, last, moment, last_entry_id)
    spells = tuple(
        spell
        for spell in pupil.registrations.all()
        if spell.admission_date <= last and (not spell.leaving_date or spell.leaving_date >= first)
    )
    slots = tuple(_slots(first, last, marks, spells))
    held = [(slot.day, slot.session) for slot in slots if slot.state in ("marked", "no mark")]
    counted = [(slot.day, slot.session, slot.code.number) for slot in slots if slot.state == "marked" and slot.code]
    found = sorted({slot.code for slot in slots if slot.code}, key=lambda code: code.number)
    memberships = pupil.class_memberships.filter(start__lte=last).exclude(end__lt=first).order_by("start")
    return Contents(
        school=pupil.school,
        pupil=pupil,
        first=first,
        last=last,
        moment=moment,
        spells=spells,
        class_names=tuple(dict.fromkeys(memberships.values_list("class_group__name", flat=True))),
        slots=slots,
        summary=summarise(counted, held, (pupil.compulsory_from, pupil.compulsory_until)),
        totals=tuple(CodeTotal(code, sum(slot.code == code for slot in slots)) for code in found),
        amendments=tuple(_amendments(pupil, first, last, moment)),
        check_value=check_value(pupil, first, last, moment, last_entry_id),
    )


def _slots(first: date, last: date, marks: list[RecordedMark], spells: tuple[Registration, ...]) -> Iterator[Slot]:
    """Every weekday session of the half-terms in the range, and every other session that holds a mark."""
    by_slot = {(mark.day, mark.session): mark for mark in marks}
    held = {
        day: (am, pm)
        for day, am, pm in SchoolDay.objects.filter(day__range=(first, last)).values_list("day", "am", "pm")
    }
    terms = [
        (entry.start, entry.end)
        for entry in CalendarEntry.objects.filter(start__lte=last, end__gte=first)
        if entry.period.is_half_term
    ]
    for day in (first + timedelta(n) for n in range((last - first).days + 1)):
        on_roll = any(s.admission_date <= day and (not s.leaving_date or day <= s.leaving_date) for s in spells)
        in_term = day.weekday() < 5 and any(start <= day <= end for start, end in terms)
        for session, is_held in zip(Session, held.get(day, (False, False)), strict=True):
            mark = by_slot.get((day, session))
            if mark and is_held and on_roll:
                yield Slot(day, session, "marked", codes.by_number(mark.code), mark.minutes_late)
            elif mark:
                yield Slot(
                    day, session, "closed" if on_roll else "not on roll", codes.by_number(mark.code), mark.minutes_late
                )
            elif in_term or is_held:
                yield Slot(day, session, "not on roll" if not on_roll else "no mark" if is_held else "closed")


def _amendments(pupil: Pupil, first: date, last: date, moment: datetime) -> Iterator[Amendment]:
    found = Amendment.objects.filter(pupil=pupil, day__range=(first, last), at__lte=moment).order_by(
        "day", "session", "at", "id"
    )
    for amendment in found:
        amendment.original_code = codes.by_number(amendment.original) if amendment.original is not None else None  # type: ignore[attr-defined]
        amendment.amended_code = codes.by_number(amendment.amended) if amendment.amended is not None else None  # type: ignore[attr-defined]
        amendment.session_name = Session(amendment.session).name  # type: ignore[attr-defined]
        yield amendment


def csv_lines(found: Contents) -> list[list[object]]:
    """One line a session, under `CSV_HEADER`."""
    amended: dict[tuple[date, int], list[str]] = {}
    zone = found.school.zone
    for a in found.amendments:
        original, after = (getattr(a, name) for name in ("original_code", "amended_code"))
        amended.setdefault((a.day, a.session), []).append(
            f"{original or 'no mark'} to {after or 'no mark'}, {a.at.astimezone(zone):%Y-%m-%d %H:%M}, "
            f"{a.by_name} ({a.by_position}): {a.reason}"
        )
    return [
        [
            found.school.urn, found.pupil.upn, slot.day, f"{slot.day:%A}", slot.session.name, slot.state,
            slot.code.letter if slot.code else "", slot.code.meaning if slot.code else "",
            str(slot.code.category) if slot.code else "", slot.minutes_late,
            "; ".join(amended.get((slot.day, slot.session), [])),
        ]
        for slot in found.slots
    ]  # fmt: skip
