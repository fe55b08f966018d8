"""Sessions counted by day: what trends, heat maps and patterns are drawn from. Only marks of pupils on roll count."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import connection

from attendance_mis.tenancy import schools_in_scope
from registers import codes
from registers.attendance import Summary
from registers.calendar_rules import Session
from registers.codes import Code
from registers.models import SchoolDay
from registers.sums import counts
from reports.patterns import Pattern, Slot
from reports.ranges import Part


def _among(numbers: Iterable[int]) -> str:
    return f"IN ({', '.join(map(str, sorted(numbers)))})"


# Plain X of a compulsory-age pupil in 2020-22 counts as X02 (law.md 2.7).
_COVID_CODE = (
    f"CASE WHEN m.code = {codes.PLAIN_X_2006} "
    f"AND m.day BETWEEN '{codes.COVID_X_FROM}' AND '{codes.COVID_X_UNTIL}' "
    f"AND m.day BETWEEN p.compulsory_from AND p.compulsory_until THEN {codes.X02} ELSE m.code END"
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

# The codes of a pupil's two halves of a day stand side by side, and many pupils share a pair: the pairs are counted.
# Minutes lie in the rows of the few who were late, all else in the index of the register.
_MINUTES = """coalesce(sum(CASE WHEN m.{half} {late} THEN (SELECT l.minutes_late FROM registers_mark l
    WHERE l.school_id = g.school_id AND l.pupil_id = g.pupil_id AND l.day = m.day AND l.session = {session}) END), 0)"""
_PAIRS = f"""
  SELECT {{who}}m.day, m.am, m.pm, count(*) AS pupils,
    {_MINUTES.format(half="am", late=_among(codes.LATE), session=1)} AS am_minutes,
    {_MINUTES.format(half="pm", late=_among(codes.LATE), session=2)} AS pm_minutes
  FROM registers_registration g {{pupil}}
  CROSS JOIN LATERAL (
    SELECT m.day, max({{code}}) FILTER (WHERE m.session = 1) AS am, max({{code}}) FILTER (WHERE m.session = 2) AS pm
    FROM registers_mark m
    WHERE m.school_id = g.school_id AND m.pupil_id = g.pupil_id {{days}}
      AND m.day BETWEEN greatest(g.admission_date, %(first)s) AND least(g.leaving_date, %(last)s)
      AND m.day BETWEEN %(first)s AND %(last)s
    GROUP BY 1) AS m
  WHERE g.school_id = %(school)s AND (%(pupils)s::int[] IS NULL OR g.pupil_id = ANY(%(pupils)s))
  GROUP BY {{who}}m.day, m.am, m.pm"""
# The columns of `Slot`. Whoever missed the other half too missed a day, no half of one; nor has half a day who could
# not attend the other.
_NUMBERS = {
    "possible": f"s.code {_among(codes.POSSIBLE)}",
    "attended": f"s.code {_among(codes.ATTENDED)}",
    "absent": f"s.code {_among(codes.ABSENT)}",
    "late": f"s.code {_among(codes.LATE)}",
    "halves": f"s.code {_among(codes.ABSENT)} AND s.other {_among(codes.POSSIBLE - codes.ABSENT)}",
    "pupils": f"s.code {_among(codes.POSSIBLE)} AND (s.session = 1 OR (s.other {_among(codes.POSSIBLE)}) IS NOT TRUE)",
    "away": f"s.code {_among(codes.ABSENT)} AND (s.session = 1 OR (s.other {_among(codes.ABSENT)}) IS NOT TRUE)",
}
_SUM = "coalesce(sum(m.pupils) FILTER (WHERE {}), 0)::int"
_OF_SLOT = ", ".join(
    _SUM.format(_NUMBERS[name]) if name in _NUMBERS else f"sum(s.{name})::int" for name in Slot._fields[2:]
)
_SLOTS = f"""
SELECT {{by}}, {{sums}}
FROM ({_PAIRS}) AS m
JOIN registers_schoolday d ON d.school_id = %(school)s AND d.day = m.day
CROSS JOIN LATERAL (SELECT CASE WHEN d.am THEN m.am END AS am, CASE WHEN d.pm THEN m.pm END AS pm) AS held
CROSS JOIN LATERAL (VALUES (1, held.am, held.pm, m.am_minutes), (2, held.pm, held.am, m.pm_minutes))
  AS s (session, code, other, minutes)
