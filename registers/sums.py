"""The sums of `attendance` for a whole school by one statement, and the groups that figures are given for.

The categories in the SQL are the sets of `codes`, so the figures, the forms and the printed key cannot drift apart;
tests hold every number here to the pure sums.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction

from attendance_mis.tenancy import schools_in_scope
from registers import ages, codes
from registers.attendance import Group, Summary, group
from registers.calendar_rules import academic_year_of
from registers.kept_counts import COVID, among
from registers.models import Pupil
from registers.year_parts import pieces

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


# DfE's cohort: 5 to 15 on 31 August at the start of the academic year, no boarder (law.md 4.6). `youngest` was born on
# that day five years before.
COHORT = """(NOT coalesce(p.boarder, false) AND p.date_of_birth <= %(youngest)s
  AND p.date_of_birth > %(youngest)s - interval '11 years')"""


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


# What of a mark makes a count, beside the columns that are kept: a piece of days whose marks are added or taken off.
_PIECE = """
  UNION ALL
  SELECT r.school_id, r.pupil_id, NULL, 0, {sign}count(*)::int, {sign}(count(*) FILTER (WHERE {possible}))::int,
         {sign}(count(*) FILTER (WHERE {attended}))::int, {sign}(count(*) FILTER (WHERE {late}))::int,
         {sign}(count(*) FILTER (WHERE {authorised}))::int, {sign}(count(*) FILTER (WHERE {unauthorised}))::int
  FROM registers_registration r
  JOIN registers_mark m ON m.school_id = r.school_id AND m.pupil_id = r.pupil_id
    AND m.day BETWEEN greatest(r.admission_date, '{first}') AND least(r.leaving_date, '{last}')
    AND m.day BETWEEN '{first}' AND '{last}'
  JOIN registers_schoolday d ON d.school_id = m.school_id AND d.day = m.day
    AND CASE m.session WHEN 1 THEN d.am ELSE d.pm END
  WHERE r.school_id = ANY({schools}) AND r.admission_date <= '{last}'
    AND (r.leaving_date IS NULL OR r.leaving_date >= '{first}')
  GROUP BY 1, 2"""
_SCHOOLS = "%(schools)s"
# Days after the range hold marks only where registers of them were taken; each mark has its entry (`record`). Asked of
# a whole trust, so that nobody's marks are looked for on days to come.
_WITH_ENTRIES = """ARRAY(
    SELECT s.school_id FROM unnest(%(schools)s) AS s (school_id)
    WHERE EXISTS (SELECT FROM registers_entry e
                  WHERE e.school_id = s.school_id AND e.day BETWEEN '{first}' AND '{last}' OFFSET 0))"""
# Each pupil's sessions on roll, and her counts: of whole parts of the year as they are kept, of other days from their
# marks (decision 0023). Added up at once, because 40,000 pupils are put together by one aggregate, not by joins.
_SUMS = """
WITH spans AS (
  -- Many pupils share a span, and few spans differ: the sessions of each are counted once.
  SELECT r.school_id, s.first, s.last, array_agg(r.pupil_id) AS pupils
  FROM registers_registration r CROSS JOIN LATERAL (
    SELECT greatest(r.admission_date, %(first)s) AS first, least(r.leaving_date, %(last)s) AS last) AS s
  WHERE r.school_id = ANY(%(schools)s) AND r.admission_date <= %(last)s
    AND (r.leaving_date IS NULL OR r.leaving_date >= %(first)s)
  GROUP BY 1, 2, 3),
e AS (
  SELECT school_id, pupil_id, max(last_on_roll) AS last_on_roll, sum(sessions) AS sessions, sum(marks) AS marks,
         sum(possible) AS possible, sum(attended) AS attended, sum(late) AS late, sum(authorised) AS authorised,
         sum(unauthorised) AS unauthorised
  FROM (
    SELECT s.school_id, unnest(s.pupils) AS pupil_id, s.last AS last_on_roll, d.sessions, 0 AS marks, 0 AS possible,
           0 AS attended, 0 AS late, 0 AS authorised, 0 AS unauthorised
    FROM spans s CROSS JOIN LATERAL (
      SELECT coalesce(sum(d.am::int + d.pm::int), 0)::int AS sessions FROM registers_schoolday d
      WHERE d.school_id = s.school_id AND d.day BETWEEN s.first AND s.last) AS d
    UNION ALL
    SELECT school_id, pupil_id, NULL, 0, marks, possible, attended, late, authorised, unauthorised
    FROM registers_keptcount WHERE school_id = ANY(%(schools)s) AND part = ANY('{{{parts}}}'){pieces}) AS lines
  GROUP BY 1, 2)
SELECT {columns}
FROM e JOIN registers_pupil p ON p.school_id = e.school_id AND p.id = e.pupil_id
{facts}
WHERE e.sessions > 0
"""
_NUMBERS = """
       e.possible, e.attended, e.late, e.authorised, e.unauthorised, e.sessions - e.marks AS unmarked"""
_COLUMNS = f"""
       p.id AS pupil_id, p.upn, coalesce(nullif(c.year_group, ''), p.year_group) AS year_group,
       coalesce(c.name, '') AS class_name, p.date_of_birth, coalesce(p.boarder, false) AS boarder,
       p.sex, p.sen_status, p.ethnicity, f.yes AS flags, {_NUMBERS}, c.id AS class_id, f.no AS noes"""
_FACTS = f"""
LEFT JOIN LATERAL (
  SELECT s.year_group, g.id, g.name FROM registers_classmembership s
  JOIN registers_classgroup g ON g.school_id = s.school_id AND g.id = s.class_group_id
  WHERE s.school_id = e.school_id AND s.pupil_id = e.pupil_id AND s.start <= e.last_on_roll
  ORDER BY s.start DESC LIMIT 1) AS c ON true
