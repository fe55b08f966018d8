"""The national threshold of whole schools, by set-based SQL: counted, and recorded where it has changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from attendance_mis.models import School
from casework.querysets.measures import school_ranges, thresholds_of_school
from penalties.thresholds import THRESHOLD, WATCHED, Counted
from registers import codes


def counted_at_school(school: School, on: date) -> Iterator[tuple[str, Counted]]:
    """UPN and count of every pupil with a counted session in the ten school weeks, also of those who have left.

    N counts where the school says so; three queries.
    """
    ranges = school_ranges(school, on)
    if ranges.window is None:
        return
    for pupil in thresholds_of_school(school, ranges):
        counted = pupil.counted + pupil.no_reason if school.count_n_for_penalties else pupil.counted
        if counted:
            yield pupil.upn, Counted(ranges.window, on, counted, pupil.no_reason)


def _in(numbers: frozenset[int]) -> str:
    return f"IN ({', '.join(map(str, sorted(numbers)))})"


# Every child of the schools looked at with the sessions of her ten weeks: the register's and other schools', each
# session once, and counted if either of them counts it. `thresholds.working` is the same for one child.
_COUNTS = f"""
looked (school_id, first, last, count_n) AS (
  SELECT * FROM unnest(%(schools)s::int[], %(first)s::date[], %(last)s::date[], %(count_n)s::boolean[])
),
known AS (
  SELECT l.school_id, l.last, l.count_n, m.pupil_id, m.day, m.session, m.code
  FROM looked l JOIN registers_mark m
    ON m.school_id = l.school_id AND m.code {_in(WATCHED)} AND m.day BETWEEN l.first AND l.last
  WHERE EXISTS (
    SELECT FROM registers_registration g WHERE g.school_id = l.school_id AND g.pupil_id = m.pupil_id
      AND m.day BETWEEN g.admission_date AND coalesce(g.leaving_date, 'infinity'))
  UNION ALL
  SELECT l.school_id, l.last, l.count_n, e.pupil_id, e.day, e.session, e.code
  FROM looked l JOIN penalties_evidence e ON e.school_id = l.school_id AND e.day BETWEEN l.first AND l.last
),
slots AS (
  SELECT k.school_id, k.last, k.count_n, k.pupil_id, bool_or(k.code {_in(codes.PENALTY_COUNTED)}) AS counts
  FROM known k JOIN registers_pupil p
    ON p.school_id = k.school_id AND p.id = k.pupil_id AND k.day BETWEEN p.compulsory_from AND p.compulsory_until
  GROUP BY k.school_id, k.last, k.count_n, k.pupil_id, k.day, k.session
),
counts AS MATERIALIZED (
  SELECT school_id, pupil_id, last, count(*) FILTER (WHERE counts OR count_n) AS counted,
         count(*) FILTER (WHERE NOT counts) AS provisional
  FROM slots GROUP BY school_id, pupil_id, last
)
"""

# What has changed is written, and nothing else; the last SELECT sees the rows as they were before.
RECORD = f"""
WITH {_COUNTS},
gone AS (
  DELETE FROM penalties_watch w USING looked l
  WHERE w.school_id = l.school_id
    AND NOT EXISTS (SELECT FROM counts c WHERE c.school_id = w.school_id AND c.pupil_id = w.pupil_id)
),
changed AS (
  INSERT INTO penalties_watch AS w (school_id, pupil_id, counted, provisional, since, met_since)
  SELECT school_id, pupil_id, counted, provisional, last, CASE WHEN counted >= {THRESHOLD} THEN last END FROM counts c
  WHERE NOT EXISTS (
    SELECT FROM penalties_watch b WHERE b.school_id = c.school_id AND b.pupil_id = c.pupil_id
      AND b.counted = c.counted AND b.provisional = c.provisional)
  ON CONFLICT (school_id, pupil_id) DO UPDATE SET
    counted = excluded.counted, provisional = excluded.provisional, since = excluded.since,
    met_since = CASE WHEN excluded.met_since IS NOT NULL THEN coalesce(w.met_since, excluded.met_since) END
  RETURNING w.school_id, w.pupil_id, w.counted
)
SELECT c.school_id, c.pupil_id, c.counted FROM changed c
WHERE c.counted >= {THRESHOLD} AND NOT EXISTS (
  SELECT FROM penalties_watch b
  WHERE b.school_id = c.school_id AND b.pupil_id = c.pupil_id AND b.met_since IS NOT NULL)
ORDER BY c.school_id, c.pupil_id
"""


@dataclass(frozen=True, slots=True)
class Look:
    """A school to be looked at: the first and last day of its ten school weeks, and whether N counts."""

    school_id: int
    first: date
    last: date
    count_n: bool


@dataclass(frozen=True, slots=True)
class Reached:
    """A child who has reached the threshold since the look before."""

    school_id: int
    pupil_id: int
    counted: int


def record_counts(looks: Sequence[Look]) -> list[Reached]:
    """Count every child of one school or many, and keep what has changed; one statement. Returns who is new to ten.

    The caller holds the transaction and the schools' rows (`actions.watch.look`).
    """
    with connection.cursor() as cursor:
        cursor.execute(
            RECORD,
            {
                "schools": [each.school_id for each in looks],
                "first": [each.first for each in looks],
                "last": [each.last for each in looks],
                "count_n": [each.count_n for each in looks],
            },
        )
        return [Reached(*row) for row in cursor.fetchall()]
