"""Marks lie in a partition for each academic year, and those of years that have none in `registers_mark_other`.

Each night the coming year's partition is made, long before its first mark; and the key of a year that is over is
packed: written day by day and class by class its pages are two thirds full, and hardly anything is written there any
more (decision 0044).
"""

from datetime import date, timedelta

from django.db import connection
from django.db.backends.utils import CursorWrapper

from registers.calendar_rules import academic_year_of

SETTLED = timedelta(62)  # amendments of July come in September
A_MARK = 32  # bytes: a packed key takes 28, one that was written day by day 43
SMALL = 100  # pages

CREATE_FUNCTION = """
CREATE FUNCTION registers_add_mark_year(year int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE TABLE registers_mark_%s PARTITION OF registers_mark FOR VALUES FROM (%L) TO (%L)',
                 year, make_date(year, 8, 1), make_date(year + 1, 8, 1));
END $$;
"""
_YEARS = """
SELECT substring(relname FROM '\\d+$')::int AS year, inhrelid AS id, reltuples
FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE inhparent = 'registers_mark'::regclass AND relname ~ '\\d+$'
"""
_LOOSE = f"""
SELECT year FROM ({_YEARS}) AS years JOIN pg_index i ON i.indrelid = years.id AND i.indisprimary,
LATERAL pg_relation_size(i.indexrelid) AS size
WHERE year < %s AND size > {SMALL} * current_setting('block_size')::int AND size > {A_MARK} * reltuples ORDER BY 1
"""
_IN_OTHER = """
SELECT EXISTS (SELECT FROM registers_mark_other WHERE day BETWEEN make_date(%(year)s, 8, 1)
               AND make_date(%(year)s + 1, 7, 31))
"""


def keep(today: date) -> None:
    """Make the partitions of this year and the next, and pack the years that are over. Outside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT year FROM ({_YEARS}) AS years")
        known = {year for (year,) in cursor.fetchall()}
        for year in {academic_year_of(today), academic_year_of(today) + 1} - known:
            cursor.execute(_IN_OTHER, {"year": year})
            if not cursor.fetchone()[0]:  # once its marks are there, they stay
                cursor.execute("SELECT registers_add_mark_year(%s)", [year])
        cursor.execute("ANALYZE registers_mark")  # autovacuum looks at each partition, never at the whole
        cursor.execute(_LOOSE, [academic_year_of(today - SETTLED)])
        for (year,) in cursor.fetchall():
            _pack(cursor, f"registers_mark_{year}")


def _pack(cursor: CursorWrapper, table: str) -> None:
    """Registers can be read and amended meanwhile."""
    cursor.execute(f"DROP INDEX IF EXISTS {table}_pkey_ccnew")  # of a night that was broken off
    cursor.execute(f"ALTER INDEX {table}_pkey SET (fillfactor = 100)")
    cursor.execute(f"REINDEX INDEX CONCURRENTLY {table}_pkey")
    cursor.execute(f"VACUUM (FREEZE) {table}")  # never to be looked at again
