"""N marks whose time is over: the reason must be found within five school days after the session (law.md 1.8)."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from attendance_mis.models import School
from registers import codes
from registers.calendar_rules import Session
from registers.facts import Slot

# Verbs of the audit trail that say somebody spoke, or tried to speak, to a family.
CONTACT_VERBS = ("record_contact", "record_absence")

# Overdue is what lies before the sixth last school day, today included: six school days have begun since.
_OVERDUE = """
WITH sixth AS (SELECT day FROM registers_schoolday WHERE school_id = %(school)s AND day <= %(today)s
               ORDER BY day DESC OFFSET 5 LIMIT 1)
SELECT p.id, coalesce(nullif(p.preferred_forename, ''), p.legal_forename),
       coalesce(nullif(p.preferred_surname, ''), p.legal_surname), g.name, m.day, m.session, m.entry_id,
       coalesce(m.note, ''),
       (SELECT count(*) FROM registers_schoolday d
        WHERE d.school_id = %(school)s AND d.day > m.day AND d.day <= %(today)s),
       contact.at, contact.summary, count(*) OVER ()
FROM registers_mark m CROSS JOIN sixth
JOIN registers_pupil p ON p.school_id = m.school_id AND p.id = m.pupil_id
LEFT JOIN registers_classmembership c ON c.school_id = m.school_id AND c.pupil_id = m.pupil_id
     AND m.day BETWEEN c.start AND coalesce(c."end", 'infinity')
LEFT JOIN registers_classgroup g ON g.id = c.class_group_id
LEFT JOIN LATERAL (
  SELECT a.at, a.summary FROM attendance_mis_auditrow a
  WHERE a.school_id = m.school_id AND a.pupil_id = m.pupil_id AND a.pupil_id IS NOT NULL AND a.verb = ANY(%(contact)s)
    AND a.at >= m.day
  ORDER BY a.at DESC LIMIT 1) contact ON true
WHERE m.school_id = %(school)s AND m.code = ANY(%(codes)s) AND m.day < sixth.day
ORDER BY m.day, 3, 2, m.session
LIMIT %(limit)s OFFSET %(offset)s
"""


@dataclass(frozen=True, slots=True)
class OldN:
    """An N from the sixth school day after its session on; `age` counts the school days since."""

    pupil_id: int
    forename: str
    surname: str
    class_name: str | None
    day: date
    session: Session
    version: int
    note: str
    age: int
    contacted_at: datetime | None
    contact: str | None

    @property
    def name(self) -> str:
        return f"{self.forename} {self.surname}"

    @property
    def slot(self) -> Slot:
        return Slot(self.pupil_id, self.day, self.session)


def overdue(school: School, today: date, *, limit: int | None = None, offset: int = 0) -> tuple[list[OldN], int]:
    """The school's overdue N marks, oldest first, and how many there are in all; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            _OVERDUE,
            {
                "school": school.pk,
                "today": today,
                "codes": sorted(codes.NO_REASON),
                "contact": list(CONTACT_VERBS),
                "limit": limit,
                "offset": offset,
            },
        )
        rows = cursor.fetchall()
    found = [
        OldN(pupil_id, forename, surname, class_name, day, Session(session), *rest)
        for pupil_id, forename, surname, class_name, day, session, *rest, _ in rows
    ]
    return found, rows[0][-1] if rows else 0
