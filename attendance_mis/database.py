"""What the database itself holds, as steps for migrations: one school per row, logs that only grow."""

from django.db import migrations


def same_school(table: str, column: str, target: str) -> migrations.RunSQL:
    """`(school_id, column)` of `table` must be a row of `target` in the same school."""
    name = f"{table}_{column}_same_school"[:63]
    return migrations.RunSQL(
        f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" FOREIGN KEY (school_id, "{column}") '
        f'REFERENCES "{target}" (school_id, id) DEFERRABLE INITIALLY DEFERRED',
        f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"',
    )


def append_only_function() -> migrations.RunSQL:
    """The function behind `append_only`."""
    return migrations.RunSQL(
        """
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
        END $$
        """,
        "DROP FUNCTION refuse_change()",
    )


def append_only_but_for_disposals() -> migrations.RunSQL:
    """Rows of an append-only table may be deleted in the transaction that writes a certificate of it, and in no other.

    `attendance.disposal` names the certificate. It stands in an append-only, sealed log itself, so whoever opens this
    door leaves a row that cannot be taken back.
    """
    refuse = "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';"
    return migrations.RunSQL(
        f"""
        CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF TG_OP = 'DELETE' AND TG_TABLE_NAME NOT IN ('attendance_mis_block', 'attendance_mis_disposal')
             AND EXISTS (SELECT FROM attendance_mis_disposal d
                         WHERE d.id::text = current_setting('attendance.disposal', true)
                           AND d.transaction::text = pg_current_xact_id()::text) THEN
            RETURN NULL;
          END IF;
          {refuse}
        END $$
        """,
        f"CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {refuse} END $$",
    )


def append_only(table: str) -> migrations.RunSQL:
    """UPDATE, DELETE and TRUNCATE of `table` are refused, whoever asks."""
    return migrations.RunSQL(
        f'CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "{table}" '
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
        f'DROP TRIGGER append_only ON "{table}"',
    )


def never_overlap(table: str, column: str, start: str, end: str) -> migrations.RunSQL:
    """Two spells of the same `column` (an integer key) may not share a day; an empty `end` is open."""
    name = f"{table}_never_overlap"
    # A range of one integer with && instead of = needs no btree_gist, which an embedded PostgreSQL lacks.
    return migrations.RunSQL(
        f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" EXCLUDE USING gist '
        f"(int4range({column}, {column}, '[]') WITH &&, daterange({start}, \"{end}\", '[]') WITH &&) "
        "DEFERRABLE INITIALLY DEFERRED",
        f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"',
    )


def same_school_of_many(table: str, column: str, target: str) -> migrations.RunSQL:
    """What `same_school` holds, checked once per statement: for a table that millions of rows are loaded into.

    A foreign key asks once per row. The rows referred to are locked as it would lock them, cannot go while they are
    referred to, and a row of `table` never moves to another.
    """
    return migrations.RunSQL(
        f"""
        CREATE FUNCTION {table}_same_school() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
          schools int[];
          ids int[];
          held int;
        BEGIN
          SELECT array_agg(school_id), array_agg("{column}") INTO schools, ids
          FROM (SELECT DISTINCT school_id, "{column}" FROM written) AS w;
          PERFORM FROM {target} t JOIN unnest(schools, ids) AS w (school_id, id)
            ON t.school_id = w.school_id AND t.id = w.id FOR KEY SHARE OF t;
          GET DIAGNOSTICS held = ROW_COUNT;
          IF held < coalesce(cardinality(ids), 0) THEN
            RAISE EXCEPTION '% holds a {column} that is not of the school', TG_TABLE_NAME
              USING ERRCODE = 'foreign_key_violation';
          END IF;
          RETURN NULL;
        END $$;
        CREATE TRIGGER same_school AFTER INSERT ON {table} REFERENCING NEW TABLE AS written
          FOR EACH STATEMENT EXECUTE FUNCTION {table}_same_school();

        CREATE FUNCTION {table}_stays() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          RAISE EXCEPTION 'a row of % stays with its {column}', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
        END $$;
        CREATE TRIGGER stays BEFORE UPDATE ON {table} FOR EACH ROW
          WHEN ((OLD.school_id, OLD."{column}") IS DISTINCT FROM (NEW.school_id, NEW."{column}"))
          EXECUTE FUNCTION {table}_stays();

        CREATE FUNCTION {table}_still_refers() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF EXISTS (SELECT FROM {table} r WHERE r.school_id = OLD.school_id AND r."{column}" = OLD.id) THEN
            RAISE EXCEPTION '{table} still refers to this row of %', TG_TABLE_NAME
              USING ERRCODE = 'foreign_key_violation';
          END IF;
          RETURN NULL;
        END $$;
        -- After, not before: then it has waited for a writer who holds the row, and sees what that writer left.
        CREATE TRIGGER {table}_still_refers AFTER DELETE ON {target}
          FOR EACH ROW EXECUTE FUNCTION {table}_still_refers();
        CREATE TRIGGER {table}_still_refers_moved AFTER UPDATE OF id, school_id ON {target}
          FOR EACH ROW WHEN ((OLD.school_id, OLD.id) IS DISTINCT FROM (NEW.school_id, NEW.id))
          EXECUTE FUNCTION {table}_still_refers();
        """,
        f"""
        DROP TRIGGER {table}_still_refers_moved ON {target};
        DROP TRIGGER {table}_still_refers ON {target};
        DROP TRIGGER stays ON {table};
        DROP TRIGGER same_school ON {table};
        DROP FUNCTION {table}_still_refers();
        DROP FUNCTION {table}_stays();
        DROP FUNCTION {table}_same_school();
        """,
    )
