"""What the record says of pupils on a day: the known values of their letters, and the marks those rest on.

Set-based: a constant number of queries for any number of pupils. Reading only.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from attendance_mis.models import School
from attendance_mis.promises import promised
from letters.fields import COMMON
from letters.models import Letter
from registers import codes
from registers.attendance import Summary, summarise
from registers.calendar_rules import Session, academic_year_bounds, academic_year_of
from registers.models import Mark, Pupil, SchoolDay

UNEXPLAINED = timedelta(days=21)
# What an enclosed summary says of a pupil, whatever the text merges.
ENCLOSED = frozenset({"possible", "sessions_missed", "unauthorised_sessions", "percent"})
ON_MARKS = frozenset(field.name for field in COMMON if field.rests_on_marks)


@dataclass(frozen=True, slots=True)
class MarkFact:
    """One mark of a pupil, with the entry that made it."""

    day: date
    session: Session
    code: int
    minutes_late: int | None
    entry_id: int


@dataclass(frozen=True, slots=True)
class Facts:
    """One pupil on one day. `values` are the known fields but the salutation and the siblings."""

    pupil: Pupil
    first: date
    last: date
    summary: Summary
    values: dict[str, Any]
    marks: str
    last_entry: int
    illness: int
    without_reason: int
    unmarked_before: int
    on_roll: bool


def facts_of(school: School, pupil_ids: Collection[int], today: date) -> dict[int, Facts]:
    """The facts of these pupils of the school in scope, by id. Four queries."""
    first = academic_year_bounds(academic_year_of(today))[0]
    pupils = Pupil.objects.filter(pk__in=pupil_ids).with_class(today).prefetch_related("registrations")  # type: ignore[attr-defined]
    held = list(SchoolDay.objects.filter(day__range=(first, today)).order_by("day"))
    marks: dict[int, list[MarkFact]] = defaultdict(list)
    rows = Mark.objects.filter(pupil__in=pupil_ids, day__range=(first, today)).order_by("pupil", "day", "session")
    for pupil_id, day, session, code, minutes, entry in rows.values_list(
        "pupil", "day", "session", "code", "minutes_late", "entry_id"
    ).iterator():
        marks[pupil_id].append(MarkFact(day, Session(session), code, minutes, entry))
    return {pupil.pk: _facts(pupil, school, held, marks[pupil.pk], first, today) for pupil in pupils}


def facts_again(letter: Letter, pupil_id: int, marks_then: str) -> Facts:
    """The facts of a pupil of an approved letter over the sessions it rests on, as the register says them now."""
    school, first, last = letter.school, promised(letter.marks_from), promised(letter.marks_until)
    pupil = Pupil.objects.with_class(last).prefetch_related("registrations").get(pk=pupil_id)  # type: ignore[attr-defined]
    rested = slots_of(marks_then)
    held = list(SchoolDay.objects.filter(day__range=(first, last)).order_by("day"))
    rows = Mark.objects.filter(pupil=pupil, day__range=(first, last)).order_by("day", "session")
    marks = [
        MarkFact(day, Session(session), code, minutes, entry)
        for day, session, code, minutes, entry in rows.values_list("day", "session", "code", "minutes_late", "entry_id")
        if (day, Session(session)) in rested
    ]
    return _facts(pupil, school, held, marks, first, last, only=rested)


def slots_of(marks: str) -> set[tuple[date, Session]]:
    """The sessions that a letter's marks name."""
    found = set()
    for line in marks.splitlines():
        day, am, pm = line.split(" ")
        found |= {
            (date.fromisoformat(day), session)
            for session, letter in ((Session.AM, am), (Session.PM, pm))
            if letter != "."
        }
    return found


