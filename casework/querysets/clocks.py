"""The facts of the statutory clocks of a whole school: a fixed number of queries, whatever its size."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection

from attendance_mis.models import School
from casework.clocks import GROUND_I_DAYS, ILLNESS, SHOWN_FROM, SICKNESS_SESSIONS, UNAUTHORISED, Kind, Marked, Slot
from registers import codes
from registers.calendar_rules import Session

# Who might be in a run of days without authority: at least so many unauthorised days lately. The rule then judges the
# marks of these few. Twenty school days and every holiday lie within the look back.
LOOK_BACK = timedelta(120)
EXCLUDED = codes.numbers_of("E")

_WITHOUT_AUTHORITY = """
WITH likely AS (
  SELECT pupil_id FROM registers_mark
  WHERE school_id = %(school)s AND day BETWEEN %(since)s AND %(today)s AND code = ANY(%(unauthorised)s)
  GROUP BY 1 HAVING count(DISTINCT day) >= %(least)s)
SELECT m.pupil_id, m.day, m.session, m.code
FROM likely JOIN registers_pupil p ON p.id = likely.pupil_id AND p.school_id = %(school)s
JOIN registers_mark m ON m.school_id = p.school_id AND m.pupil_id = p.id AND m.day BETWEEN %(since)s AND %(today)s
WHERE %(today)s BETWEEN p.compulsory_from AND p.compulsory_until
  AND EXISTS (SELECT FROM registers_registration r WHERE r.school_id = p.school_id AND r.pupil_id = p.id
              AND %(today)s BETWEEN r.admission_date AND coalesce(r.leaving_date, 'infinity')
              AND m.day >= r.admission_date)
"""

_IRREGULAR = """
SELECT p.id, array_agg(m.day ORDER BY m.day)
FROM registers_mark m JOIN registers_pupil p ON p.id = m.pupil_id AND p.school_id = m.school_id
WHERE m.school_id = %(school)s AND m.day BETWEEN %(since)s AND %(today)s AND m.code = ANY(%(unauthorised)s)
  AND m.day BETWEEN p.compulsory_from AND p.compulsory_until
  AND EXISTS (SELECT FROM registers_registration r WHERE r.school_id = p.school_id AND r.pupil_id = p.id
              AND %(today)s BETWEEN r.admission_date AND coalesce(r.leaving_date, 'infinity')
              AND m.day >= r.admission_date)
GROUP BY 1 HAVING count(*) >= %(least)s
"""

# Pupil by pupil through the register's key: what is read grows with the school, not with the table.
_ILL = """
SELECT p.id, ill.days, ill.sessions
FROM registers_pupil p CROSS JOIN LATERAL (
  SELECT array_agg(m.day) AS days, array_agg(m.session) AS sessions, count(*) AS count FROM registers_mark m
  WHERE m.school_id = p.school_id AND m.pupil_id = p.id AND m.day BETWEEN %(year)s AND %(today)s
    AND m.code = ANY(%(ill)s)) ill
WHERE p.school_id = %(school)s AND %(today)s BETWEEN p.compulsory_from AND p.compulsory_until AND ill.count > 0
  AND EXISTS (SELECT FROM registers_registration r WHERE r.school_id = p.school_id AND r.pupil_id = p.id
              AND %(today)s BETWEEN r.admission_date AND coalesce(r.leaving_date, 'infinity'))
  AND (ill.count >= %(least)s OR EXISTS (
    SELECT FROM registers_plannedabsence a WHERE a.school_id = p.school_id AND a.pupil_id = p.id
    AND a.cancelled_at IS NULL AND a."end" > %(today)s AND a.code = ANY(%(ill)s)))
