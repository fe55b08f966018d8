"""Write marks and amendments of a pack: staged by COPY, put beside the register, and entered by a few statements.

New marks become entries of source `import`, one per day, session, moment and author. A mark that the register holds
otherwise becomes an amendment: the one that came with the pack where there is one, else one with reason `import`.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

from django.db import connection
from django.db.models import Model

from attendance_mis.actors import Actor
from attendance_mis.models import School
from registers.actions.importing.report import EXAMPLES, Report, Tally
from registers.calendar_rules import Session
from registers.models import ClassMembership, Entry, Mark, Pupil, Registration, SchoolDay
from registers.pack.faults import SHOWN, Faults
from registers.pack.marks import AMENDMENTS_CSV, MARKS_CSV, Ground, amendment_lines, mark_lines
from registers.pack.people import PUPILS_CSV, People, StandingPupil
from registers.pack.tables import Progress

REASON = "import"
ANALYSED_FROM = 10_000
GROUND = (Pupil, Registration, ClassMembership, SchoolDay)

# Dropped by hand too: a transaction around several imports ends later.
_CLEAR = """
DROP TABLE IF EXISTS incoming, incoming_amendment, moved, saves
"""
_STAGE = f"""
{_CLEAR};
CREATE TEMP TABLE incoming (pupil_id int, day date, session smallint, code smallint, save int, minutes_late smallint,
  note text, taken_at timestamptz, taken_by text) ON COMMIT DROP;
CREATE TEMP TABLE incoming_amendment (n int, pupil_id int, day date, session smallint, original smallint,
  amended smallint, reason text, at timestamptz, name text, position text) ON COMMIT DROP
"""

# The marks that are new or stand otherwise, with what stands.
_COMPARE = """
CREATE TEMP TABLE moved ON COMMIT DROP AS
SELECT i.*, m.entry_id AS before, m.code AS code_before, m.minutes_late AS minutes_before, m.note AS note_before
FROM incoming i LEFT JOIN registers_mark m
  ON m.school_id = %(school)s AND (m.pupil_id, m.day, m.session) = (i.pupil_id, i.day, i.session)
WHERE m.entry_id IS NULL
   OR (m.code, m.minutes_late, coalesce(m.note, '')) IS DISTINCT FROM (i.code, i.minutes_late, coalesce(i.note, ''))
"""
_ALL_NEW = """
ALTER TABLE incoming ADD before int, ADD code_before smallint, ADD minutes_before smallint, ADD note_before text;
ALTER TABLE incoming RENAME TO moved
"""

# One entry per save; the ids are drawn after the log gate was passed.
_SAVES = """
CREATE TEMP TABLE saves ON COMMIT DROP AS
SELECT save, nextval('registers_entry_id_seq')::int AS id FROM (SELECT DISTINCT save FROM moved ORDER BY save) AS s
"""
_ENTRIES = """
INSERT INTO registers_entry (id, school_id, day, session, at, made_at, by_id, by_name, by_position, source, key,
                             pupils, codes, minutes, notes)
SELECT s.id, %(school)s, e.day, e.session, %(at)s, e.taken_at, NULL, coalesce(e.taken_by, ''), '', %(source)s, NULL,
       e.pupils, e.codes, CASE WHEN has_minutes THEN e.minutes END, CASE WHEN has_notes THEN e.notes END
FROM (
  SELECT save, min(day) AS day, min(session) AS session, min(taken_at) AS taken_at, min(taken_by) AS taken_by,
         array_agg(pupil_id) AS pupils, array_agg(code) AS codes, array_agg(minutes_late) AS minutes,
         array_agg(note) AS notes, count(minutes_late) > 0 AS has_minutes, count(note) > 0 AS has_notes
  FROM (SELECT save, day, session, taken_at, taken_by, pupil_id, code, minutes_late, note FROM moved
        ORDER BY save, pupil_id) AS m GROUP BY save) AS e
JOIN saves s USING (save) ORDER BY s.id
"""
_MARKS = """
INSERT INTO registers_mark (school_id, pupil_id, day, session, code, entry_id, minutes_late, note)
SELECT %(school)s, m.pupil_id, m.day, m.session, m.code, s.id, m.minutes_late, m.note
FROM moved m JOIN saves s USING (save) WHERE m.before IS NULL
"""
_CHANGED_MARKS = """
UPDATE registers_mark r
SET code = m.code, entry_id = s.id, minutes_late = m.minutes_late, note = m.note
FROM moved m JOIN saves s USING (save)
WHERE r.school_id = %(school)s AND (r.pupil_id, r.day, r.session) = (m.pupil_id, m.day, m.session)
  AND r.entry_id = m.before
