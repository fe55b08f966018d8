"""Marks lie in a partition for each academic year; one more holds what came before, another what is to come.

Each night the coming year's partition is made, long before its first mark; and the key of a year that is over is
packed: written day by day and class by class its pages are two thirds full, and hardly anything is written there any
more (decision 0044).
"""

from datetime import date, timedelta

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from registers.calendar_rules import academic_year_of

SETTLED = timedelta(62)  # amendments of July come in September
A_MARK = 32  # bytes: a packed key takes 28, one that was written day by day 43
SMALL = 1_000_000  # bytes: not worth the while

# Years follow each other without a gap, and `after` begins where the last of them ends.
CREATE_FUNCTION = """
CREATE FUNCTION registers_add_mark_year(year int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  DROP TABLE IF EXISTS registers_mark_after;
  EXECUTE format('CREATE TABLE registers_mark_%s PARTITION OF registers_mark FOR VALUES FROM (%L) TO (%L)',
                 year, make_date(year, 8, 1), make_date(year + 1, 8, 1));
  EXECUTE format('CREATE TABLE registers_mark_after PARTITION OF registers_mark FOR VALUES FROM (%L) TO (MAXVALUE)',
                 make_date(year + 1, 8, 1));
END $$;
"""
_YEARS = """
SELECT substring(relname FROM '\\d+$')::int AS year, inhrelid AS id, reltuples
FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE inhparent = 'registers_mark'::regclass AND relname ~ '\\d+$'
"""
_LOOSE = f"""
SELECT year FROM ({_YEARS}) AS years JOIN pg_index i ON i.indrelid = years.id AND i.indisprimary,
LATERAL pg_relation_size(i.indexrelid) AS size
WHERE year < %s AND size > %s AND size > {A_MARK} * reltuples ORDER BY 1
"""
_IS_AFTER_EMPTY = "SELECT NOT EXISTS (SELECT FROM registers_mark_after)"


def keep(today: date) -> None:
    """Make the partitions up to the next year's, and pack the years that are over. Outside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT max(year) FROM ({_YEARS}) AS years")
        (last,) = cursor.fetchone()
        for year in range(last + 1, academic_year_of(today) + 2):
            with transaction.atomic():
                cursor.execute("SET LOCAL lock_timeout = '5s'; LOCK registers_mark")  # else tomorrow
                cursor.execute(_IS_AFTER_EMPTY)
                if cursor.fetchone()[0]:  # marks of years to come stay together, where somebody has made some
                    cursor.execute("SELECT registers_add_mark_year(%s)", [year])
        cursor.execute("ANALYZE registers_mark")  # autovacuum looks at each partition, never at the whole
        cursor.execute(_LOOSE, [academic_year_of(today - SETTLED), SMALL])
        for (year,) in cursor.fetchall():
            _pack(cursor, f"registers_mark_{year}")


def _pack(cursor: CursorWrapper, table: str) -> None:
    """Registers can be read and amended meanwhile."""
    cursor.execute(f"DROP INDEX IF EXISTS {table}_pkey_ccnew")  # of a night that was broken off
    cursor.execute(f"ALTER INDEX {table}_pkey SET (fillfactor = 100)")
    cursor.execute(f"REINDEX INDEX CONCURRENTLY {table}_pkey")
    cursor.execute(f"VACUUM (FREEZE) {table}")  # never to be looked at again
