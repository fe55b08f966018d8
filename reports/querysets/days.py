"""Sessions counted by day: what trends, heat maps and patterns are drawn from. Only marks of pupils on roll count."""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from django.db import connection

from attendance_mis.tenancy import schools_in_scope
from registers import codes
from registers.attendance import Summary
from registers.calendar_rules import Session
from registers.codes import Code
from registers.models import SchoolDay
from registers.sums import counts
from reports.patterns import Slot
from reports.ranges import Part


class DayCount(NamedTuple):
    """How many pupils have this code on a day's session, how many minutes they were late together, and of how many it
    is an absence of half a day: they could attend the other half, and did not miss it.
    """

    day: date
    session: int
    code: int
    marks: int
    minutes: int = 0
    halves: int = 0


def _among(numbers: Iterable[int]) -> str:
    return f"IN ({', '.join(map(str, sorted(numbers)))})"


# Plain X of a compulsory-age pupil in 2020-22 counts as X02 (law.md 2.7): only then the pupil is asked for.
_COVID_CODE = (
    f"CASE WHEN {{mark}}.code = {codes.PLAIN_X_2006} "
    f"AND m.day BETWEEN '{codes.COVID_X_FROM}' AND '{codes.COVID_X_UNTIL}' "
    f"AND m.day BETWEEN p.compulsory_from AND p.compulsory_until THEN {codes.X02} ELSE {{mark}}.code END"
)
_PUPIL = "JOIN registers_pupil p ON p.school_id = g.school_id AND p.id = g.pupil_id"
_MARKS = """
FROM registers_registration g
{pupil}
JOIN registers_mark m ON m.school_id = g.school_id AND m.pupil_id = g.pupil_id
  AND m.day BETWEEN greatest(g.admission_date, %(first)s) AND least(g.leaving_date, %(last)s)
  AND m.day BETWEEN %(first)s AND %(last)s
JOIN registers_schoolday d ON d.school_id = m.school_id AND d.day = m.day
  AND CASE m.session WHEN 1 THEN d.am ELSE d.pm END
WHERE g.school_id = %(school)s AND (%(pupils)s::int[] IS NULL OR g.pupil_id = ANY(%(pupils)s))
"""

# Whoever missed the other half too missed a day, no half of one; nor has half a day who could not attend the other.
_HALF_DAY = f"""m.code {_among(codes.ABSENT)} AND d.am AND d.pm
  AND EXISTS (SELECT FROM registers_mark o WHERE o.school_id = m.school_id AND o.pupil_id = m.pupil_id
    AND o.day = m.day AND o.session <> m.session AND {{code}} {_among(codes.POSSIBLE - codes.ABSENT)})"""


def _code_and_marks(first: date, last: date) -> tuple[str, str, str]:
    """What a mark of these days counts as, the marks themselves, without a table that they do not need, and which of
    them are half days.
    """
    covid = first <= codes.COVID_X_UNTIL and last >= codes.COVID_X_FROM
    code = _COVID_CODE if covid else "{mark}.code"
    half_day = _HALF_DAY.format(code=code.format(mark="o"))
    return code.format(mark="m"), _MARKS.format(pupil=_PUPIL if covid else ""), half_day


def counts_by_day(
    first: date, last: date, pupils: Iterable[int] | None = None, *, for_patterns: bool = False
) -> list[DayCount]:
    """Each day's session with the number of marks of each code, of all pupils or of these.

    Minutes and half days are asked for patterns only: for a trend the index of the register answers alone.
    """
    code, marks, half_day = _code_and_marks(first, last)
    more = f"coalesce(sum(m.minutes_late), 0)::int, count(*) FILTER (WHERE {half_day})" if for_patterns else "0, 0"
    sql = f"SELECT m.day, m.session, {code}, count(*), {more} {marks} GROUP BY 1, 2, 3 ORDER BY 1, 2"
    return [DayCount(*row) for row in _run(sql, first, last, pupils)]