def _facts(
    pupil: Pupil,
    school: School,
    held: list[SchoolDay],
    marks: list[MarkFact],
    first: date,
    today: date,
    only: set[tuple[date, Session]] | None = None,
) -> Facts:
    spells = [(spell.admission_date, spell.leaving_date or date.max) for spell in pupil.registrations.all()]
    days = [day for day in held if any(start <= day.day <= end for start, end in spells)]
    slots = [
        (day.day, session)
        for day in days
        for session, is_held in ((Session.AM, day.am), (Session.PM, day.pm))
        if is_held and (only is None or (day.day, session) in only)
    ]
    counted = [(mark.day, mark.session, mark.code) for mark in marks]
    summary = summarise(counted, slots, (pupil.compulsory_from, pupil.compulsory_until))
    expected = set(slots)
    kept = [mark for mark in marks if (mark.day, mark.session) in expected]
    half_term = _half_term_start(held)
    illness = sum(mark.code in codes.ILLNESS for mark in kept)
    late = [mark for mark in kept if mark.code in codes.LATE and mark.day >= half_term]
    values: dict[str, Any] = {
        "pupil": pupil.name,
        "forename": pupil.forename,
        "pupils": pupil.forename,
        "siblings": "",
        "class": pupil.class_name or "",  # type: ignore[attr-defined] # annotated by with_class
        "year_group": pupil.year_group,
        "school": school.name,
        "school_telephone": school.telephone.replace(" ", "\u00a0"),  # a number stays on one line
        "school_email": school.email,
        "attendance_contact": school.attendance_contact,
        "headteacher": school.headteacher,
        "local_authority": school.local_authority,
        "today": today.isoformat(),
        "year_began": (days[0].day if days else first).isoformat(),
        "percent": str(summary.percent) if summary.percent is not None else "",
        "possible": summary.possible,
        "sessions_missed": summary.absence,
        "days_missed": summary.absence,
        "unauthorised_sessions": summary.unauthorised,
        "unauthorised_days": summary.unauthorised,
        "authorised_days": summary.authorised,
        "illness_days": illness,
        "one_in": summary.phrase if summary.possible else "",  # pages say "no sessions yet", no letter does
        "times_late": len(late),
        "minutes_lost": sum(mark.minutes_late or 0 for mark in late),
        "late_table": _late_table(late),
        "absent_since": _absent_since(kept),
        "unexplained_days": _unexplained(kept, today),
    }
    return Facts(
        pupil=pupil,
        first=first,
        last=today,
        summary=summary,
        values=values,
        marks=_written(kept),
        last_entry=max((mark.entry_id for mark in marks), default=0),
        illness=sum(mark.code in _NOT_THEIR_DOING for mark in kept),
        without_reason=sum(mark.code in codes.NO_REASON for mark in kept),
        # Today's sessions may still lie ahead.
        unmarked_before=len({slot for slot in slots if slot[0] < today} - {(mark.day, mark.session) for mark in kept}),
        on_roll=any(start <= today <= end for start, end in spells),
    )


_NOT_THEIR_DOING = codes.ILLNESS | codes.numbers_of("M")  # illness, and medical or dental appointments


def _half_term_start(held: list[SchoolDay]) -> date:
    """The first day of the half-term of the last school day."""
    if not held:
        return date.max
    last = (held[-1].academic_year, held[-1].half_term)
    return min(day.day for day in held if (day.academic_year, day.half_term) == last)


def _late_table(late: list[MarkFact]) -> list[list[str]]:
    if not late:
        return []
    rows = [
        [f"{m.day:%A %-d %B}", _half(m.session), "not recorded" if m.minutes_late is None else str(m.minutes_late)]
        for m in late
    ]
    return [["Day", "Session", "Minutes late"], *rows]


def _half(session: Session) -> str:
    return "morning" if session is Session.AM else "afternoon"


def _absent_since(marks: list[MarkFact]) -> str:
    """The first day of the run of absence that the newest marks belong to."""
    since = ""
    for mark in reversed(marks):
        if mark.code in codes.ABSENT:
            since = mark.day.isoformat()
        elif mark.code in codes.ATTENDED:
            break
    return since


def _unexplained(marks: list[MarkFact], today: date) -> list[str]:
    found = [m for m in marks if m.day > today - UNEXPLAINED and m.code in codes.NO_REASON | codes.numbers_of("O")]
    lines = []
    for day, group in groupby(found, key=lambda mark: mark.day):
        halves = [_half(mark.session) for mark in group]
        lines.append(f"{day:%A %-d %B}" if len(halves) == 2 else f"{day:%A %-d %B}, {halves[0]}")
    return lines


def _written(marks: Iterable[MarkFact]) -> str:
    """The marks as evidence, a line a day: the letters of morning and afternoon, "." for none."""
    lines = []
    for day, group in groupby(marks, key=lambda mark: mark.day):
        letters = {mark.session: codes.by_number(mark.code).letter for mark in group}
        lines.append(f"{day} {letters.get(Session.AM, '.')} {letters.get(Session.PM, '.')}")
    return "\n".join(lines)


def with_siblings(values: dict[str, Any], siblings: list[Pupil]) -> dict[str, Any]:
    """The values with the siblings who are joined in the letter."""
    if not siblings:
        return values
    names = [values["forename"], *(sibling.forename for sibling in siblings)]
    return {
        **values,
        "siblings": _and([sibling.name for sibling in siblings]),
        "pupils": _and(names),
    }


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
