"""Registers that were due and never sent: they stay visible until somebody takes or re-keys them."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from attendance_mis.models import School
from registers.calendar_rules import Session
from registers.facts import register_times

# A session without a sent register is missing while a pupil of the class has no mark, or while a register was opened
# and left. History that was imported whole has marks and no registers: it is not missing.
_MISSING = """
WITH due AS (
  SELECT d.day, s.session FROM registers_schoolday d CROSS JOIN (VALUES (1), (2)) AS s (session)
  WHERE d.school_id = %(school)s AND d.day BETWEEN %(since)s AND %(today)s
    AND CASE s.session WHEN 1 THEN d.am ELSE d.pm END
    AND (d.day < %(today)s OR CASE s.session WHEN 1 THEN %(am_closed)s ELSE %(pm_closed)s END)),
members AS (
  SELECT c.class_group_id, due.day, due.session, c.pupil_id, r.id AS register_id
  FROM due JOIN registers_classmembership c ON c.school_id = %(school)s
       AND due.day BETWEEN c.start AND coalesce(c."end", 'infinity')
  LEFT JOIN registers_register r ON r.school_id = %(school)s AND r.day = due.day AND r.session = due.session
       AND r.class_group_id = c.class_group_id
  WHERE r.sent_at IS NULL AND EXISTS (
    SELECT FROM registers_registration g WHERE g.school_id = %(school)s AND g.pupil_id = c.pupil_id
    AND due.day BETWEEN g.admission_date AND coalesce(g.leaving_date, 'infinity'))),
counted AS (
  SELECT b.class_group_id, b.day, b.session, b.register_id, count(*) AS pupils, count(m.code) AS marked
  FROM members b LEFT JOIN registers_mark m ON m.school_id = %(school)s AND m.pupil_id = b.pupil_id
       AND m.day = b.day AND m.session = b.session
  GROUP BY 1, 2, 3, 4)
SELECT c.class_group_id, g.name, c.day, c.session, c.pupils, c.marked
FROM counted c JOIN registers_classgroup g ON g.id = c.class_group_id
WHERE (c.marked < c.pupils OR c.register_id IS NOT NULL)
  AND (%(user)s::int IS NULL
    OR EXISTS (SELECT FROM registers_teaching t WHERE t.class_group_id = g.id AND t.user_id = %(user)s
               AND c.day BETWEEN t.start AND coalesce(t."end", 'infinity'))
    OR EXISTS (SELECT FROM registers_cover v WHERE v.class_group_id = g.id AND v.user_id = %(user)s AND v.day = c.day))
ORDER BY c.day DESC, c.session DESC, g.name
"""


@dataclass(frozen=True, slots=True)
class MissingRegister:
    """A register that nobody sent: of `pupils` in the class, `marked` have a mark."""

    class_group_id: int
    class_name: str
    day: date
    session: Session
    pupils: int
    marked: int


def missing_registers(
    school: School, since: date, now: datetime, *, own_of_user: int | None = None
) -> list[MissingRegister]:
    """The registers of `since` and later that were due by now and never sent, newest first; one query.

    `own_of_user` keeps only the classes that person taught or covered on the day.
    """
    times = register_times(school)
    with connection.cursor() as cursor:
        cursor.execute(
            _MISSING,
            {
                "school": school.pk,
                "since": since,
                "today": now.date(),
                "am_closed": times.is_closed(now.time(), Session.AM),
                "pm_closed": times.is_closed(now.time(), Session.PM),
                "user": own_of_user,
            },
        )
        return [
            MissingRegister(class_group_id, name, day, Session(session), pupils, marked)
            for class_group_id, name, day, session, pupils, marked in cursor.fetchall()
        ]
