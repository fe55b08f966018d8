"""What became of marks: every entry and amendment of a session, in the order they were made."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from attendance_mis.models import School
from registers import codes
from registers.calendar_rules import Session
from registers.codes import Code
from registers.models import Entry

# An amendment that came with a pack has no entry of ours behind it.
_EVENTS = """
SELECT e.id, x.pupil_id, e.at, e.made_at, e.by_name, e.by_position, e.source, x.code, x.minutes, x.note,
       a.id IS NOT NULL, a.original, coalesce(a.reason, '')
FROM registers_entry e CROSS JOIN LATERAL unnest(e.pupils, e.codes, e.minutes, e.notes)
     AS x (pupil_id, code, minutes, note)
LEFT JOIN registers_amendment a ON a.school_id = e.school_id AND a.pupil_id = x.pupil_id AND a.day = e.day
     AND a.session = e.session AND a.entry_id = e.id
WHERE e.school_id = %(school)s AND e.day = %(day)s AND e.session = %(session)s AND x.pupil_id = ANY(%(pupils)s)
UNION ALL
SELECT NULL, a.pupil_id, a.at, NULL, a.by_name, a.by_position, 'import', a.amended, a.amended_minutes,
       a.amended_note, true, a.original, a.reason
FROM registers_amendment a
WHERE a.school_id = %(school)s AND a.day = %(day)s AND a.session = %(session)s AND a.pupil_id = ANY(%(pupils)s)
  AND a.entry_id IS NULL
ORDER BY 3, 1
"""


@dataclass(frozen=True, slots=True)
class Event:
    """One mark as it was entered or amended. `code` None: taken back. `made_at` None: not known."""

    entry_id: int | None
    pupil_id: int
    at: datetime
    made_at: datetime | None
    by_name: str
    by_position: str
    source: str
    code: Code | None
    minutes_late: int | None
    note: str
    is_amendment: bool
    original: Code | None
    reason: str
    pupil: str = ""  # her name, where a page shows many

    @property
    def by(self) -> str:
        return ", ".join(filter(None, [self.by_name, self.by_position])) or "not known"

    @property
    def delivered_late(self) -> bool:
        """Whether it reached the server a minute or more after it was made."""
        return self.made_at is not None and (self.at - self.made_at).total_seconds() >= 60


def events(school: School, pupil_ids: Collection[int], day: date, session: Session) -> list[Event]:
    """Everything entered for these pupils in one session, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_EVENTS, {"school": school.pk, "day": day, "session": int(session), "pupils": list(pupil_ids)})
        rows = cursor.fetchall()
    return [
        Event(
            *who_and_when,  # type: ignore[call-arg]
            Entry.Source(source).label,
            _code(code),
            minutes,
            note or "",
            is_amendment,
            _code(original),
            reason,
        )
        for *who_and_when, source, code, minutes, note, is_amendment, original, reason in rows
    ]


def _code(number: int | None) -> Code | None:
    return None if number is None else codes.by_number(number)
