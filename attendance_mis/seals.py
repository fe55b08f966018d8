"""Seal the append-only logs of a school in hash-chained blocks, and prove them.

A block's hash covers the block before it and every column of its rows, so a row that is altered, removed or slipped
in later shows. Writers of a log share an advisory lock per school until they commit; the sealer takes it alone, and
so never seals a range of ids in which a slower transaction could still commit a row. (Decision 0003: why not a chain
in each transaction.)
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import sleep

from django.apps import apps
from django.db import connection, models, transaction
from django.utils import timezone

from attendance_mis.audit import LOG_GATE
from attendance_mis.models import Block, Disposal, School
from attendance_mis.models.audit import AppendOnlyLog
from attendance_mis.tenancy import acting_for

GENESIS = "0" * 64
ROWS_PER_BLOCK = 50_000
LATE = timedelta(minutes=10)  # ten ticks missed


@dataclass(frozen=True, slots=True)
class Fault:
    """A place where a log is not what was sealed."""

    log: str
    block: int
    sentence: str


def sealed_logs() -> list[type[AppendOnlyLog]]:
    """Every append-only log of the project but the blocks themselves, which are chained by their own hashes."""
    return [m for m in apps.get_models() if issubclass(m, AppendOnlyLog) and m is not Block]


def seal(school: School) -> int:
    """Seal what each log of the school has gained since its last block; returns the number of rows sealed."""
    with acting_for(school):
        return sum(_seal_log(school, log) for log in sealed_logs())


def unsealed(school: School, before: datetime | None = None) -> int:
    """How many rows of the school's logs wait to be sealed; with `before`, only those written before that moment."""
    with acting_for(school):
        return sum(_unsealed(log, before) for log in sealed_logs())


def last_sealed(table: str) -> int:
    """The number of the last sealed row of a log of the school in scope; no row can appear before it any more."""
    last = Block.objects.filter(log=table).order_by("-number").values_list("last_id", flat=True).first()
    return last or 0


def _unsealed(log: type[AppendOnlyLog], before: datetime | None) -> int:
    rows = log.objects.filter(id__gt=last_sealed(log._meta.db_table))
    return rows.filter(at__lt=before).count() if before else rows.count()  # type: ignore[misc]  # every log has `at`


def _seal_log(school: School, log: type[AppendOnlyLog]) -> int:
    sealed = 0
    while count := _seal_block(school, log):
        sealed += count
    return sealed


@transaction.atomic
def _seal_block(school: School, log: type[AppendOnlyLog]) -> int:
    _hold_gate(school)
    table = log._meta.db_table
    last = Block.objects.filter(log=table).order_by("-number").first()
    columns = [str(f.column) for f in log._meta.concrete_fields]
    after = last.last_id if last else 0
    first_id, last_id, count = _extent(table, school, after)
    if not count:
        return 0
    previous = last.hash if last else GENESIS
    Block.objects.create(
        school=school,
        log=table,
        number=last.number + 1 if last else 1,
        first_id=first_id,
        last_id=last_id,
        count=count,
        columns=columns,
        previous_hash=previous,
        hash=_digest(log, columns, school, first_id, last_id, previous)[1],
        sealed_at=timezone.now(),
    )
    return count


def _hold_gate(school: School) -> None:
    # Waiting in the queue would make every later writer of the school wait behind a long import; so try, and try again.
    with connection.cursor() as cursor:
        for _ in range(200):
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s::int)", [LOG_GATE, school.pk])
            if cursor.fetchone()[0]:
                return
            sleep(0.01)
    raise TimeoutError(f"The logs of school {school.urn} were busy; the next tick seals them.")


def _extent(table: str, school: School, after: int) -> tuple[int, int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT min(id), max(id), count(*) FROM (SELECT id FROM {table} WHERE school_id = %s AND id > %s "
            "ORDER BY id LIMIT %s) AS rows",
            [school.pk, after, ROWS_PER_BLOCK],
        )
        return cursor.fetchone()


def _digest(
    log: type[AppendOnlyLog], columns: list[str], school: School, first_id: int, last_id: int, previous: str
) -> tuple[int, str]:
    fields = {f.column: f for f in log._meta.concrete_fields}
    # A moment is hashed in UTC: its text must not depend on the session's time zone.
    values = ", ".join(
        f"\"{c}\" AT TIME ZONE 'UTC'" if isinstance(fields[c], models.DateTimeField) else f'"{c}"' for c in columns
    )
    with connection.cursor() as cursor:
        cursor.execute(
            # A hash of row hashes: the row of an import's entry is long, and a string in PostgreSQL ends at 1 GB.
            f"SELECT count(*), encode(sha256(convert_to(%s, 'UTF8') || coalesce(string_agg(sha256(convert_to("
            f"jsonb_build_array({values})::text, 'UTF8')), ''::bytea ORDER BY id), ''::bytea)), 'hex') "
            f"FROM {log._meta.db_table} "
            "WHERE school_id = %s AND id BETWEEN %s AND %s",
            [previous, school.pk, first_id, last_id],
        )
        return cursor.fetchone()


def removed_blocks() -> dict[tuple[str, int], str]:
    """The blocks of the school in scope whose rows were deleted with a certificate, by log and number: their hash."""
    blocks = (each for of_one in Disposal.objects.values_list("blocks", flat=True) for each in of_one)
    return {(each["log"], each["number"]): each["hash"] for each in blocks}


def faults(school: School) -> Iterator[Fault]:
    """Every block of the school's logs that no longer matches its rows or its predecessor.

    Nothing when all is as sealed. A block whose rows were deleted with a certificate keeps its place in the chain: its
    hash stands in the certificate too, and no row of it may be left.
    """
    with acting_for(school):
        certified = removed_blocks()
        for log in sealed_logs():
            table = log._meta.db_table
            previous, number, last_id = GENESIS, 0, 0
            for block in Block.objects.filter(log=table).order_by("number"):
                if block.number != number + 1 or block.previous_hash != previous or block.first_id <= last_id:
                    yield Fault(table, block.number, "does not follow the block before it")
                count, found = _digest(log, block.columns, school, last_id + 1, block.last_id, block.previous_hash)
                if (table, block.number) in certified:
                    if certified[table, block.number] != block.hash:
                        yield Fault(table, block.number, "is not the one that a certificate of deletion names")
                    elif count:
                        yield Fault(table, block.number, f"was deleted with a certificate and holds {count} rows")
                elif count != block.count:
                    yield Fault(table, block.number, f"held {block.count} rows when sealed and holds {count} now")
                elif found != block.hash:
                    yield Fault(table, block.number, "holds a row that was altered after it was sealed")
                previous, number, last_id = block.hash, block.number, block.last_id
