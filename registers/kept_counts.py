"""Counts of sessions by pupil and part of the year, kept by triggers in the transaction of each mark (decision 0023).

A change of marks adds a line of differences; lines are only ever added, so two saves never wait for each other, and
the nightly `merge` adds up what has gathered. A change of a spell, of a school day or of the days of compulsory school
age counts again whom it concerns. `differences` proves the lines equal to the marks; `count_again` makes them anew.

The SQL holds the categories of `codes`: a change of those needs a migration that runs `CREATE_FUNCTIONS` again, and
`tests/registers/test_kept_counts.py` says so.
"""

from dataclasses import dataclass
from datetime import date

from django.db import connection

from attendance_mis.models import School
from registers import codes
from registers.year_parts import CUTS

COLUMNS = ("marks", "possible", "attended", "late", "authorised", "unauthorised")
_LOCK = 7302  # with the school: whoever takes lines away is alone
_NAMES = ", ".join(COLUMNS)


def among(numbers: frozenset[int], code: str = "code") -> str:
    """SQL that is true of these codes."""
    return f"{code} IN ({', '.join(map(str, sorted(numbers)))})"


# Plain X of a pupil of compulsory school age in 2020-22 counts as X02: possible, neither attended nor absent
# (law.md 2.7).
COVID = f"""CASE WHEN m.code = {codes.PLAIN_X_2006}
  AND m.day BETWEEN '{codes.COVID_X_FROM}' AND '{codes.COVID_X_UNTIL}'
  THEN EXISTS (SELECT FROM registers_pupil p WHERE p.school_id = m.school_id AND p.id = m.pupil_id
               AND m.day BETWEEN p.compulsory_from AND p.compulsory_until) ELSE false END"""


def lines_sql(source: str, which_days: str) -> str:
    """The counts of marks by school, part and pupil. `source` is named m and gives a mark and its `sign`."""
    return f"""
WITH days AS MATERIALIZED (
  SELECT d.school_id, d.day, d.am, d.pm, registers_part_of(d.day) AS part FROM registers_schoolday d
  WHERE {which_days}),
coded AS (
  SELECT m.school_id, d.part, m.pupil_id, m.code, {COVID} AS covid, sum(m.sign) AS n
  FROM {source} m
  JOIN days d ON d.school_id = m.school_id AND d.day = m.day AND CASE m.session WHEN 1 THEN d.am ELSE d.pm END
  JOIN registers_registration r ON r.school_id = m.school_id AND r.pupil_id = m.pupil_id
    AND m.day >= r.admission_date AND (r.leaving_date IS NULL OR m.day <= r.leaving_date)
  GROUP BY 1, 2, 3, 4, 5)
SELECT school_id, part, pupil_id, sum(n) AS marks,
       coalesce(sum(n) FILTER (WHERE {among(codes.POSSIBLE)} OR covid), 0) AS possible,
       coalesce(sum(n) FILTER (WHERE {among(codes.ATTENDED)}), 0) AS attended,
       coalesce(sum(n) FILTER (WHERE {among(codes.LATE)}), 0) AS late,
       coalesce(sum(n) FILTER (WHERE {among(codes.AUTHORISED)}), 0) AS authorised,
       coalesce(sum(n) FILTER (WHERE {among(codes.UNAUTHORISED)}), 0) AS unauthorised
FROM coded GROUP BY 1, 2, 3"""


def _of_statement(source: str, tables: str) -> str:
    """Lines of what one statement changed, without those that say nothing."""
    lines = lines_sql(source, f"(d.school_id, d.day) IN (SELECT school_id, day FROM {tables})")
    zeros = ", ".join("0" for _ in COLUMNS)
    return f"""
    INSERT INTO registers_keptcount (school_id, part, pupil_id, {_NAMES})
    SELECT * FROM ({lines}) AS lines WHERE ({_NAMES}) <> ({zeros});"""


_HOLD = """
    PERFORM FROM registers_pupil p WHERE (p.school_id, p.id) IN (SELECT school_id, pupil_id FROM was) FOR KEY SHARE;"""
_CUT = " ".join(
    f"WHEN extract(month FROM day) * 100 + extract(day FROM day) >= {month * 100 + number} "
    f"THEN make_date(extract(year FROM day)::int, {month}, {number})"
    for month, number in reversed(CUTS)
)
_OF_PUPILS = lines_sql(
    "(SELECT r.*, 1 AS sign FROM registers_mark r WHERE r.school_id = the_school "
    "AND r.pupil_id = ANY(the_pupils) AND r.day BETWEEN first_day AND last_day)",
    "d.school_id = the_school AND d.day BETWEEN first_day AND last_day",
)

