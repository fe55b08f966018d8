"""The daily share: what a partner is told of a mark, by file (interchange.md) and by the interface, from one table."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction

from attendance_mis.api.fields import COUNT, DAY, FLAG, MOMENT, TEXT, Field, one_of
from attendance_mis.models import School
from registers import codes
from registers.calendar_rules import Session

_SESSIONS = " ".join(f"WHEN {int(session)} THEN '{session}'" for session in Session)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what it is, and its SQL over `t` (a mark and the moment it changed), `p` (its pupil), `m` (the mark
    as it is, null when it was taken back) and `k` (its code).
    """

    field: Field
    sql: str


def moment_sql(value: str) -> str:
    """A moment in the school's time zone (`in_zone_of`), without trailing zeros."""
    seconds = f"to_char({value}, 'YYYY-MM-DD\"T\"HH24:MI:SS') || rtrim(to_char({value}, '.US'), '0.')"
    return f"{seconds} || to_char({value}, 'TZH:TZM')"


def session_sql(value: str) -> str:
    """AM or PM."""
    return f"CASE {value} {_SESSIONS} END"


_DAY = "to_char(t.day, 'YYYY-MM-DD')"
_SESSION = session_sql("t.session")
COLUMNS = (
    Column(
        Field("attendance_session_id", TEXT, "School, pupil, day and session in one: the key of the row."),
        f"%(urn)s || '-' || p.upn || '-' || {_DAY} || '-' || {_SESSION}",
    ),
    Column(Field("school_urn", TEXT, "URN of the school."), "%(urn)s"),
    Column(Field("upn", TEXT, "Unique pupil number."), "p.upn"),
    Column(Field("session_date", DAY, "The school day."), _DAY),
    Column(Field("session", one_of(Session.__members__), "Morning or afternoon."), _SESSION),
    Column(Field("mark", TEXT, "The code as it is now; null when the mark was taken back.", nullable=True), "k.letter"),
    Column(Field("mark_meaning", TEXT, "What the code means, in words.", nullable=True), "k.meaning"),
    Column(
        Field("minutes_late", COUNT, "After the register began, for L and U.", nullable=True),
        "m.minutes_late",
    ),
    Column(Field("modified_at", MOMENT, "When the mark was last entered or changed."), moment_sql("t.at")),
    Column(Field("is_deleted", FLAG, "Whether there is no mark any more."), "m.code IS NULL"),
)
FIELDS = tuple(column.field for column in COLUMNS)


def _quoted(words: str) -> str:
    return words.replace("'", "''")


_MEANINGS = ", ".join(f"({c.number}::smallint, '{c.letter}', '{_quoted(c.meaning)}')" for c in codes.CODES)
CODES_SQL = f"(VALUES {_MEANINGS}) AS k (number, letter, meaning)"


def csv_columns() -> str:
    """The columns as the file has them: yes and no are Y and N."""
    values = (
        (f"CASE WHEN {c.sql} THEN 'Y' ELSE 'N' END" if c.field.schema is FLAG else c.sql, c.field.name) for c in COLUMNS
    )
    return ", ".join(f"{sql} AS {name}" for sql, name in values)


def row_columns() -> str:
    """The columns as the interface has them."""
    return ", ".join(column.sql for column in COLUMNS)


@contextmanager
def in_zone_of(school: School) -> Iterator[None]:
    """A transaction in which PostgreSQL writes moments as the school's clocks show them."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('TimeZone', %s, true)", [school.timezone])
        yield
        cursor.execute("SELECT set_config('TimeZone', 'UTC', true)")
