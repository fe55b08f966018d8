"""Export a school as a pack: the same school, the same bytes (interchange.md).

PostgreSQL writes the CSV itself (COPY), so the export streams, quotes as little as it must, and needs no row in memory.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.db import connection, transaction
from django.utils import timezone

from attendance_mis import audit
from attendance_mis.actors import Actor
from attendance_mis.models import School
from attendance_mis.tenancy import acting_for
from registers import codes, share
from registers.models import Entry, PolicyVersion
from registers.pack import columns, files
from registers.pack.columns import Column
from registers.pack.school import SCHOOL_TOML, TABLES, policy_toml, school_toml
from registers.share import moment_sql, session_sql

_LETTERS = ", ".join(f"({code.number}::smallint, '{code.letter}')" for code in codes.CODES)
_CODES = f"(VALUES {_LETTERS})"

_NEWEST = (
    "SELECT DISTINCT ON (pupil_id) * FROM registers_registration WHERE {here} ORDER BY pupil_id, admission_date DESC"
)
_CLASS = (
    "SELECT DISTINCT ON (m.pupil_id) m.pupil_id, g.name AS class_name FROM registers_classmembership m "
    "JOIN registers_classgroup g ON g.id = m.class_group_id WHERE m.{here} ORDER BY m.pupil_id, m.start DESC"
)
# By whom and when a mark was made: of history as it came, of a mark made here at the latest when the server took it.
_TAKEN_AT = f"CASE e.source WHEN '{Entry.Source.IMPORT}' THEN e.made_at ELSE coalesce(e.made_at, e.at) END"


def export_school(*, school: School, folder: Path, by: Actor) -> None:
    """Write the pack of a school into a folder, which is made when it is not there; other packs' files in it go.

    Raises OSError when the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with acting_for(school), _one_moment():
        audit.record("export_school", school, school_id=school.pk, by=by, summary="Exported the school as a pack.")
        _write_policies(school, folder)
        for name, query in _queries(school):
            if isinstance(query, str):
                with (folder / name).open("wb") as file:
                    _copy(query, school, file)
            else:
                (folder / name).unlink(missing_ok=True)


def daily_share(*, school: School, since: datetime, out: BinaryIO, by: Actor) -> None:
    """Every mark entered, changed or taken back since a moment, as CSV for a partner (interchange.md, Daily share)."""
    with acting_for(school), _one_moment():
        summary = f"Shared the marks changed since {since:%Y-%m-%d %H:%M %Z}."
        audit.record("daily_share", school, school_id=school.pk, by=by, summary=summary)
        _copy(_SHARED, school, out, {"school": school.pk, "urn": school.urn, "since": since})


class _one_moment(transaction.Atomic):  # noqa: N801 - it reads as the block it opens
    """All files show the school of one moment; a transaction already open has its own."""

    def __init__(self) -> None:
        super().__init__(using=None, savepoint=True, durable=False)

    def __enter__(self) -> None:
        is_outermost = not connection.in_atomic_block
        super().__enter__()
        if is_outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def _copy(query: str, school: School, out: BinaryIO, values: dict[str, Any] | None = None) -> None:
    written = f"COPY ({query}) TO STDOUT (FORMAT csv, HEADER)"
    with share.in_zone_of(school), connection.cursor() as cursor, cursor.copy(written, values) as copy:
        for block in copy:
            out.write(block)