# A mark that is put holds its pupil by `same_school`, whose trigger comes before by its name; one that is changed or
# taken away holds her here. Who counts a pupil again locks her, and so sees every mark there is and keeps others out.
CREATE_FUNCTIONS = f"""
CREATE OR REPLACE FUNCTION registers_part_of(day date) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE {_CUT} END $$;

CREATE OR REPLACE FUNCTION registers_count_marks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF EXISTS (SELECT FROM written) THEN
      {_of_statement("(SELECT w.*, 1 AS sign FROM written w)", "written")}
    END IF;
  ELSIF NOT EXISTS (SELECT FROM was) THEN
    RETURN NULL;
  ELSIF TG_OP = 'UPDATE' THEN
    {_HOLD}
    {
    _of_statement(
        "(SELECT w.*, 1 AS sign FROM written w UNION ALL SELECT o.*, -1 FROM was o)",
        "(SELECT school_id, day FROM written UNION ALL SELECT school_id, day FROM was) AS both_of",
    )
}
  ELSE
    {_HOLD}
    {_of_statement("(SELECT o.*, -1 AS sign FROM was o)", "was")}
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION registers_count_no_marks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  TRUNCATE registers_keptcount;
  RETURN NULL;
END $$;

-- Of these pupils, or of all: the parts that hold days from `from_day` to `until_day`.
CREATE OR REPLACE FUNCTION registers_count_again(the_school int, the_pupils int[], from_day date, until_day date)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  first_day date := registers_part_of(from_day);
  last_day date := until_day;
BEGIN
  WHILE registers_part_of(last_day + 1) = registers_part_of(until_day) LOOP
    last_day := last_day + 1;
  END LOOP;
  PERFORM pg_advisory_xact_lock({_LOCK}, the_school);
  IF the_pupils IS NULL THEN
    SELECT array_agg(id) INTO the_pupils FROM registers_pupil WHERE school_id = the_school;
  END IF;
  PERFORM FROM registers_pupil WHERE school_id = the_school AND id = ANY(the_pupils) ORDER BY id FOR UPDATE;
  DELETE FROM registers_keptcount
  WHERE school_id = the_school AND part BETWEEN first_day AND last_day AND pupil_id = ANY(the_pupils);
  INSERT INTO registers_keptcount (school_id, part, pupil_id, {_NAMES}) {_OF_PUPILS};
END $$;

CREATE OR REPLACE FUNCTION registers_count_days() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM registers_count_again(school_id, NULL, min(day), max(day)) FROM written GROUP BY school_id;
  ELSIF TG_OP = 'DELETE' THEN
    PERFORM registers_count_again(school_id, NULL, min(day), max(day)) FROM was GROUP BY school_id;
  ELSE
    PERFORM registers_count_again(school_id, NULL, min(day), max(day))
    FROM (SELECT school_id, day, am, pm FROM written EXCEPT SELECT school_id, day, am, pm FROM was) AS now
    GROUP BY school_id;
    PERFORM registers_count_again(school_id, NULL, min(day), max(day))
    FROM (SELECT school_id, day FROM was EXCEPT SELECT school_id, day FROM written) AS gone GROUP BY school_id;
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION registers_count_spells() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  earliest CONSTANT date := '1990-01-01';
  latest CONSTANT date := '2099-12-31';
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM registers_count_again(school_id, array_agg(DISTINCT pupil_id), earliest, latest)
    FROM written GROUP BY school_id;
  ELSIF TG_OP = 'DELETE' THEN
    PERFORM registers_count_again(school_id, array_agg(DISTINCT pupil_id), earliest, latest)
    FROM was GROUP BY school_id;
  ELSE
    PERFORM registers_count_again(school_id, array_agg(DISTINCT pupil_id), earliest, latest) FROM (
      (SELECT school_id, pupil_id, admission_date, leaving_date FROM written
       EXCEPT SELECT school_id, pupil_id, admission_date, leaving_date FROM was)
      UNION ALL
      (SELECT school_id, pupil_id, admission_date, leaving_date FROM was
       EXCEPT SELECT school_id, pupil_id, admission_date, leaving_date FROM written)) AS changed
    GROUP BY school_id;
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION registers_count_ages() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM registers_count_again(NEW.school_id, ARRAY[NEW.id], '{codes.COVID_X_FROM}', '{codes.COVID_X_UNTIL}');
  RETURN NULL;
END $$;
"""