WHERE s.code IS NOT NULL
GROUP BY {{by}} ORDER BY {{by}}"""


def _knows_covid(first: date, last: date) -> bool:
    """Whether in these days the age of a pupil decides what a code counts as: only then she is asked for."""
    return first <= codes.COVID_X_UNTIL and last >= codes.COVID_X_FROM


def _code_and_marks(first: date, last: date) -> tuple[str, str]:
    """What a mark of these days counts as, and the marks themselves, without a table that they do not need."""
    covid = _knows_covid(first, last)
    return _COVID_CODE if covid else "m.code", _MARKS.format(pupil=_PUPIL if covid else "")


def _slots_sql(first: date, last: date, by: str, sums: str, *, days: str = "") -> str:
    """The sums of the sessions of these days, `by` pupil, or by day and session, or all three."""
    covid = _knows_covid(first, last)
    return _SLOTS.format(
        by=by,
        sums=sums,
        who="g.pupil_id, " if "pupil_id" in by else "",
        code=_COVID_CODE if covid else "m.code",
        pupil=_PUPIL if covid else "",
        days=days,
    )


def slots_by_day(first: date, last: date, pupils: Iterable[int] | None = None) -> list[Slot]:
    """Each day's sessions that hold a mark, of all pupils or of these together."""
    sql = _slots_sql(first, last, "m.day, s.session", _OF_SLOT)
    return [Slot(*row) for row in _run(sql, first, last, pupils)]


def slots_of(first: date, last: date, pupils: Iterable[int]) -> dict[int, list[Slot]]:
    """The same of each of these pupils; one query."""
    sql = _slots_sql(first, last, "m.pupil_id, m.day, s.session", _OF_SLOT)
    found: dict[int, list[Slot]] = {}
    for pupil_id, *slot in _run(sql, first, last, pupils):
        found.setdefault(pupil_id, []).append(Slot(*slot))
    return found


def counts_of_pattern(pattern: Pattern) -> dict[int, int]:
    """How much of a pattern is each pupil's, of all who have a part in it: they add up to it."""
    if not pattern.days:
        return {}
    first, last = min(pattern.days), max(pattern.days)
    half = "" if pattern.session is None else f"s.session = {pattern.session:d} AND "
    counted = _SUM.format(f"{half}{_NUMBERS[pattern.counts]}")
    sql = _slots_sql(first, last, "m.pupil_id", counted, days="AND m.day = ANY(%(days)s::date[])")
    rows = _run(sql, first, last, None, days=list(pattern.days))
    return {pupil_id: count for pupil_id, count in rows if count}


def counts_of_part(part: Part) -> dict[int, Summary]:
    """The marks of a part of the days, by pupil; sessions without one are not counted."""
    if part.is_whole:
        return counts(part.first, part.last)
    code, marks = _code_and_marks(part.first, part.last)
    chosen = "AND extract(isodow FROM m.day) = %(weekday)s + 1" if part.weekday is not None else ""
    chosen += " AND m.session = %(session)s" if part.session is not None else ""
    columns = ", ".join(
        f"(count(*) FILTER (WHERE {code} {_among(numbers)}))::int"
        for numbers in (codes.POSSIBLE, codes.ATTENDED, codes.LATE, codes.AUTHORISED, codes.UNAUTHORISED)
    )
    sql = f"SELECT m.pupil_id, {columns} {marks} {chosen} GROUP BY 1"
    rows = _run(sql, part.first, part.last, None, weekday=part.weekday, session=part.session)
    return {pupil_id: Summary(*numbers) for pupil_id, *numbers in rows}


def sessions_of(first: date, last: date, pupil_id: int) -> list[tuple[date, Session, Code, int | None]]:
    """One child's marks, the newest first: the sessions that her figures count, with the minutes she was late."""
    _, marks = _code_and_marks(first, last)
    sql = f"SELECT m.day, m.session, m.code, m.minutes_late {marks} ORDER BY m.day DESC, m.session DESC"
    return [
        (day, Session(session), codes.by_number(code), minutes)
        for day, session, code, minutes in _run(sql, first, last, [pupil_id])
    ]


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