"""

# The pack's own amendments that are not held yet; the last of a changed mark carries out the change.
_AMENDMENTS = """
WITH fresh AS (
  SELECT a.* FROM incoming_amendment a WHERE NOT EXISTS (
    SELECT FROM registers_amendment h
    WHERE h.school_id = %(school)s AND (h.pupil_id, h.day, h.session) = (a.pupil_id, a.day, a.session)
      AND (h.original, h.amended, h.at) IS NOT DISTINCT FROM (a.original, a.amended, a.at)
      AND (h.reason, h.by_name, h.by_position) = (a.reason, a.name, a.position))),
explained AS (
  SELECT DISTINCT ON (pupil_id, day, session) n, pupil_id, day, session, amended FROM fresh
  ORDER BY pupil_id, day, session, at DESC, n DESC),
changed AS (
  SELECT m.*, s.id AS entry_id, e.n FROM moved m JOIN saves s USING (save)
  LEFT JOIN explained e ON (e.pupil_id, e.day, e.session, e.amended) = (m.pupil_id, m.day, m.session, m.code)
  WHERE m.before IS NOT NULL)
INSERT INTO registers_amendment (school_id, pupil_id, day, session, original, amended, original_minutes,
  amended_minutes, original_note, amended_note, reason, at, by_id, by_name, by_position, entry_id)
SELECT %(school)s, pupil_id, day, session, original, amended, minutes_before, minutes_late, note_before, note, reason,
       at, by_id, name, position, entry_id
FROM (
  SELECT f.pupil_id, f.day, f.session, f.original, f.amended, c.minutes_before, c.minutes_late,
         coalesce(c.note_before, '') AS note_before, coalesce(c.note, '') AS note, f.reason, f.at, NULL::int AS by_id,
         f.name, f.position, c.entry_id, f.n
  FROM fresh f LEFT JOIN changed c ON c.n = f.n
  UNION ALL
  SELECT pupil_id, day, session, code_before, code, minutes_before, minutes_late, coalesce(note_before, ''),
         coalesce(note, ''), %(reason)s, %(at)s, %(by_id)s::int, %(by_name)s, %(by_position)s, entry_id, 0
  FROM changed WHERE n IS NULL) AS a
