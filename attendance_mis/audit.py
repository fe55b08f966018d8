"""Write and read the audit trail. Call `record` inside the transaction of what it records."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, models
from django.utils import timezone
from psycopg.types.json import Jsonb

from attendance_mis.actors import Actor

# First half of the two-part advisory lock that log writers share and the sealer takes alone (see seals.py).
LOG_GATE = 7301

# The gate is passed before the row's id is drawn, so a sealer holding it alone sees every id below the next one.
_INSERT = f"""
WITH gate AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared({LOG_GATE}, %(school)s::int))
INSERT INTO attendance_mis_auditrow
  (school_id, at, by_id, by_name, by_position, verb, subject_type, subject_id, pupil_id, summary, data)
SELECT %(school)s, %(at)s, %(by_id)s, %(by_name)s, %(by_position)s, %(verb)s, %(subject_type)s, %(subject_id)s,
       %(pupil)s, %(summary)s, %(data)s
FROM gate
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One row to be of the audit trail, for verbs that change many things at once."""

    verb: str
    subject: models.Model | None
    summary: str
    pupil_id: int | None = None
    data: dict[str, Any] = field(default_factory=dict)


def record(
    verb: str,
    subject: models.Model | None = None,
    *,
    school_id: int,
    by: Actor,
    summary: str,
    pupil_id: int | None = None,
    data: dict[str, Any] | None = None,
) -> None:
    """Add one row to the school's audit trail.

    Who, what, when and, in `summary`, why, in a sentence a head would read.
    """
    record_all([Row(verb, subject, summary, pupil_id, data or {})], school_id=school_id, by=by)


def record_all(rows: Iterable[Row], *, school_id: int, by: Actor) -> None:
    """Add many rows to the school's audit trail, in their order."""
    at = timezone.now()
    values: list[dict[str, Any]] = [
        {
            "school": school_id,
            "at": at,
            "by_id": by.user_id,
            "by_name": by.name,
            "by_position": by.position,
            "verb": row.verb,
            "subject_type": row.subject._meta.label_lower if row.subject else "",
            "subject_id": row.subject.pk if row.subject else None,
            "pupil": row.pupil_id,
            "summary": row.summary,
            "data": Jsonb(row.data),
        }
        for row in rows
    ]
    if values:
        with connection.cursor() as cursor:
            cursor.executemany(_INSERT, values)


def pass_gate(school_id: int) -> None:
    """Hold the school's logs open for writing until the transaction ends.

    Call before the ORM inserts into another log.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s::int)", [LOG_GATE, school_id])


def close_gate(school_id: int) -> None:
    """Wait until every writer of the school's logs is done, and let no other begin until the transaction ends.

    For who must see every mark there is before deciding.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s::int)", [LOG_GATE, school_id])
