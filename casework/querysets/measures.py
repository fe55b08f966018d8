"""The measures of every pupil of a school on a day, by set-based SQL: what `measures.Tally` counts, for all at once.

Each question costs the same number of queries whatever the school's size, and reads only the marks of its own dates: a
year of sums from the register's key, runs back to the last day that breaks them, the ten weeks from the unauthorised
marks alone. Nothing grows with the years kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection

from attendance_mis.models import School
from casework.measures import UNAUTHORISED, UNEXPLAINED, Measures, PupilFacts, Ranges, ranges_on
from registers import codes
from registers.calendar_rules import HALF_TERMS, Period, half_terms, monday_of
from registers.models import CalendarEntry, Mark, Pupil, SchoolDay


def _in(numbers: Iterable[int]) -> str:
    return f"IN ({', '.join(map(str, sorted(numbers)))})"


# Plain X of a compulsory-age pupil in 2020-22 counts as X02 (law.md 2.7).
COVID_X = (
    f"m.code = {codes.PLAIN_X_2006} AND m.day BETWEEN '{codes.COVID_X_FROM}' AND '{codes.COVID_X_UNTIL}' "
    "AND m.day BETWEEN p.compulsory_from AND p.compulsory_until"
)
ON_ROLL = (
    "EXISTS (SELECT FROM registers_registration g WHERE g.school_id = p.school_id AND g.pupil_id = p.id "
    "AND {day} BETWEEN g.admission_date AND coalesce(g.leaving_date, 'infinity'))"
)
# The ten weeks at compulsory school age, from the unauthorised marks' own index.
IN_WINDOW = f"""
SELECT count(*) FILTER (WHERE m.code {_in(codes.PENALTY_COUNTED)}) AS counted,
       count(*) FILTER (WHERE m.code {_in(codes.NO_REASON)}) AS no_reason
FROM registers_mark m
WHERE m.school_id = p.school_id AND m.pupil_id = p.id AND m.code {_in(codes.PENALTY_COUNTED | codes.NO_REASON)}
  AND m.day BETWEEN greatest(%(window)s::date, p.compulsory_from) AND least(%(on)s::date, p.compulsory_until)
  AND m.day BETWEEN %(window)s::date AND %(on)s::date
  AND %(window)s::date IS NOT NULL AND {ON_ROLL.format(day="m.day")}
"""


def _run(run_codes: frozenset[int]) -> str:
    """Days with a mark of the run after the last day that holds any other possible mark."""
    return f"""
SELECT count(DISTINCT m.day) AS days
FROM registers_mark m
WHERE m.school_id = p.school_id AND m.pupil_id = p.id AND m.code {_in(run_codes)} AND m.day <= %(on)s
  AND {ON_ROLL.format(day="m.day")}
  AND m.day > coalesce((
    SELECT m.day FROM registers_mark m
    WHERE m.school_id = p.school_id AND m.pupil_id = p.id AND m.day <= %(on)s
      AND (m.code {_in(codes.POSSIBLE - run_codes)} OR {COVID_X}) AND {ON_ROLL.format(day="m.day")}
    ORDER BY m.day DESC, m.session DESC LIMIT 1), '-infinity')
"""


_MEASURES = f"""
SELECT p.id, p.upn, p.vulnerable IS TRUE OR p.child_protection IS TRUE OR p.looked_after IS TRUE
         OR p.social_worker <> '',
       sums.*, threshold.counted, threshold.no_reason, unexplained.days, unauthorised.days
FROM registers_pupil p
CROSS JOIN LATERAL (
  -- One pass counts each code; what the codes mean is asked of a handful of rows, not of every mark. One whole number
  -- holds all that a mark is grouped by, which is half the work of three columns.
  SELECT coalesce(sum(n) FILTER (WHERE of_year AND code {_in(codes.ATTENDED)}), 0)::int,
         coalesce(sum(n) FILTER (WHERE of_year AND code {_in(codes.AUTHORISED)}), 0)::int,
         coalesce(sum(n) FILTER (WHERE of_year AND code {_in(codes.UNAUTHORISED)}), 0)::int,
         coalesce(sum(n) FILTER (WHERE of_year AND code {_in(codes.COVID)}), 0)::int,
         coalesce(sum(n) FILTER (WHERE of_year AND code {_in(codes.ILLNESS)}), 0)::int,
         coalesce(sum(n) FILTER (WHERE of_half_term AND code {_in(codes.LATE)}), 0)::int
  FROM (
    SELECT mod(key, 1000) AS code, key / 1000 IN (1, 3) AS of_year, key / 1000 IN (2, 3) AS of_half_term, n
    FROM (
      SELECT CASE WHEN {COVID_X} THEN {codes.X02} ELSE m.code END
             + CASE WHEN m.day < %(year)s THEN 0 ELSE 1000 END
             + CASE WHEN m.day < coalesce(%(half_term)s::date, 'infinity') THEN 0 ELSE 2000 END AS key, count(*) AS n
      FROM registers_registration g
      JOIN registers_mark m ON m.school_id = g.school_id AND m.pupil_id = g.pupil_id
           AND m.day BETWEEN greatest(g.admission_date, %(first)s) AND least(g.leaving_date, %(on)s)
           AND m.day BETWEEN %(first)s AND %(on)s
      WHERE g.school_id = p.school_id AND g.pupil_id = p.id
      GROUP BY key) grouped) marks) sums
