"""The marks around leave, for many requests at once."""

from collections.abc import Sequence
from datetime import date

from django.db import connection

from attendance_mis.tenancy import schools_in_scope
from casework.leave_rules import Slot
from registers.calendar_rules import Session

# So many days around a request tell whether the child left early or came back late.
DAYS_BEFORE, DAYS_AFTER = 14, 42

_MARKS = """
SELECT r.id, m.day, m.session, m.code, m.entry_id
FROM casework_leaverequest r
JOIN registers_mark m ON m.school_id = r.school_id AND m.pupil_id = r.pupil_id
 AND m.day BETWEEN r.first - %(before)s AND least(r.last + %(after)s, %(today)s)
WHERE r.school_id = ANY(%(schools)s) AND r.id = ANY(%(requests)s)
"""


def marks_around(requests: Sequence[int], today: date) -> dict[int, dict[Slot, tuple[int, int]]]:
    """For each request the marks before, in and after it: code and version by session. One query."""
    found: dict[int, dict[Slot, tuple[int, int]]] = {request: {} for request in requests}
    with connection.cursor() as cursor:
        cursor.execute(
            _MARKS,
            {
                "schools": list(schools_in_scope()),
                "requests": list(requests),
                "today": today,
                "before": DAYS_BEFORE,
                "after": DAYS_AFTER,
            },
        )
        for request, day, session, code, version in cursor:
            found[request][day, Session(session)] = code, version
    return found