def _exists(query: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS ({query})")
        return cursor.fetchone()[0]


def _text(value: str) -> str:
    """An empty text as an empty field: COPY would put quotes around it."""
    return f"nullif({value}, '')"


def _of(wanted: Iterable[Column], table: str, elsewhere: dict[str, str] | None = None) -> str:
    """The columns of a file from the columns of the same names of a table; `elsewhere` says which come from another."""
    return ", ".join(f'{_value(column, table, elsewhere or {})} AS "{column.name}"' for column in wanted)


def _value(column: Column, table: str, elsewhere: dict[str, str]) -> str:
    value = f'{elsewhere.get(column.name, table)}."{column.name}"'
    if column.parse is columns.yes_no:
        return f"CASE WHEN {value} THEN 'Y' WHEN NOT {value} THEN 'N' END"
    if column.parse is columns.day:
        return f"to_char({value}, 'YYYY-MM-DD')"
    return _text(f"{value}::text")


def _queries(school: School) -> Iterator[tuple[str, str | bool]]:
    """Each file with the query that writes it; False: the file has nothing to say and is not written."""
    here = f"school_id = {school.pk}"
    upn = 'p.upn COLLATE "C"'
    newest, current_class = _NEWEST.format(here=here), _CLASS.format(here=here)

    calendar = list(files.CALENDAR)
    if not _exists(f"SELECT FROM registers_calendarentry WHERE {here} AND session <> ''"):
        calendar.remove(next(column for column in calendar if column.name == "session"))
    yield (
        "calendar.csv",
        (
            f"SELECT {_of(calendar, 'c')} FROM registers_calendarentry c WHERE {here} "
            'ORDER BY c.start, c."end", c.kind COLLATE "C", c.session COLLATE "C"'
        ),
    )

    spell = ("admission_date", "leaving_date", "leaving_ground", "destination")
    elsewhere = dict.fromkeys(spell, "r") | {"class_name": "c"}
    yield (
        "pupils.csv",
        (
            f"SELECT {_of(files.PUPILS, 'p', elsewhere)} FROM registers_pupil p JOIN ({newest}) r ON r.pupil_id = p.id "
            f"LEFT JOIN ({current_class}) c ON c.pupil_id = p.id WHERE p.{here} ORDER BY {upn}"
        ),
    )

    # The newest spell stands in pupils.csv; here only with the school the pupil came from, which has no place there.
    registrations = (
        f"FROM registers_registration r JOIN registers_pupil p ON p.id = r.pupil_id JOIN ({newest}) n "
        f"ON n.pupil_id = r.pupil_id WHERE r.{here} AND (r.id <> n.id OR r.last_school <> '')"
    )
    yield (
        "registrations.csv",
        _exists(f"SELECT {registrations}")
        and (f"SELECT {_of(files.REGISTRATIONS, 'r', {'upn': 'p'})} {registrations} ORDER BY {upn}, r.admission_date"),
    )

    # What classes.csv would say beyond "this class since admission".
    told = (
        f"SELECT FROM registers_classmembership m LEFT JOIN (SELECT pupil_id, min(admission_date) AS first "
        f"FROM registers_registration WHERE {here} GROUP BY 1) r USING (pupil_id) WHERE m.{here} "
        'GROUP BY m.pupil_id, r.first HAVING count(*) > 1 OR min(m.start) <> r.first OR min(m."end") IS NOT NULL'
    )
    yield (
        "classes.csv",
        _exists(told)
        and (
            f"SELECT {_of(files.CLASSES, 'm', {'upn': 'p', 'class_name': 'g'})} FROM registers_classmembership m "
            "JOIN registers_pupil p ON p.id = m.pupil_id "
            "JOIN (SELECT id, name AS class_name FROM registers_classgroup) g ON g.id = m.class_group_id "
            f"WHERE m.{here} ORDER BY {upn}, m.start"
        ),
    )

    yield (
        "contacts.csv",
        (
            f"SELECT {_of(files.CONTACTS, 'c', {'upn': 'p'})} FROM registers_contact c "
            f"JOIN registers_pupil p ON p.id = c.pupil_id WHERE c.{here} ORDER BY {upn}, c.priority"
        ),
    )

    taken = ""
    if _exists(f"SELECT FROM registers_entry e WHERE {here} AND ({_TAKEN_AT} IS NOT NULL OR by_name <> '')"):
        taken = f", {moment_sql(f'({_TAKEN_AT})')} AS taken_at, {_text('e.by_name')} AS taken_by"
    yield (
        "marks.csv",
        (
            f"SELECT p.upn, to_char(m.day, 'YYYY-MM-DD') AS date, {session_sql('m.session')} AS session, "
            f"k.letter AS code, m.minutes_late, {_text('m.note')} AS note{taken} FROM registers_mark m "
            f"JOIN registers_pupil p ON p.id = m.pupil_id JOIN {_CODES} AS k (number, letter) ON k.number = m.code "
            f"LEFT JOIN registers_entry e ON e.id = m.entry_id WHERE m.{here} ORDER BY {upn}, m.day, m.session"
        ),
    )

    yield (
        "amendments.csv",
        (
            f"SELECT p.upn, to_char(a.day, 'YYYY-MM-DD') AS date, {session_sql('a.session')} AS session, "
            f"o.letter AS original, k.letter AS amended, {_text('a.reason')} AS reason, {moment_sql('a.at')} AS at, "
            f"{_text('a.by_name')} AS name, {_text('a.by_position')} AS position FROM registers_amendment a "
            "JOIN registers_pupil p ON p.id = a.pupil_id "
            f"LEFT JOIN {_CODES} AS o (number, letter) ON o.number = a.original "
            f"LEFT JOIN {_CODES} AS k (number, letter) ON k.number = a.amended WHERE a.{here} "
            f"ORDER BY a.at, {upn}, a.day, a.session, a.id"
        ),
    )


def _write_policies(school: School, folder: Path) -> None:
    versions = list(PolicyVersion.objects.all())
    today = timezone.now().astimezone(school.zone).date()
    begun = [version for version in versions if (version.in_force_from or date.min) <= today]
    current = begun[-1] if begun else versions[0] if versions else None
    values = {key.attribute: getattr(school, key.attribute) for keys in TABLES.values() for key in keys}
    _write(folder / SCHOOL_TOML, school_toml(values, current.document if current else None))
    for old in folder.glob("policy-*.toml"):
        with suppress(FileNotFoundError):
            old.unlink()
    for version in versions:
        # The first policy, of which nobody knows since when, needs a day only beside later ones.
        if version.in_force_from or len(versions) > 1:
            day = version.in_force_from or date.min
            _write(folder / f"policy-{day}.toml", policy_toml(version.document))


def _write(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8", newline="\n")


# The newest entry of each mark touched since then, and the mark as it is now.
_SHARED = f"""
SELECT {share.csv_columns()}
FROM (SELECT e.day, e.session, u.pupil_id, max(e.at) AS at FROM registers_entry e, unnest(e.pupils) AS u (pupil_id)
      WHERE e.school_id = %(school)s AND e.at > %(since)s GROUP BY 1, 2, 3) AS t
JOIN registers_pupil p ON p.id = t.pupil_id
LEFT JOIN registers_mark m
  ON m.school_id = %(school)s AND (m.pupil_id, m.day, m.session) = (t.pupil_id, t.day, t.session)
LEFT JOIN {share.CODES_SQL} ON k.number = m.code
ORDER BY p.upn COLLATE "C", t.day, t.session
"""
