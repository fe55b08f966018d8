"""Weeks of classes, codes by pupil, and who earned a certificate: what reports for people are made of."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from attendance_mis import clock
from attendance_mis.models import School
from registers import codes
from registers.attendance import Summary
from registers.calendar_rules import Session, Span, academic_year_bounds, academic_year_of, monday_of
from registers.enclosure import this_year
from registers.models import ClassGroup, Mark, Pupil, SchoolDay
from registers.sums import sums
from reports.challenge import GOAL, TOKENS_A_TREAT, standings

_HELD = """
FROM registers_mark m
JOIN registers_schoolday d ON d.school_id = m.school_id AND d.day = m.day
  AND CASE m.session WHEN 1 THEN d.am ELSE d.pm END
WHERE m.school_id = %(school)s AND m.day BETWEEN %(first)s AND %(last)s
  AND EXISTS (SELECT FROM registers_registration r WHERE r.school_id = m.school_id AND r.pupil_id = m.pupil_id
              AND m.day BETWEEN r.admission_date AND coalesce(r.leaving_date, 'infinity'))
"""
_BY_CLASS_AND_WEEK = f"""
SELECT g.name, date_trunc('week', held.day)::date,
       sum((held.code = ANY(%(possible)s))::int), sum((held.code = ANY(%(attended)s))::int),
       sum((held.code = ANY(%(late)s))::int), sum((held.code = ANY(%(authorised)s))::int),
       sum((held.code = ANY(%(unauthorised)s))::int)
FROM (SELECT m.* {_HELD}) held
JOIN registers_classmembership c ON c.school_id = held.school_id AND c.pupil_id = held.pupil_id
  AND held.day BETWEEN c.start AND coalesce(c."end", 'infinity')
JOIN registers_classgroup g ON g.school_id = c.school_id AND g.id = c.class_group_id
GROUP BY 1, 2 ORDER BY 1, 2
"""
_BY_PUPIL_AND_CODE = f"SELECT m.pupil_id, m.code, count(*) {_HELD} AND m.code = ANY(%(absent)s) GROUP BY 1, 2"

IMPROVED_BY = 5  # points of attendance from one half-term to the next that earn a certificate


@dataclass(frozen=True, slots=True)
class Award:
    """A certificate earned in a half-term: `kind` is full or improved."""

    pupil_id: int
    name: str
    class_name: str
    kind: str
    days_missed: Decimal
    percent: str


def weeks_of_classes(school: School, first: date, last: date) -> list[tuple[str, date, Summary]]:
    """Each class's sums by the Monday of the week: a pupil counts where she was on the day."""
    values: dict[str, Any] = {
        "school": school.pk, "first": first, "last": last, "possible": sorted(codes.POSSIBLE),
        "attended": sorted(codes.ATTENDED), "late": sorted(codes.LATE), "authorised": sorted(codes.AUTHORISED),
        "unauthorised": sorted(codes.UNAUTHORISED),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_BY_CLASS_AND_WEEK, values)
        return [(name, monday, Summary(*map(int, counts))) for name, monday, *counts in cursor.fetchall()]


def week_of_class(school: School, group: ClassGroup, day: date) -> dict[str, Any]:
    """The pupils of a class with their marks of a week and their sums since September; a fixed number of queries."""
    monday = monday_of(day)
    friday = monday + timedelta(4)
    last = min(friday, clock.today(school))
    pupils = list(Pupil.objects.in_class(group.pk, last if last >= monday else friday))
    found = Mark.objects.filter(pupil__in=pupils, day__range=(monday, friday))
    marks = {
        (pupil, d, session): code for pupil, d, session, code in found.values_list("pupil", "day", "session", "code")
    }
    held = list(SchoolDay.objects.filter(day__range=(monday, friday)))
    slots = [(d.day, s) for d in held for s, is_held in zip(Session, (d.am, d.pm), strict=True) if is_held]
    key = {codes.by_number(number) for number in marks.values()}
    sums_of = {each.pupil_id: each.summary for each in sums(*this_year(school, last))}
    return {
        "group": group,
        "monday": monday,
        "friday": friday,
        "before": monday - timedelta(7),
        "after": monday + timedelta(7),
        "since": academic_year_bounds(academic_year_of(last))[0],
        "until": last,
        "slots": [(d, s.name) for d, s in slots],
        "key": sorted(key, key=lambda code: code.number),
        "rows": [
            {
                "pupil": pupil,
                "codes": [
                    codes.by_number(number) if (number := marks.get((pupil.pk, d, s))) is not None else None
                    for d, s in slots
                ],
                "summary": sums_of.get(pupil.pk),
            }
            for pupil in sorted(pupils, key=lambda p: (p.surname, p.forename))
        ],
    }


def challenge(school: School, day: date) -> dict[str, Any]:
    """The week that holds a day, class by class, the best first, with the tokens and treats of the year."""
    monday = monday_of(day)
    first, _ = this_year(school, monday)
    last = min(monday + timedelta(6), clock.today(school))
    weeks = weeks_of_classes(school, first, last)
    classes = standings(weeks, monday)
    return {
        "monday": monday,
        "friday": monday + timedelta(4),
        "classes": classes,
        "weeks": weeks,
        "whole": sum((each.week for each in classes[1:]), classes[0].week) if classes else None,
        "earned": [each for each in classes if each.earned],
        "goal": GOAL,
        "tokens_a_treat": TOKENS_A_TREAT,
    }


def absences_by_code(school: School, first: date, last: date) -> list[tuple[int, int, int]]:
    """(pupil, code number, sessions) of absence."""
    values: dict[str, Any] = {"school": school.pk, "first": first, "last": last, "absent": sorted(codes.ABSENT)}
    with connection.cursor() as cursor:
        cursor.execute(_BY_PUPIL_AND_CODE, values)
        return cursor.fetchall()


def awards(half_term: Span, before: Span | None, until: date) -> list[Award]:
    """Who missed no session of a half-term, and who attended five points more than in the one before it.

    Only pupils who could attend most of it: a newcomer of three days has not yet earned one.
    """
    last = min(half_term.end, until)
    now = sums(half_term.start, last)
    earlier = {each.pupil_id: each.summary for each in sums(before.start, before.end)} if before else {}
    most = max((each.summary.possible for each in now), default=0)
    names = {pupil.pk: pupil.name for pupil in Pupil.objects.on_roll(last)}
    found = []
    for each in now:
        mine, then = each.summary, earlier.get(each.pupil_id, Summary())
        if each.pupil_id not in names or mine.possible * 2 < most or not mine.possible:
            continue
        risen = then.possible and (
            (mine.attended * then.possible - then.attended * mine.possible) * 100
            >= IMPROVED_BY * mine.possible * then.possible
        )
        if mine.absence == 0 or risen:
            kind = "full" if mine.absence == 0 else "improved"
            found.append(
                Award(each.pupil_id, names[each.pupil_id], each.class_name, kind, mine.days_missed, f"{mine.percent}")
            )
    return sorted(found, key=lambda award: (award.kind, award.class_name, award.name))
