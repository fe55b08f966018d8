"""Data checks: what in the record cannot be right, each with the page on which it is put right.

Each check is one or two set-based questions, so a school is checked in a fixed number of queries. A finding names the
pupil for those who put it right; the nightly note of a check holds numbers only.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.urls import reverse

from attendance_mis.models import School
from casework.clocks import Kind
from casework.statutory import running_clocks
from registers import codes
from registers.calendar_rules import Session, academic_year_bounds, academic_year_of
from registers.facts import register_times
from registers.missing import missing_registers
from registers.models import Pupil
from registers.no_reason import overdue
from registers.sums import sums

SHOWN = 50  # findings of one check that are written out
LATE_BY_THE_CLOCK = codes.numbers_of("U")
ON_TIME_BY_THE_CLOCK = codes.numbers_of("L")
PART_TIME = codes.numbers_of("C2")
UNLIKE = 10  # a pupil's possible sessions this many per cent off the class's usual number (law.md 4.15)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that cannot be right: about whom, what, and where it is put right."""

    about: str
    what: str
    fix: str
    href: str


@dataclass(frozen=True, slots=True)
class Check:
    """One check with what it found: `found` lists at most `SHOWN` of `count`."""

    key: str
    title: str
    why: str
    count: int
    found: tuple[Finding, ...]


def run_checks(school: School, now: datetime) -> list[Check]:
    """Every check of the school in scope, over the academic year so far."""
    first, _ = academic_year_bounds(academic_year_of(now.date()))
    checks = []
    for key, (title, why, find) in CHECKS.items():
        found = list(find(school, first, now))
        checks.append(Check(key, title, why, len(found), tuple(found[:SHOWN])))
    return checks


_MARK = """
SELECT p.id, coalesce(nullif(p.preferred_forename, ''), p.legal_forename) || ' ' ||
       coalesce(nullif(p.preferred_surname, ''), p.legal_surname), m.day, m.session, m.code, m.minutes_late
FROM registers_mark m JOIN registers_pupil p ON p.school_id = m.school_id AND p.id = m.pupil_id
LEFT JOIN registers_schoolday d ON d.school_id = m.school_id AND d.day = m.day
WHERE m.school_id = %(school)s AND m.day BETWEEN %(first)s AND %(today)s AND {where}
ORDER BY m.day DESC, m.session, 2
"""
_CLOSED = "NOT coalesce(CASE m.session WHEN 1 THEN d.am ELSE d.pm END, false)"
_LATE = """(m.code = ANY(%(late)s) AND m.minutes_late < CASE m.session WHEN 1 THEN %(am_open)s ELSE %(pm_open)s END
  OR m.code = ANY(%(on_time)s) AND m.minutes_late >= CASE m.session WHEN 1 THEN %(am_open)s ELSE %(pm_open)s END
  OR m.code = ANY(%(late)s) AND m.minutes_late IS NULL AND EXISTS (
    SELECT FROM registers_entry e WHERE e.school_id = m.school_id AND e.id = m.entry_id
    AND coalesce(e.made_at, e.at) AT TIME ZONE %(zone)s
      < m.day + CASE m.session WHEN 1 THEN %(am_closes)s::time ELSE %(pm_closes)s::time END))"""
_PART_TIME = """m.code = ANY(%(part_time)s) AND NOT EXISTS (
  SELECT FROM registers_plannedabsence a
  WHERE a.school_id = m.school_id AND a.pupil_id = m.pupil_id AND a.code = m.code AND a.cancelled_at IS NULL
    AND (m.day, m.session) BETWEEN (a.start, a.start_session) AND (a."end", a.end_session)
    AND a.weekdays & (1 << (extract(isodow FROM m.day)::int - 1)) <> 0
    AND coalesce(a.only_session, m.session) = m.session)"""
_TWO_CLASSES = """
SELECT DISTINCT a.pupil_id FROM registers_classmembership a JOIN registers_classmembership b
  ON b.school_id = a.school_id AND b.pupil_id = a.pupil_id AND b.id > a.id
  AND b.start <= coalesce(a."end", 'infinity') AND a.start <= coalesce(b."end", 'infinity')
WHERE a.school_id = %(school)s
"""


def _marks(school: School, first: date, today: date, where: str, **values: Any) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(_MARK.format(where=where), {"school": school.pk, "first": first, "today": today, **values})
        return cursor.fetchall()


def _session(day: date, session: int) -> str:
    return f"{day:%-d %b %Y} {Session(session).name}"


def _amend(school: School, pupil_id: int, day: date, session: int) -> str:
    return reverse("registers:amend_mark", args=[school.urn, pupil_id, day, session])


def _closed_days(school: School, first: date, now: datetime) -> Iterator[Finding]:
    for _, name, day, session, code, _ in _marks(school, first, now.date(), _CLOSED):
        what = f"{codes.by_number(code)} stands on {_session(day, session)}, when the school did not meet"
        yield Finding(name, what, "Look at the calendar", reverse("registers:see_calendar", args=[school.urn]))


