"""Which marks a person means who says a class, some days and sessions, and perhaps what stands there now."""

from collections.abc import Collection
from datetime import date

from django.db import connection

from attendance_mis.models import School
from registers.calendar_rules import Session
from registers.facts import Slot

_CHOSEN = """
SELECT p.id, d.day, s.session, coalesce(nullif(p.preferred_forename, ''), p.legal_forename) || ' ' ||
       coalesce(nullif(p.preferred_surname, ''), p.legal_surname), g.name
FROM registers_schoolday d CROSS JOIN unnest(%(sessions)s::smallint[]) AS s (session)
JOIN registers_classmembership c ON c.school_id = d.school_id
     AND d.day BETWEEN c.start AND coalesce(c."end", 'infinity')
JOIN registers_pupil p ON p.school_id = d.school_id AND p.id = c.pupil_id
JOIN registers_classgroup g ON g.id = c.class_group_id
LEFT JOIN registers_mark m ON m.school_id = d.school_id AND m.pupil_id = p.id AND m.day = d.day
     AND m.session = s.session
WHERE d.school_id = %(school)s AND d.day BETWEEN %(first)s AND %(last)s
  AND CASE s.session WHEN 1 THEN d.am ELSE d.pm END
  AND (%(class_group)s::bigint IS NULL OR c.class_group_id = %(class_group)s)
  AND (%(standing)s::smallint[] IS NULL OR m.code = ANY(%(standing)s) OR m.code IS NULL AND %(blank)s)
  AND EXISTS (SELECT FROM registers_registration r WHERE r.school_id = d.school_id AND r.pupil_id = p.id
              AND d.day BETWEEN r.admission_date AND coalesce(r.leaving_date, 'infinity'))
ORDER BY d.day, s.session, g.name, 4, p.id LIMIT %(limit)s
"""


def chosen_slots(
    school: School,
    first: date,
    last: date,
    sessions: Collection[Session],
    *,
    limit: int,
    class_group_id: int | None = None,
    standing: Collection[int] | None = None,
    blank: bool = False,
) -> dict[Slot, tuple[str, str]]:
    """The slots of pupils on roll, with pupil's name and class, by day and session; at most `limit`.

    `standing` keeps those whose mark has one of these code numbers, `blank` with it those without a mark.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _CHOSEN,
            {
                "school": school.pk,
                "first": first,
                "last": last,
                "sessions": [int(session) for session in sessions],
                "class_group": class_group_id,
                "standing": None if standing is None else sorted(standing),
                "blank": blank,
                "limit": limit,
            },
        )
        return {Slot(pupil, day, Session(s)): (name, group) for pupil, day, s, name, group in cursor.fetchall()}