"""

_NO_REASON = """
SELECT pupil_id, min(day), count(*) FROM registers_mark
WHERE school_id = %(school)s AND code = ANY(%(no_reason)s) AND day BETWEEN %(since)s AND %(today)s
GROUP BY 1
"""

_WORKERS = """
SELECT DISTINCT p.id, m.day, p.social_worker, p.youth_offending
FROM registers_mark m JOIN registers_pupil p ON p.school_id = m.school_id AND p.id = m.pupil_id
WHERE m.school_id = %(school)s AND m.day BETWEEN %(since)s AND %(today)s AND m.code = ANY(%(unexplained)s)
  AND (p.social_worker <> '' OR p.youth_offending <> '')
ORDER BY 2, 1
"""

_EXCLUDED = """
SELECT p.id, excluded.day
FROM registers_pupil p CROSS JOIN LATERAL (
  SELECT DISTINCT m.day FROM registers_mark m
  WHERE m.school_id = p.school_id AND m.pupil_id = p.id AND m.day BETWEEN %(since)s AND %(today)s
    AND m.code = ANY(%(excluded)s)) excluded
WHERE p.school_id = %(school)s
  AND EXISTS (SELECT FROM registers_registration r WHERE r.school_id = p.school_id AND r.pupil_id = p.id
              AND %(today)s BETWEEN r.admission_date AND coalesce(r.leaving_date, 'infinity'))
"""


@dataclass(frozen=True, slots=True)
class Worker:
    """A child with a worker, unexplained on a day."""

    pupil_id: int
    day: date
    social_worker: str
    youth_offending: str


def without_authority(school: School, today: date) -> dict[int, list[Marked]]:
    """The marks since the look back of every child of compulsory age who might be in a run without authority."""
    found: dict[int, list[Marked]] = defaultdict(list)
    least = min(SHOWN_FROM[Kind.ATTENDANCE], GROUND_I_DAYS)
    for pupil_id, day, session, code in _asked(
        _WITHOUT_AUTHORITY, school, today, since=today - LOOK_BACK, unauthorised=sorted(UNAUTHORISED), least=least
    ):
        found[pupil_id].append((day, Session(session), code))
    return dict(found)


def irregular(school: School, since: date, today: date, *, least: int) -> dict[int, list[date]]:
    """The days of the unauthorised sessions (G, O, U) of every child of compulsory age with so many of them.

    N is left out: it is no answer yet, and O after five school days.
    """
    rows = _asked(_IRREGULAR, school, today, since=since, unauthorised=sorted(codes.PENALTY_COUNTED), least=least)
    return dict(rows)


def illness(school: School, year_began: date, today: date) -> dict[int, list[Slot]]:
    """The sessions of illness this school year of every child near fifteen days, or with more of it expected."""
    rows = _asked(_ILL, school, today, year=year_began, ill=sorted(ILLNESS), least=SICKNESS_SESSIONS)
    return {
        pupil_id: [(day, Session(session)) for day, session in zip(days, sessions, strict=True)]
        for pupil_id, days, sessions in rows
    }


def no_reason(school: School, since: date, today: date) -> dict[int, tuple[date, int]]:
    """Each child with an N: the day of the oldest, and how many there are."""
    rows = _asked(_NO_REASON, school, today, since=since, no_reason=sorted(codes.NO_REASON))
    return {pupil_id: (day, count) for pupil_id, day, count in rows}


def unexplained_with_worker(school: School, since: date, today: date) -> list[Worker]:
    """Children with a social worker or a youth offending worker, and the days on which nobody knew where they were."""
    unexplained = sorted(codes.numbers_of("N", "O"))
    return [Worker(*row) for row in _asked(_WORKERS, school, today, since=since, unexplained=unexplained)]


def excluded_days(school: School, since: date, today: date) -> dict[int, set[date]]:
    """The days each child was coded E."""
    found: dict[int, set[date]] = defaultdict(set)
    for pupil_id, day in _asked(_EXCLUDED, school, today, since=since, excluded=sorted(EXCLUDED)):
        found[pupil_id].add(day)
    return found


def _asked(sql: str, school: School, today: date, **values: Any) -> Iterable[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"school": school.pk, "today": today, **values})
        return cursor.fetchall()
