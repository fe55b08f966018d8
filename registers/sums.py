"""The sums of `attendance` for a whole school by one statement, and the groups that figures are given for.

The categories in the SQL are the sets of `codes`, so the figures, the forms and the printed key cannot drift apart;
tests hold every number here to the pure sums.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.db import connection

from attendance_mis.tenancy import schools_in_scope
from registers import ages, codes
from registers.attendance import Group, Summary, group
from registers.calendar_rules import academic_year_of
from registers.models import Pupil

# Characteristics that are yes or no, in the order of the figures (interchange.md, --by group).
FLAGS = (
    "fsm",
    "fsm_ever6",
    "pupil_premium",
    "looked_after",
    "previously_looked_after",
    "adopted",
    "service_child",
    "eal",
    "young_carer",
    "arp",
)


@dataclass(frozen=True, slots=True)
class PupilSum:
    """One pupil's sessions of a range, with what groups ask of her; year and class are those of the range's last day.

    `in_cohort`: whether national figures of persistent absence count her: 5 to 15, no boarder (law.md 4.4, 4.6).
    """

    pupil_id: int
    upn: str
    year_group: str
    class_name: str
    in_cohort: bool
    sex: str
    sen_status: str
    ethnicity: str
    flags: frozenset[str]
    summary: Summary
    class_id: int | None = None
    noes: frozenset[str] = frozenset()  # the characteristics known not to be hers; in neither set: not known


def _among(numbers: Iterable[int], code: str = "code") -> str:
    return f"{code} IN ({', '.join(map(str, sorted(numbers)))})"


def _counted(first: date, last: date) -> str:
    """SQL of the number a mark counts as: plain X of a compulsory-age pupil in 2020-22 as X02 (law.md 2.7)."""
    if last < codes.COVID_X_FROM or first > codes.COVID_X_UNTIL:
        return "m.code"
    return (
        f"CASE WHEN m.code = {codes.PLAIN_X_2006} AND m.day BETWEEN '{codes.COVID_X_FROM}' AND '{codes.COVID_X_UNTIL}' "
        f"AND m.day BETWEEN roll.compulsory_from AND roll.compulsory_until THEN {codes.X02} ELSE m.code END"
    )


_SUMS = f"""
WITH roll AS MATERIALIZED (
  SELECT r.pupil_id, greatest(r.admission_date, %(first)s) AS first, least(r.leaving_date, %(last)s) AS last,
         p.compulsory_from, p.compulsory_until
  FROM registers_registration r JOIN registers_pupil p ON p.school_id = r.school_id AND p.id = r.pupil_id
  WHERE r.school_id = %(school)s AND r.admission_date <= %(last)s
    AND (r.leaving_date IS NULL OR r.leaving_date >= %(first)s)),
-- Many pupils share a span, and few spans differ: the sessions of each are counted once.
spans AS MATERIALIZED (
  SELECT s.first, s.last, coalesce(sum(d.am::int + d.pm::int), 0) AS sessions
  FROM (SELECT DISTINCT first, last FROM roll) AS s
  LEFT JOIN registers_schoolday d ON d.school_id = %(school)s AND d.day BETWEEN s.first AND s.last
  GROUP BY 1, 2),
expected AS (
  SELECT roll.pupil_id, max(roll.last) AS last_on_roll, sum(spans.sessions) AS sessions
  FROM roll JOIN spans USING (first, last) GROUP BY 1),
counted AS (
  SELECT m.pupil_id, {{counted}} AS code, count(*) AS marks
  FROM registers_mark m
  JOIN registers_schoolday d ON d.school_id = m.school_id AND d.day = m.day
    AND CASE m.session WHEN 1 THEN d.am ELSE d.pm END
  JOIN roll ON roll.pupil_id = m.pupil_id AND m.day BETWEEN roll.first AND roll.last
  WHERE m.school_id = %(school)s AND m.day BETWEEN %(first)s AND %(last)s
  GROUP BY 1, 2),
marked AS (
  SELECT pupil_id, sum(marks) AS marks,
         sum(marks) FILTER (WHERE {_among(codes.POSSIBLE)}) AS possible,
         sum(marks) FILTER (WHERE {_among(codes.ATTENDED)}) AS attended,
         sum(marks) FILTER (WHERE {_among(codes.LATE)}) AS late,
         sum(marks) FILTER (WHERE {_among(codes.AUTHORISED)}) AS authorised,
         sum(marks) FILTER (WHERE {_among(codes.UNAUTHORISED)}) AS unauthorised
  FROM counted GROUP BY 1)
SELECT p.id AS pupil_id, p.upn, coalesce(nullif(c.year_group, ''), p.year_group) AS year_group,
       coalesce(c.name, '') AS class_name, p.date_of_birth, coalesce(p.boarder, false) AS boarder,
       p.sex, p.sen_status, p.ethnicity, f.yes AS flags, coalesce(m.possible, 0) AS possible,
       coalesce(m.attended, 0) AS attended, coalesce(m.late, 0) AS late, coalesce(m.authorised, 0) AS authorised,
       coalesce(m.unauthorised, 0) AS unauthorised, e.sessions - coalesce(m.marks, 0) AS unmarked,
       c.id AS class_id, f.no AS noes