def _triggers(table: str, function: str) -> str:
    events = (
        ("INSERT", "NEW TABLE AS written"),
        ("UPDATE", "OLD TABLE AS was NEW TABLE AS written"),
        ("DELETE", "OLD TABLE AS was"),
    )
    return "".join(
        f"CREATE TRIGGER then_count_{event.lower()} AFTER {event} ON {table} REFERENCING {tables} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {function}();\n"
        for event, tables in events
    )


CREATE_TRIGGERS = f"""
{_triggers("registers_mark", "registers_count_marks")}
CREATE TRIGGER then_count_truncate AFTER TRUNCATE ON registers_mark
  FOR EACH STATEMENT EXECUTE FUNCTION registers_count_no_marks();
{_triggers("registers_schoolday", "registers_count_days")}
{_triggers("registers_registration", "registers_count_spells")}
CREATE TRIGGER then_count AFTER UPDATE ON registers_pupil FOR EACH ROW
  WHEN ((OLD.compulsory_from, OLD.compulsory_until) IS DISTINCT FROM (NEW.compulsory_from, NEW.compulsory_until))
  EXECUTE FUNCTION registers_count_ages();
"""
DROP_ALL = (
    "".join(
        f"DROP TRIGGER then_count_{event} ON registers_{table};\n"
        for table in ("mark", "schoolday", "registration")
        for event in ("insert", "update", "delete")
    )
    + """
DROP TRIGGER then_count_truncate ON registers_mark;
DROP TRIGGER then_count ON registers_pupil;
DROP FUNCTION registers_count_marks(), registers_count_no_marks(), registers_count_days(), registers_count_spells(),
  registers_count_ages(), registers_count_again(int, int[], date, date), registers_part_of(date);
"""
)

COUNT_EVERYTHING = f"""
INSERT INTO registers_keptcount (school_id, part, pupil_id, {_NAMES})
{lines_sql("(SELECT r.*, 1 AS sign FROM registers_mark r)", "true")}
"""

_MERGE = f"""
WITH gone AS (
  DELETE FROM registers_keptcount WHERE school_id = %(school)s AND (part, pupil_id) IN (
    SELECT part, pupil_id FROM registers_keptcount WHERE school_id = %(school)s GROUP BY 1, 2 HAVING count(*) > 1)
  RETURNING part, pupil_id, {_NAMES})
INSERT INTO registers_keptcount (school_id, part, pupil_id, {_NAMES})
SELECT * FROM (SELECT %(school)s::int, part, pupil_id, {", ".join(f"sum({c}) AS {c}" for c in COLUMNS)}
               FROM gone GROUP BY part, pupil_id) AS merged
WHERE marks <> 0 ORDER BY part, pupil_id
"""
_DIFFERENCES = f"""
WITH kept AS (
  SELECT part, pupil_id, {", ".join(f"sum({c}) AS {c}" for c in COLUMNS)} FROM registers_keptcount
  WHERE school_id = %(school)s GROUP BY 1, 2),
counted AS ({
    lines_sql(
        "(SELECT r.*, 1 AS sign FROM registers_mark r WHERE r.school_id = %(school)s)", "d.school_id = %(school)s"
    )
})
SELECT coalesce(k.part, c.part), coalesce(k.pupil_id, c.pupil_id), coalesce(k.marks, 0), coalesce(c.marks, 0)
FROM kept k FULL JOIN counted c USING (part, pupil_id)
WHERE ({", ".join(f"coalesce(k.{c}, 0)" for c in COLUMNS)})
   <> ({", ".join(f"coalesce(c.{c}, 0)" for c in COLUMNS)})
ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """A pupil's part of a year whose lines do not add up to her marks."""

    part: date
    pupil_id: int
    kept: int
    counted: int

    def __str__(self) -> str:
        return f"pupil {self.pupil_id}, part from {self.part}: {self.kept} marks kept counted, {self.counted} stand"


def differences(school: School) -> list[Difference]:
    """Where what is kept is not what the marks give; empty means all of it is right."""
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENCES, {"school": school.pk})
        return [Difference(*row) for row in cursor.fetchall()]


def count_again(school: School) -> None:
    """Count every mark of the school anew. Registers can be taken meanwhile; they wait until it is done."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT registers_count_again(%s, NULL, coalesce(min(day), 'epoch'), coalesce(max(day), 'epoch')) FROM ("
            "SELECT day FROM registers_mark WHERE school_id = %s UNION ALL "
            "SELECT part FROM registers_keptcount WHERE school_id = %s) AS days",
            [school.pk] * 3,
        )


def merge(school: School) -> int:
    """Add up the lines that gathered; returns how many there are now of those that were merged."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s::int)", [_LOCK, school.pk])
        cursor.execute(_MERGE, {"school": school.pk})
        return cursor.rowcount