CROSS JOIN LATERAL ({IN_WINDOW}) threshold
CROSS JOIN LATERAL ({_run(UNEXPLAINED)}) unexplained
CROSS JOIN LATERAL ({_run(UNAUTHORISED)}) unauthorised
WHERE p.school_id = %(school)s AND {ON_ROLL.format(day="%(on)s::date")}
ORDER BY p.upn
"""

_THRESHOLDS = f"""
SELECT p.id, p.upn, threshold.counted, threshold.no_reason
FROM registers_pupil p CROSS JOIN LATERAL ({IN_WINDOW}) threshold
WHERE p.school_id = %(school)s AND threshold.counted + threshold.no_reason > 0
ORDER BY p.upn
"""


@dataclass(frozen=True, slots=True)
class PupilMeasures:
    """One pupil on roll with her measures on a day."""

    pupil_id: int
    upn: str
    vulnerable: bool
    measures: Measures


@dataclass(frozen=True, slots=True)
class PupilThreshold:
    """One pupil's G, O and U sessions, and her N sessions, in the ten school weeks."""

    pupil_id: int
    upn: str
    counted: int
    no_reason: int


def school_ranges(school: School, on: date) -> Ranges:
    """From where each measure counts on a day, from the school's calendar."""
    entries = CalendarEntry.objects.filter(school=school, kind__in=HALF_TERMS, start__lte=on)
    periods = [Period(*entry) for entry in entries.values_list("start", "end", "kind")]
    # The last 70 school days hold ten weeks of the longest kind; the week of `on` counts whole.
    sunday = monday_of(on) + timedelta(days=6)
    days = SchoolDay.objects.filter(school=school, day__lte=sunday).order_by("-day").values_list("day", flat=True)[:70]
    return ranges_on(half_terms(periods), sorted(days), on)


def measures_of_school(school: School, on: date) -> list[PupilMeasures]:
    """Every pupil on roll on a day with her measures, in order of UPN; three queries."""
    ranges = school_ranges(school, on)
    found = []
    for pupil_id, upn, vulnerable, *counts in _rows(_MEASURES, school, ranges):
        attended, authorised, unauthorised, not_absent, illness, late, counted, no_reason, *runs = counts
        measures = Measures(
            attended=attended,
            authorised=authorised,
            unauthorised=unauthorised,
            not_absent=not_absent,
            illness=illness,
            late=late,
            counted=counted + no_reason if school.count_n_for_penalties else counted,
            unexplained_days=runs[0],
            unauthorised_days=runs[1],
        )
        found.append(PupilMeasures(pupil_id, upn, vulnerable, measures))
    return found


def facts_of(pupil: Pupil, until: date) -> PupilFacts:
    """One pupil's marks up to a day, as far back as they are kept: a run may begin in any year. Two queries."""
    marks = Mark.objects.filter(school=pupil.school_id, pupil=pupil, day__lte=until).order_by("day", "session")
    return PupilFacts(
        list(marks.values_list("day", "session", "code")),
        list(pupil.registrations.values_list("admission_date", "leaving_date")),
        (pupil.compulsory_from, pupil.compulsory_until),
    )


def thresholds_of_school(school: School, ranges: Ranges) -> list[PupilThreshold]:
    """Every pupil, also one who has left, with a session that counts or may count, in order of UPN; one query."""
    return [PupilThreshold(*row) for row in _rows(_THRESHOLDS, school, ranges)]


def _rows(sql: str, school: School, ranges: Ranges) -> list[tuple[Any, ...]]:
    first = min(day for day in (ranges.year, ranges.half_term) if day)
    with connection.cursor() as cursor:
        cursor.execute(
            sql,
            {
                "school": school.pk,
                "on": ranges.on,
                "year": ranges.year,
                "half_term": ranges.half_term,
                "first": first,
                "window": ranges.window,
            },
        )
        return cursor.fetchall()


_UNEXPLAINED = f"""
SELECT p.id, unexplained.days FROM registers_pupil p CROSS JOIN LATERAL ({_run(UNEXPLAINED)}) unexplained
WHERE p.school_id = %(school)s AND p.id = ANY(%(pupils)s)
"""


def unexplained_days(school: School, on: date, pupils: Iterable[int]) -> dict[int, int]:
    """Days in a row without a reason of these pupils; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_UNEXPLAINED, {"school": school.pk, "on": on, "pupils": list(pupils)})
        return dict(cursor.fetchall())