ORDER BY at, pupil_id, day, session, n
"""


class Overtaken(Exception):
    """Somebody changed one of the marks while the file was read."""


def put(
    held: School | None,
    folder: Path,
    ground: Ground,
    now: datetime,
    by: Actor,
    report: Report,
    progress: Progress,
    faults: Faults,
) -> None:
    """Judge both files; write them unless the pack has a fault."""
    counted: dict[str, int] = {}
    streams = {
        "incoming": mark_lines(folder, ground, faults, progress, counted),
        "incoming_amendment": amendment_lines(folder, ground, faults, progress, counted),
    }
    if faults or held is None:
        for lines in streams.values():
            for _ in lines:
                pass
        return
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        for table, lines in streams.items():
            _copy(cursor, table, lines)
        if faults:
            return
        given = {
            "school": held.pk,
            "at": now,
            "source": Entry.Source.IMPORT,
            "reason": REASON,
            "by_id": by.user_id,
            "by_name": by.name,
            "by_position": by.position,
        }
        _enter(cursor, given, counted, report)


def _copy(cursor, table: str, lines: Iterator[str]) -> None:  # type: ignore[no-untyped-def]
    with cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for some in lines:
            copy.write(some)


def _enter(cursor, given: dict[str, object], counted: dict[str, int], report: Report) -> None:  # type: ignore[no-untyped-def]
    # Memory of the server for one sort: bounded, whatever the size of the file.
    cursor.execute("SET LOCAL work_mem = '128MB'")
    cursor.execute("SELECT EXISTS (SELECT FROM registers_mark WHERE school_id = %(school)s)", given)
    (has_marks,) = cursor.fetchone()
    marks, amendments = report.tally("marks"), report.tally("amendments")
    cursor.execute("ANALYZE incoming")
    cursor.execute(_COMPARE if has_marks else _ALL_NEW, given)
    cursor.execute("ANALYZE moved")
    cursor.execute(_SAVES)
    cursor.execute("ANALYZE saves")
    is_large = counted[MARKS_CSV] > ANALYSED_FROM
    if is_large:
        _analyse(cursor, GROUND)  # the trigger that keeps marks counted joins what this pack has just brought
    cursor.execute("SET LOCAL enable_hashagg = off")  # the arrays of an entry are gathered from sorted rows
    cursor.execute(_ENTRIES, given)
    cursor.execute("SET LOCAL enable_hashagg = on")
    cursor.execute(_MARKS, given)
    marks.new = cursor.rowcount
    if has_marks:
        cursor.execute("SELECT count(*) FROM moved WHERE before IS NOT NULL")
        (expected,) = cursor.fetchone()
        cursor.execute(_CHANGED_MARKS, given)
        marks.changed = cursor.rowcount
        if marks.changed != expected:
            raise Overtaken
        _list_missing(cursor, given, marks)
    marks.same = counted[MARKS_CSV] - marks.new - marks.changed
    if marks.changed or counted.get(AMENDMENTS_CSV):
        cursor.execute(_AMENDMENTS, given)
        amendments.new = cursor.rowcount
        cursor.execute(
            "SELECT count(*) FROM registers_amendment "
            "WHERE school_id = %(school)s AND (at, reason) = (%(at)s, %(reason)s)",
            given,
        )
        (made_here,) = cursor.fetchone()
        amendments.same = counted.get(AMENDMENTS_CSV, 0) - (amendments.new - made_here)
    cursor.execute(
        "UPDATE registers_pupil SET changed_at = %(at)s WHERE school_id = %(school)s AND changed_at < %(at)s "
        "AND id IN (SELECT pupil_id FROM moved)",
        given,
    )
    cursor.execute(_CLEAR)
    if is_large:
        _analyse(cursor, (Mark, Entry))


def _analyse(cursor, models: Sequence[type[Model]]) -> None:  # type: ignore[no-untyped-def]
    """What was loaded is planned by what was there before, until the tables are looked at again."""
    cursor.execute(f"ANALYZE {', '.join(model._meta.db_table for model in models)}")


def _list_missing(cursor, given: dict[str, object], tally: Tally) -> None:  # type: ignore[no-untyped-def]
    cursor.execute(
        "SELECT count(*) OVER (), p.upn, m.day, m.session FROM registers_mark m "
        "JOIN registers_pupil p ON p.id = m.pupil_id WHERE m.school_id = %(school)s AND NOT EXISTS ("
        "SELECT FROM incoming i WHERE (i.pupil_id, i.day, i.session) = (m.pupil_id, m.day, m.session)) "
        "ORDER BY p.upn, m.day, m.session LIMIT %(examples)s",
        {**given, "examples": EXAMPLES},
    )
    for count, upn, day, session in cursor.fetchall():
        tally.leave(f"{upn} {day} {Session(session)}")
        tally.left = count


def check_stranded(held: School, people: People, standing: Mapping[str, StandingPupil], faults: Faults) -> None:
    """Marks of the school that the pack's spells would leave on days when the pupil is not on roll."""
    before = {pupil.id: list(pupil.spells) for pupil in standing.values()}
    moved = {r.pupil_id: r for r in people.rolls.values() if r.pupil_id and r.spells != before[r.pupil_id]}
    for pupil_id, count, first in _off_roll(held, {pk: roll.spells for pk, roll in moved.items()}):
        sentence = f"{count} marks stand on days when the pupil would not be on roll, the first on {first}"
        faults.add(PUPILS_CSV, sentence, line=moved[pupil_id].line, column="admission_date")


def _off_roll(held: School, spells: Mapping[int, list[tuple[date, date]]]) -> list[tuple[int, int, date]]:
    rows = [(pupil_id, *spell) for pupil_id, each in spells.items() for spell in each]
    if not rows:
        return []
    ids, firsts, lasts = zip(*rows, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.pupil_id, count(*), min(m.day) FROM registers_mark m WHERE m.school_id = %s "
            "AND m.pupil_id = ANY(%s) AND NOT EXISTS (SELECT FROM unnest(%s::int[], %s::date[], %s::date[]) "
            "AS s (pupil_id, first, last) WHERE s.pupil_id = m.pupil_id AND m.day BETWEEN s.first AND s.last) "
            "GROUP BY 1 ORDER BY 1 LIMIT %s",
            [held.pk, list(spells), list(ids), list(firsts), list(lasts), SHOWN],
        )
        return cursor.fetchall()