def _missing(school: School, first: date, now: datetime) -> Iterator[Finding]:
    for each in missing_registers(school, first, now):
        where = [school.urn, each.class_group_id, each.day, each.session]
        what = f"{_session(each.day, each.session)}: {each.marked} of {each.pupils} marked, not sent"
        yield Finding(each.class_name, what, "Take or re-key it", reverse("registers:take_register", args=where))


def _minutes(school: School, first: date, now: datetime) -> Iterator[Finding]:
    times = register_times(school)
    open_for = {
        name: (_minutes_of(times.closes(session)) - _minutes_of(times.opens(session)))
        for name, session in (("am_open", Session.AM), ("pm_open", Session.PM))
    }
    rows = _marks(
        school, first, now.date(), _LATE, late=sorted(LATE_BY_THE_CLOCK), on_time=sorted(ON_TIME_BY_THE_CLOCK),
        zone=school.timezone, am_closes=times.closes(Session.AM), pm_closes=times.closes(Session.PM), **open_for,
    )  # fmt: skip
    for pupil_id, name, day, session, code, minutes in rows:
        letter = codes.by_number(code).letter
        side = "before" if letter == "U" else "after"
        how = " was set" if minutes is None else f", {minutes} minutes:"
        what = f"{letter} on {_session(day, session)}{how} {side} the register closed"
        yield Finding(name, what, "Amend the mark", _amend(school, pupil_id, day, session))


def _minutes_of(time: Any) -> int:
    return time.hour * 60 + time.minute


def _classes(school: School, first: date, now: datetime) -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(_TWO_CLASSES, {"school": school.pk})
        two = {pupil_id for (pupil_id,) in cursor.fetchall()}
    for pupil in Pupil.objects.filter(pk__in=two):
        yield Finding(pupil.name, "is in two classes on one day", "See the classes", _page(school, pupil.pk))
    for pupil in Pupil.objects.all().without_class(now.date()):
        what = "is on roll and in no class: nobody takes the register"
        yield Finding(pupil.name, what, "Move to a class", _page(school, pupil.pk))


def _page(school: School, pupil_id: int) -> str:
    return reverse("registers:see_pupil", args=[school.urn, pupil_id])


def _old_n(school: School, first: date, now: datetime) -> Iterator[Finding]:
    for each in overdue(school, now.date())[0]:
        what = f"N on {_session(each.day, each.session)} is older than five school days"
        yield Finding(each.name, what, "Amend the mark", _amend(school, each.pupil_id, each.day, each.session))


def _part_time(school: School, first: date, now: datetime) -> Iterator[Finding]:
    for pupil_id, name, day, session, _, _ in _marks(
        school, first, now.date(), _PART_TIME, part_time=sorted(PART_TIME)
    ):
        what = f"C2 on {_session(day, session)} without an agreed part-time timetable"
        yield Finding(name, what, "Amend the mark", _amend(school, pupil_id, day, session))


def _sickness(school: School, first: date, now: datetime) -> Iterator[Finding]:
    for each in running_clocks(school, now):
        if each.clock.kind is Kind.SICKNESS and each.pupil:
            address = reverse("casework:see_clocks", args=[school.urn])
            yield Finding(each.pupil.name, f"{each.clock.sentence} No sickness return yet.", "Make the return", address)


def _unlike(school: School, first: date, now: datetime) -> Iterator[Finding]:
    """Of pupils on roll and in one class since the year began; what makes D or C2 fewer is no fault, and is said."""
    yesterday = now.date() - timedelta(1)
    whole_year = Pupil.objects.on_roll(first + timedelta(60)).filter(registrations__admission_date__lte=first)
    names = {pupil.pk: pupil.name for pupil in whole_year.on_roll(yesterday)} if yesterday > first else {}
    by_class: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for each in sums(first, yesterday) if names else []:
        if each.pupil_id in names and each.class_name:
            by_class[each.class_name].append((each.pupil_id, each.summary.possible))
    for class_name, pupils in sorted(by_class.items()):
        usual, often = Counter(possible for _, possible in pupils).most_common(1)[0]
        for pupil_id, possible in pupils:
            if often > 1 and abs(possible - usual) * 100 > usual * UNLIKE:
                what = f"{possible} possible sessions since September; most of {class_name} have {usual}"
                yield Finding(names[pupil_id], what, "See the marks", _page(school, pupil_id))


Find = Callable[[School, date, datetime], Iterator[Finding]]
CHECKS: dict[str, tuple[str, str, Find]] = {
    "closed_days": ("Marks on closed days", "They are in no figure: the calendar or the mark is wrong.", _closed_days),
    "missing": ("Registers not sent", "Two a day must be taken of everybody on roll (SI 2024/208 reg 10).", _missing),
    "minutes": ("L and U against the clock", "U is an arrival after the close (SI 2024/208 reg 10(2)).", _minutes),
    "classes": ("In two classes, or in none", "Each pupil on roll stands in one register.", _classes),
    "old_n": ("N for too long", "The reason is found within five school days (reg 10(7)).", _old_n),
    "part_time": ("C2 without a plan", "C2 stands on an agreed part-time timetable (reg 11(6)).", _part_time),
    "sickness": ("Ill for fifteen days", "The local authority is told (Working together).", _sickness),
    "unlike": ("Possible sessions unlike the class's", "Marks may be missing or D and C2 be set by mistake.", _unlike),
}
