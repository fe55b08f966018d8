"""Marks by academic year, in partitions (decision 0044). The rows are written anew: a minute for ten million."""

from django.db import migrations

from registers import mark_years

UNAUTHORISED = (
    "ON registers_mark (school_id, pupil_id, day) INCLUDE (code) WHERE code IN (19, 20, 21, 22, 120, 121, 122, 123)"
)


def written_anew(partitions: str, by: str = "") -> str:
    """SQL that gives the marks another table of the same name, columns, keys and triggers."""
    return f"""
ALTER TABLE registers_mark RENAME TO registers_mark_left;
ALTER TABLE registers_mark_left RENAME CONSTRAINT registers_mark_pkey TO registers_mark_left_pkey;
ALTER INDEX mark_unauthorised RENAME TO mark_unauthorised_left;
CREATE TABLE registers_mark (LIKE registers_mark_left INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
  PRIMARY KEY (school_id, pupil_id, day, session) INCLUDE (code)) {by};
CREATE INDEX mark_unauthorised {UNAUTHORISED};
{partitions}
INSERT INTO registers_mark SELECT * FROM registers_mark_left;
DO $$
DECLARE
  stands text;
BEGIN
  FOR stands IN SELECT pg_get_triggerdef(oid) FROM pg_trigger
    WHERE tgrelid = 'registers_mark_left'::regclass AND NOT tgisinternal
  LOOP
    EXECUTE replace(stands, 'registers_mark_left', 'registers_mark');
  END LOOP;
END $$;
DROP TABLE registers_mark_left;
ANALYZE registers_mark;
"""


# The six years a register is kept, this one, and the next.
PARTITIONS = """
DO $$
DECLARE
  this int := extract(year FROM current_date) - (extract(month FROM current_date) < 8)::int;
BEGIN
  EXECUTE format('CREATE TABLE registers_mark_before PARTITION OF registers_mark FOR VALUES FROM (MINVALUE) TO (%L)',
                 make_date(this - 6, 8, 1));
  FOR year IN this - 6 .. this + 1 LOOP
    PERFORM registers_add_mark_year(year);
  END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("registers", "0013_entry_in_order")]

    operations = [
        migrations.RunSQL(mark_years.CREATE_FUNCTION, "DROP FUNCTION registers_add_mark_year(int)"),
        migrations.RunSQL(written_anew(PARTITIONS, "PARTITION BY RANGE (day)"), written_anew("")),
    ]
