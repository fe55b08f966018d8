"""The attendance summary of one pupil as it goes to her parents: an enclosure of letters, a report each half-term.

Sums, days away and lates, each half-term by itself; no notes, no other child, nothing confidential. Reading only; four
queries for any number of pupils. Drawn by `templates/registers/_attendance_summary.html`.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from attendance_mis import clock
from attendance_mis.models import School
from registers import codes
from registers.attendance import Summary, summarise
from registers.calendar_rules import Session, academic_year_bounds, academic_year_of, year_name
from registers.codes import Code
from registers.models import Mark, Pupil, SchoolDay

Slot = tuple[date, Session]
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Away:
    """One day with an absence, or a late arrival: the code of each session concerned; None where it is not."""

    day: date
    am: Code | None
    pm: Code | None
    minutes_late: int | None = None

    @property
    def codes(self) -> tuple[Code, ...]:
        """The codes of the day, each once."""
        return tuple(dict.fromkeys(code for code in (self.am, self.pm) if code))


@dataclass(frozen=True, slots=True)
class Run:
    """Days away that follow each other in the calendar with the same codes; often a single day."""

    first: date
    last: date
    am: Code | None
    pm: Code | None


@dataclass(frozen=True, slots=True)
class Part:
    """One half-term of the range: its name with the year, the school days it has in the range, and the sums."""

    name: str
    first: date
    last: date
    summary: Summary


@dataclass(frozen=True, slots=True)
class AttendanceEnclosure:
    """One pupil's attendance from `first` to `last`, both inclusive, as the register says it now.

    `last` is today at the latest; `parts` are the half-terms in order; `key` the codes that occur.
    """

    pupil_id: int
    pupil: str
    class_name: str
    school: str
    first: date
    last: date
    summary: Summary
    parts: tuple[Part, ...]
    absences: tuple[Away, ...]
    lates: tuple[Away, ...]
    key: tuple[Code, ...]

    @property
    def since(self) -> date:
        """The first school day that counts: a family knows September, not the academic year's 1 August."""
        return self.parts[0].first if self.parts else self.first

    @property
    def until(self) -> date:
        """The last school day that counts."""
        return self.parts[-1].last if self.parts else self.last

    @property
    def runs(self) -> list[Run]:
        """The absences as people tell them: a week of illness is one line, not five."""
        runs: list[Run] = []
        for away in self.absences:
            before = runs[-1] if runs else None
            if before and (before.am, before.pm, before.last + ONE_DAY) == (away.am, away.pm, away.day):
                runs[-1] = replace(before, last=away.day)
            else:
                runs.append(Run(away.day, away.day, away.am, away.pm))
        return runs


def attendance_enclosure(school: School, pupil_id: int, start: date, end: date) -> AttendanceEnclosure:
    """The summary of one pupil of the school in scope; raises `Pupil.DoesNotExist` for another's."""
    found = attendance_enclosures(school, [pupil_id], start, end)
    if not found:
        raise Pupil.DoesNotExist(f"No pupil {pupil_id} at this school.")
    return found[0]


def attendance_enclosures(
    school: School, pupil_ids: Collection[int], start: date, end: date
) -> list[AttendanceEnclosure]:
    """The summaries of many pupils, in the order of the register: surname, forename."""
    last = min(end, clock.today(school))
    held = list(SchoolDay.objects.filter(day__range=(start, last)).values_list("day", "am", "pm", "half_term"))
    pupils = Pupil.objects.filter(pk__in=pupil_ids).with_class(last).prefetch_related("registrations")  # type: ignore[attr-defined]
    marks: dict[int, dict[Slot, tuple[int, int | None]]] = {}
    found = Mark.objects.filter(pupil__in=pupil_ids, day__range=(start, last))
    for pupil_id, day, session, code, minutes in found.values_list(
        "pupil", "day", "session", "code", "minutes_late"
    ).iterator():
        marks.setdefault(pupil_id, {})[day, Session(session)] = (code, minutes)
    return [_of(pupil, school, start, last, held, marks.get(pupil.pk, {})) for pupil in pupils]


def this_year(school: School, day: date) -> tuple[date, date]:
    """From the first day of the academic year to `day`: the range letters speak of."""
    return academic_year_bounds(academic_year_of(day))[0], day


def _of(
    pupil: Pupil,
    school: School,
    first: date,
    last: date,
    held: Iterable[tuple[date, bool, bool, int]],
    marks: dict[Slot, tuple[int, int | None]],
) -> AttendanceEnclosure:
    spells = [(spell.admission_date, spell.leaving_date or date.max) for spell in pupil.registrations.all()]
    by_part: dict[tuple[int, int], list[Slot]] = {}
    for day, am, pm, half_term in held:
        if any(start <= day <= end for start, end in spells):
            slots = by_part.setdefault((academic_year_of(day), half_term), [])
            slots += [(day, session) for session, is_held in zip(Session, (am, pm), strict=True) if is_held]
    compulsory = (pupil.compulsory_from, pupil.compulsory_until)
    parts = tuple(
        Part(
            f"Half-term {half_term}, {year_name(year)}",
            slots[0][0],
            slots[-1][0],
            summarise([(*slot, marks[slot][0]) for slot in slots if slot in marks], slots, compulsory),
        )
        for (year, half_term), slots in by_part.items()
    )
    counted = {slot: marks[slot] for slots in by_part.values() for slot in slots if slot in marks}
    absences = _away(counted, codes.ABSENT)
    lates = _away(counted, codes.LATE)
    return AttendanceEnclosure(
        pupil_id=pupil.pk,
        pupil=pupil.name,
        class_name=pupil.class_name or "",  # type: ignore[attr-defined] # annotated by with_class
        school=school.name,
        first=first,
        last=last,
        summary=sum((part.summary for part in parts), Summary()),
        parts=parts,
        absences=absences,
        lates=lates,
        key=tuple(sorted({code for away in (*absences, *lates) for code in away.codes}, key=lambda c: c.number)),
    )


def _away(marks: dict[Slot, tuple[int, int | None]], numbers: Collection[int]) -> tuple[Away, ...]:
    """The days on which one of these codes stands."""
    days: dict[date, dict[Session, tuple[int, int | None]]] = {}
    for (day, session), (number, minutes) in marks.items():
        if number in numbers:
            days.setdefault(day, {})[session] = (number, minutes)
    return tuple(
        Away(
            day,
            am=codes.by_number(found[Session.AM][0]) if Session.AM in found else None,
            pm=codes.by_number(found[Session.PM][0]) if Session.PM in found else None,
            minutes_late=sum(minutes or 0 for _, minutes in found.values()) or None,
        )
        for day, found in sorted(days.items())
    )
