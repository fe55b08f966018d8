"""Enter marks: the one statement through which every mark is written, and the verbs of taking a register.

A save names, for each mark, the version it rests on. A mark that has moved on meanwhile is left alone and told back
as a clash, so nobody's entry is lost without being seen. Mark, entry and amendment are written by one statement or
not at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import OperationalError
from psycopg.errors import SerializationFailure

from attendance_mis import prepared
from attendance_mis.actors import Actor
from attendance_mis.audit import LOG_GATE
from registers.models import Entry

_ENTER = f"""
WITH gate AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared({LOG_GATE}, %(school)s::int)),
entry AS MATERIALIZED (SELECT nextval('registers_entry_id_seq')::int AS id FROM gate),
incoming AS MATERIALIZED (
  SELECT * FROM unnest(%(pupils)s::int[], %(codes)s::smallint[], %(minutes)s::smallint[], %(notes)s::text[],
                       %(versions)s::int[]) WITH ORDINALITY AS i (pupil_id, code, minutes_late, note, version, n)),
before AS MATERIALIZED (
  SELECT m.* FROM registers_mark m
  WHERE m.school_id = %(school)s AND m.pupil_id = ANY(%(pupils)s::int[]) AND m.day = %(day)s
    AND m.session = %(session)s),
put AS (
  INSERT INTO registers_mark AS m (school_id, pupil_id, day, session, code, entry_id, minutes_late, note)
  SELECT %(school)s, i.pupil_id, %(day)s, %(session)s, i.code, entry.id, i.minutes_late, i.note
  FROM incoming i CROSS JOIN entry WHERE i.code IS NOT NULL AND i.version = 0
  ON CONFLICT (school_id, pupil_id, day, session) DO NOTHING
  RETURNING m.pupil_id),
changed AS (
  UPDATE registers_mark m
  SET code = i.code, entry_id = entry.id, minutes_late = i.minutes_late, note = i.note
  FROM incoming i CROSS JOIN entry
  WHERE m.school_id = %(school)s AND m.pupil_id = i.pupil_id AND m.day = %(day)s AND m.session = %(session)s
    AND i.code IS NOT NULL AND m.entry_id = i.version
  RETURNING m.pupil_id),
cleared AS (
  DELETE FROM registers_mark m USING incoming i
  WHERE m.school_id = %(school)s AND m.pupil_id = i.pupil_id AND m.day = %(day)s AND m.session = %(session)s
    AND i.code IS NULL AND m.entry_id = i.version
  RETURNING m.pupil_id),
done AS (
  SELECT i.* FROM incoming i
  WHERE i.pupil_id IN (SELECT pupil_id FROM put UNION ALL SELECT pupil_id FROM changed
                       UNION ALL SELECT pupil_id FROM cleared)),
logged AS (
  INSERT INTO registers_entry (id, school_id, day, session, at, made_at, by_id, by_name, by_position, source, key,
                               pupils, codes, minutes, notes)
  SELECT entry.id, %(school)s, %(day)s, %(session)s, %(at)s::timestamptz, %(made_at)s::timestamptz, %(by_id)s::int,
         %(by_name)s::text, %(by_position)s::text, %(source)s::text, %(key)s::uuid,
         array_agg(d.pupil_id ORDER BY d.n), array_agg(d.code ORDER BY d.n),
         CASE WHEN count(d.minutes_late) > 0 THEN array_agg(d.minutes_late ORDER BY d.n) END,
         CASE WHEN count(d.note) > 0 THEN array_agg(d.note ORDER BY d.n) END
  FROM done d CROSS JOIN entry GROUP BY entry.id
  RETURNING id),
amended AS (
  INSERT INTO registers_amendment (school_id, pupil_id, day, session, original, amended, original_minutes,
    amended_minutes, original_note, amended_note, reason, at, by_id, by_name, by_position, entry_id)
  SELECT %(school)s, d.pupil_id, %(day)s, %(session)s, b.code, d.code, b.minutes_late, d.minutes_late,
         coalesce(b.note, ''), coalesce(d.note, ''), %(reason)s::text, %(at)s::timestamptz, %(by_id)s::int,
         %(by_name)s::text, %(by_position)s::text, entry.id
  FROM done d CROSS JOIN entry LEFT JOIN before b USING (pupil_id)
  WHERE %(reason)s::text IS NOT NULL
  ORDER BY d.n)
SELECT (SELECT id FROM logged), ARRAY(SELECT pupil_id FROM done),
       CASE WHEN %(whole)s::bool AND (SELECT count(*) FROM done) < (SELECT count(*) FROM incoming)
       THEN registers_refuse_overtaken() END
"""


@dataclass(frozen=True, slots=True)
class Change:
    """One mark as somebody wants it. `number` None takes the mark back.

    `version` is the version it rests on, 0 for none.
    """

    pupil_id: int
    number: int | None
    version: int
    minutes_late: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Entered:
    """What a save did: the entry (None when nothing was written), and the pupils whose marks it wrote."""

    entry_id: int | None
    pupil_ids: frozenset[int]


class Overtaken(Exception):
    """Somebody else changed one of the marks meanwhile, and nothing was written."""


def enter_marks(
    *,
    school_id: int,
    day: date,
    session: int,
    changes: Sequence[Change],
    by: Actor,
    at: datetime,
    made_at: datetime | None,
    source: Entry.Source,
    key: UUID | None = None,
    amend_because: str | None = None,
    whole: bool = False,
) -> Entered:
    """Write marks of one session, their entry and, with a reason, their amendments, in one statement.

    A change whose version is no longer the mark's is left out: compare `pupil_ids` with what was asked. With `whole`
    the statement then undoes itself instead, and Overtaken is raised. The caller has judged by `taking` what may be
    written. Raises IntegrityError for a key that was used before, or a pupil of another school.
    """
    values = {
        "school": school_id,
        "day": day,
        "session": int(session),
        "pupils": prepared.array(c.pupil_id for c in changes),
        "codes": prepared.array(c.number for c in changes),
        "minutes": prepared.array(c.minutes_late for c in changes),
        "notes": [c.note or None for c in changes] if any(c.note for c in changes) else None,
        "versions": prepared.array(c.version for c in changes),
        "at": at,
        "made_at": made_at,
        "by_id": by.user_id,
        "by_name": by.name,
        "by_position": by.position,
        "source": str(source),
        "key": key,
        "reason": amend_because,
        "whole": whole,
    }
    try:
        [(entry_id, pupil_ids, _)] = prepared.rows(_ENTER, values)
    except OperationalError as fault:
        if isinstance(fault.__cause__, SerializationFailure):
            raise Overtaken from fault
        raise
    return Entered(entry_id, frozenset(pupil_ids))