FROM expected e
JOIN registers_pupil p ON p.school_id = %(school)s AND p.id = e.pupil_id
LEFT JOIN marked m ON m.pupil_id = e.pupil_id
LEFT JOIN LATERAL (
  SELECT s.year_group, g.id, g.name FROM registers_classmembership s
  JOIN registers_classgroup g ON g.school_id = s.school_id AND g.id = s.class_group_id
  WHERE s.school_id = %(school)s AND s.pupil_id = e.pupil_id AND s.start <= e.last_on_roll
  ORDER BY s.start DESC LIMIT 1) AS c ON true
CROSS JOIN LATERAL (
  SELECT coalesce(array_agg(name) FILTER (WHERE yes), '{{{{}}}}') AS yes,
         coalesce(array_agg(name) FILTER (WHERE NOT yes), '{{{{}}}}') AS no
  FROM (VALUES {", ".join(f"('{flag}', p.{flag})" for flag in FLAGS)},
    ('social_worker', p.social_worker <> '')) AS flag (name, yes)) AS f
WHERE e.sessions > 0
"""


def sums_sql(first: date, last: date) -> str:
    """The statement behind `sums`, a row a pupil, in no order; its parameters are `school`, `first` and `last`.

    Who groups pupils in the database puts it into a FROM.
    """
    return _SUMS.format(counted=_counted(first, last))


def sums(first: date, last: date) -> list[PupilSum]:
    """Every pupil of the school in scope with at least one school session on roll from `first` to `last`, by UPN."""
    (school_id,) = schools_in_scope()
    year = academic_year_of(first)
    with connection.cursor() as cursor:
        cursor.execute(
            f'{sums_sql(first, last)} ORDER BY p.upn COLLATE "C"', {"school": school_id, "first": first, "last": last}
        )
        return [
            PupilSum(
                pupil_id=row[0],
                upn=row[1],
                year_group=row[2],
                class_name=row[3],
                in_cohort=ages.national_cohort(row[4], year) and not row[5],
                sex=row[6],
                sen_status=row[7],
                ethnicity=row[8],
                flags=frozenset(row[9]),
                summary=Summary(*map(int, row[10:16])),
                class_id=row[16],
                noes=frozenset(row[17]),
            )
            for row in cursor.fetchall()
        ]


def by_pupil(pupils: list[PupilSum]) -> Iterator[tuple[str, Group]]:
    """Each pupil as a group of one."""
    yield from _split(pupils, lambda pupil: pupil.upn, sorted)


def by_year(pupils: list[PupilSum]) -> Iterator[tuple[str, Group]]:
    """Year groups, the youngest first."""
    yield from _split(pupils, lambda pupil: pupil.year_group, lambda names: sorted(names, key=Pupil.YEAR_GROUPS.index))


def by_class(pupils: list[PupilSum]) -> Iterator[tuple[str, Group]]:
    """Classes; a pupil in none is in no group."""
    yield from _split(pupils, lambda pupil: pupil.class_name, sorted)


def by_group(pupils: list[PupilSum]) -> Iterator[tuple[str, Group]]:
    """All, then the groups of the figures: sex, SEN, the characteristics, ethnicity."""
    yield from _split(pupils, lambda _: "all", sorted)
    yield from _split(pupils, lambda pupil: f"sex:{pupil.sex}", sorted)
    sen = {"N": 0, "K": 1, "E": 2}
    yield from _split(
        pupils,
        lambda pupil: pupil.sen_status and f"sen:{pupil.sen_status}",
        lambda names: sorted(names, key=lambda name: sen[name[4:]]),
    )
    for flag in (*FLAGS, "social_worker"):
        yield from _split([pupil for pupil in pupils if flag in pupil.flags], lambda _, flag=flag: flag, sorted)  # type: ignore[misc]
    yield from _split(pupils, lambda pupil: pupil.ethnicity and f"ethnicity:{pupil.ethnicity}", sorted)


GROUPINGS: dict[str, Callable[[list[PupilSum]], Iterator[tuple[str, Group]]]] = {
    "pupil": by_pupil,
    "year": by_year,
    "class": by_class,
    "group": by_group,
}


def _split(
    pupils: list[PupilSum], name_of: Callable[[PupilSum], str], order: Callable[[Iterable[str]], list[str]]
) -> Iterator[tuple[str, Group]]:
    named: dict[str, list[tuple[Summary, bool]]] = {}
    for pupil in pupils:
        if name := name_of(pupil):
            named.setdefault(name, []).append((pupil.summary, pupil.in_cohort))
    for name in order(named):
        yield name, group(named[name])
