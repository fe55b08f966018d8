"""Groups of pupils added up in the database: one statement for every group and combination of a range of days.

It stands on the one statement of `registers.sums`, so the counts of a group are those of its pupils; `groups.collect`
is the pure sum that tests hold it to.
"""

from collections.abc import Iterable
from datetime import date

from django.db import connection

from attendance_mis.tenancy import schools_in_scope
from registers.attendance import Group, Summary
from registers.calendar_rules import academic_year_of
from registers.sums import sums_sql
from reports.groups import FLAGS, KEY_STAGE, UNKNOWN, Key

_STAGES = ", ".join(f"('{year}', '{stage}')" for year, stage in KEY_STAGE.items())
_FLAGS = ", ".join(
    f"'{flag}:' || CASE WHEN '{flag}' = ANY(s.flags) THEN 'yes' WHEN '{flag}' = ANY(s.noes) THEN 'no' "
    f"ELSE '{UNKNOWN}' END"
    for flag in FLAGS
)
# Each pupil with the group of every family she is in, and whether DfE's cohort counts her (law.md 4.3, 4.4, 4.6).
_PUPILS = f"""
WITH stages (year_group, stage) AS (VALUES {_STAGES}),
pupils AS MATERIALIZED (
  SELECT s.*, s.authorised + s.unauthorised AS absence,
         s.possible > 0 AND NOT s.boarder AND s.date_of_birth > %(youngest)s - interval '11 years'
           AND s.date_of_birth <= %(youngest)s AS counted,
         ARRAY['ks:' || coalesce(t.stage, '{UNKNOWN}'), 'year:' || s.year_group,
               'class:' || coalesce(s.class_id::text, ''), 'sex:' || s.sex,
               'sen:' || coalesce(nullif(s.sen_status, ''), '{UNKNOWN}'),
               'ethnicity:' || coalesce(nullif(s.ethnicity, ''), '{UNKNOWN}'), {_FLAGS}] AS groups
  FROM ({{sums}}) AS s LEFT JOIN stages t ON t.year_group = s.year_group)
"""
_COUNTS = """
count(*), sum(possible), sum(attended), sum(late), sum(authorised), sum(unauthorised), sum(unmarked),
count(*) FILTER (WHERE counted), count(*) FILTER (WHERE counted AND absence * 10 >= possible),
count(*) FILTER (WHERE counted AND absence * 2 >= possible)
FROM pupils"""
_ASKED = """
SELECT asked.key, {counts}
JOIN (SELECT string_to_array(key, E'\\n') AS key FROM unnest(%(keys)s::text[]) AS key) AS asked ON groups @> asked.key
WHERE counted OR NOT %(cohort_only)s GROUP BY 1"""
# One group of each of the families: "every year by sex".
_CROSSED = """
SELECT key, {counts} CROSS JOIN LATERAL (
  SELECT array_agg(g ORDER BY array_position(%(families)s::text[], split_part(g, ':', 1))) AS key
  FROM unnest(groups) AS g WHERE split_part(g, ':', 1) = ANY(%(families)s)) AS crossed
WHERE counted OR NOT %(cohort_only)s GROUP BY 1"""


def sums_of_groups(first: date, last: date, keys: Iterable[Key], *, cohort_only: bool = False) -> dict[Key, Group]:
    """Each of these groups and combinations, added up over a range of days; one without a pupil is left out.

    `cohort_only` leaves out who is not of DfE's cohort, or had no possible session. One query.
    """
    rows = _run(_ASKED, first, last, cohort_only=cohort_only, keys=["\n".join(key) for key in keys])
    return {tuple(key or ()): group for key, group in rows}


def sums_by(first: date, last: date, *families: str, cohort_only: bool = False) -> dict[Key, Group]:
    """Every group of a family, or every combination of one group of each of the families, with a pupil in it."""
    rows = _run(_CROSSED, first, last, cohort_only=cohort_only, families=list(families))
    return {tuple(key or ()): group for key, group in rows}


def sums_by_each(first: date, last: date, *, cohort_only: bool = False) -> dict[Key, Group]:
    """Everybody, and every group of every family with a pupil in it: the whole table of groups in one query."""
    sql = (
        "SELECT ARRAY[g], {counts} CROSS JOIN LATERAL unnest(groups || ''::text) AS g "
        "WHERE counted OR NOT %(cohort_only)s GROUP BY 1"
    )
    return {tuple(filter(None, key or ())): group for key, group in _run(sql, first, last, cohort_only=cohort_only)}


def _run(
    sql: str, first: date, last: date, *, cohort_only: bool, **values: list[str]
) -> Iterable[tuple[list[str] | None, Group]]:
    (school_id,) = schools_in_scope()
    with connection.cursor() as cursor:
        cursor.execute(
            _PUPILS.replace("{sums}", sums_sql(first, last)) + sql.format(counts=_COUNTS),
            {
                "schools": [school_id],
                "first": first,
                "last": last,
                # 5 on 31 August at the start of the academic year: born on that day five years before, or earlier.
                "youngest": date(academic_year_of(first) - 5, 8, 31),
                "cohort_only": cohort_only,
                **values,
            },
        )
        rows = cursor.fetchall()
    for key, pupils, *counts, counted, persistent, severe in rows:
        yield key, Group(pupils, Summary(*map(int, counts)), counted, persistent, severe)