CROSS JOIN LATERAL (
  SELECT coalesce(array_agg(name) FILTER (WHERE yes), '{{}}') AS yes,
         coalesce(array_agg(name) FILTER (WHERE NOT yes), '{{}}') AS no
  FROM (VALUES {", ".join(f"('{flag}', p.{flag})" for flag in FLAGS)},
    ('social_worker', p.social_worker <> '')) AS flag (name, yes)) AS f"""


def _sums_sql(first: date, last: date, columns: str, facts: str, later: str = _SCHOOLS) -> str:
    """`later` says the schools whose marks of days after the range are taken off."""
    found = pieces(first, last)
    written = [("", *days) for days in found.added] + [("-", *days) for days in found.taken]
    return _SUMS.format(
        columns=columns,
        facts=facts,
        parts=", ".join(map(str, found.parts)),
        pieces="".join(
            _PIECE.format(
                sign=sign,
                first=start,
                last=end,
                possible=_possible(start, end),
                attended=among(codes.ATTENDED, "m.code"),
                late=among(codes.LATE, "m.code"),
                authorised=among(codes.AUTHORISED, "m.code"),
                unauthorised=among(codes.UNAUTHORISED, "m.code"),
                schools=(later if start > last else _SCHOOLS).format(first=start, last=end),
            )
            for sign, start, end in written
        ),
    )


def _possible(first: date, last: date) -> str:
    """SQL that is true of a possible session; plain X of a compulsory-age pupil in 2020-22 is one (law.md 2.7)."""
    possible = among(codes.POSSIBLE, "m.code")
    if last < codes.COVID_X_FROM or first > codes.COVID_X_UNTIL:
        return possible
    return f"{possible} OR {COVID}"


def sums_sql(first: date, last: date) -> str:
    """The statement behind `sums`, a row a pupil, in no order; its parameters are `schools`, `first` and `last`.

    Who groups pupils in the database puts it into a FROM.
    """
    return _sums_sql(first, last, _COLUMNS, _FACTS)


def of_schools_sql(first: date, last: date, later: str = _WITH_ENTRIES) -> str:
    """The counts of every pupil of many schools without what groups ask: `school_id`, `pupil_id`, who is counted, and
    the numbers. Its parameters are those of `sums_sql`, and `youngest`.
    """
    columns = f"e.school_id, p.id AS pupil_id, {COHORT} AS in_cohort, {_NUMBERS}"
    return _sums_sql(first, last, columns, "", later)


def sums(first: date, last: date) -> list[PupilSum]:
    """Every pupil of the school in scope with at least one school session on roll from `first` to `last`, by UPN."""
    (school_id,) = schools_in_scope()
    year = academic_year_of(first)
    with connection.cursor() as cursor:
        cursor.execute(
            f'{sums_sql(first, last)} ORDER BY p.upn COLLATE "C"',
            {"schools": [school_id], "first": first, "last": last},
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


def counts(first: date, last: date) -> dict[int, Summary]:
    """The counts of `sums` without what groups ask, by pupil: a fraction of its cost."""
    (school_id,) = schools_in_scope()
    with connection.cursor() as cursor:
        cursor.execute(of_schools_sql(first, last, later=_SCHOOLS), _values([school_id], first, last))
        return {row[1]: Summary(*map(int, row[3:9])) for row in cursor.fetchall()}


def groups_of_schools(schools: Iterable[int], first: date, last: date) -> dict[int, Group]:
    """Each school as one group, added up in the database by one statement, however many schools."""
    wanted = list(schools)
    with transaction.atomic(), connection.cursor() as cursor:
        # 40,000 pupils are added up in memory, and sooner by one process than handed about by three.
        cursor.execute("SET LOCAL work_mem = '32MB'; SET LOCAL max_parallel_workers_per_gather = 0")
        cursor.execute(_GROUPED.format(pupils=of_schools_sql(first, last)), _values(wanted, first, last))
        found = {
            school_id: Group(pupils, Summary(*map(int, numbers)), counted, persistent, severe)
            for school_id, pupils, *numbers, counted, persistent, severe in cursor.fetchall()
        }
    return {school_id: found.get(school_id, group([])) for school_id in wanted}


_GROUPED = """
SELECT school_id, count(*), sum(possible), sum(attended), sum(late), sum(authorised), sum(unauthorised), sum(unmarked),
       count(*) FILTER (WHERE counted), count(*) FILTER (WHERE counted AND absence * 10 >= possible),
       count(*) FILTER (WHERE counted AND absence * 2 >= possible)
FROM (SELECT s.*, authorised + unauthorised AS absence, in_cohort AND possible > 0 AS counted FROM ({pupils}) s) AS s
GROUP BY 1"""


def _values(schools: list[int], first: date, last: date) -> dict[str, list[int] | date]:
    return {
        "schools": schools,
        "first": first,
        "last": last,
        "youngest": date(academic_year_of(first) - 5, 8, 31),
    }


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