def slots_of(first: date, last: date, pupils: Iterable[int]) -> dict[int, list[Slot]]:
    """The sessions of each of these pupils that hold a mark, for their patterns; one query."""
    code, marks, half_day = _code_and_marks(first, last)
    sql = f"""
SELECT m.pupil_id, m.day, m.session, ({code} {_among(codes.POSSIBLE)})::int, (m.code {_among(codes.ABSENT)})::int,
       (m.code {_among(codes.LATE)})::int, coalesce(m.minutes_late, 0), ({half_day})::int {marks} ORDER BY 1, 2, 3"""
    found: dict[int, list[Slot]] = {}
    for pupil_id, *slot in _run(sql, first, last, pupils):
        found.setdefault(pupil_id, []).append(Slot(*slot))
    return found


def counts_of_part(part: Part) -> dict[int, Summary]:
    """The marks of a part of the days, by pupil; sessions without one are not counted."""
    if part.is_whole:
        return counts(part.first, part.last)
    code, marks, half_day = _code_and_marks(part.first, part.last)
    chosen = "AND extract(isodow FROM m.day) = %(weekday)s + 1" if part.weekday is not None else ""
    chosen += " AND m.session = %(session)s" if part.session is not None else ""
    if part.days is not None:
        chosen += " AND m.day = ANY(%(days)s::date[])"
        chosen += f" AND {half_day}" if part.session is not None else ""
    columns = ", ".join(
        f"(count(*) FILTER (WHERE {code} {_among(numbers)}))::int"
        for numbers in (codes.POSSIBLE, codes.ATTENDED, codes.LATE, codes.AUTHORISED, codes.UNAUTHORISED)
    )
    sql = f"SELECT m.pupil_id, {columns} {marks} {chosen} GROUP BY 1"
    days = sorted(part.days or ())
    rows = _run(sql, part.first, part.last, None, weekday=part.weekday, session=part.session, days=days)
    return {pupil_id: Summary(*numbers) for pupil_id, *numbers in rows}


def sessions_of(first: date, last: date, pupil_id: int) -> list[tuple[date, Session, Code, int | None]]:
    """One child's marks, the newest first: the sessions that her figures count, with the minutes she was late."""
    _, marks, _ = _code_and_marks(first, last)
    sql = f"SELECT m.day, m.session, m.code, m.minutes_late {marks} ORDER BY m.day DESC, m.session DESC"
    return [
        (day, Session(session), codes.by_number(code), minutes)
        for day, session, code, minutes in _run(sql, first, last, [pupil_id])
    ]


def slots_by_day(counts: Iterable[DayCount]) -> list[Slot]:
    """The counts of many pupils as the slots that patterns are found in."""
    of_slot: dict[tuple[date, int], list[int]] = {}
    for each in counts:
        possible, absent, late, minutes, halves = of_slot.setdefault((each.day, each.session), [0, 0, 0, 0, 0])
        of_slot[each.day, each.session] = [
            possible + each.marks * (each.code in codes.POSSIBLE),
            absent + each.marks * (each.code in codes.ABSENT),
            late + each.marks * (each.code in codes.LATE),
            minutes + each.minutes * (each.code in codes.LATE),
            halves + each.halves,
        ]
    return [Slot(day, session, *numbers) for (day, session), numbers in of_slot.items()]


def school_days(first: date, last: date) -> list[tuple[date, int]]:
    """The school days of a range, in order, with the number of sessions of each."""
    days = SchoolDay.objects.filter(day__range=(first, last)).order_by("day").values_list("day", "am", "pm")
    return [(day, am + pm) for day, am, pm in days]


def first_day_of(schools: Iterable[int], first: date, last: date) -> date | None:
    """The first school day of any of these schools in these days."""
    sql = "SELECT min(day) FROM registers_schoolday WHERE school_id = ANY(%s) AND day BETWEEN %s AND %s"
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(schools), first, last])
        found: date | None = cursor.fetchone()[0]
        return found


def _run(
    sql: str, first: date, last: date, pupils: Iterable[int] | None, **values: int | list[date] | None
) -> list[tuple[Any, ...]]:
    (school_id,) = schools_in_scope()
    with connection.cursor() as cursor:
        cursor.execute(
            sql,
            {
                "school": school_id,
                "first": first,
                "last": last,
                "pupils": None if pupils is None else sorted(pupils),
                **values,
            },
        )
        return cursor.fetchall()
