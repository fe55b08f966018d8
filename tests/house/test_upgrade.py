"""A version is taken back and put in again with a school in the database, and the record is the same to the letter."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from tests import databases
from tests.packs import Pack

# The last migrations of the version before, which an upgrade finds on the server. To be set anew at each release.
RELEASED = {
    "penalties": "0003_packs_and_orders",
    "casework": "0010_meetings_referrals_supervision",
    "letters": "0006_pdf_of_a_copy",
    "reports": "0002_governor_reports",
    "registers": "0009_certificates",
    "attendance_mis": "0005_backup_made",
}
# In one process: each start of Django would cost more than what it does.
REHEARSAL = """
import sys
import django
django.setup()
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
released, pack, out = dict(pair.split("=") for pair in sys.argv[3:]), sys.argv[1], sys.argv[2]

def marks():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM registers_mark")
        return cursor.fetchone()[0]

call_command("import_school", pack, verbosity=0)
call_command("export_school", "123456", out + "/before")
call_command("verify_record")
print("rows of marks", marks())
MigrationExecutor(connection).migrate(list(released.items()))  # `migrate <app> <name>` of each, read once
print("rows of marks", marks())
call_command("migrate", verbosity=0)
call_command("verify_record")
call_command("export_school", "123456", out + "/after")
"""


@pytest.fixture
def migrated_database(db: None) -> Iterator[str]:
    """The address of a database of its own, copied from the one that all migrations made."""
    name = f"{connection.settings_dict['NAME']}_upgrade"
    with psycopg.connect(databases.address(), autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{databases.template()}"')
        yield databases.address(name)
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.mark.long
def test_back_to_the_version_before_and_up_again(migrated_database: str, tmp_path: Path) -> None:
    pack = Pack().write(tmp_path / "pack")
    done = subprocess.run(
        [sys.executable, "-c", REHEARSAL, pack, tmp_path, *(f"{app}={name}" for app, name in RELEASED.items())],
        env={**os.environ, "DATABASE_URL": migrated_database, "DJANGO_SETTINGS_MODULE": "attendance_mis.settings"},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout.splitlines()
    assert [line for line in said if line.startswith("rows of marks")] == ["rows of marks 12"] * 2, (
        "a step back loses no mark"
    )
    check_values = [line for line in said if "Check value" in line]
    assert len(check_values) == 2
    assert check_values[0] == check_values[1]
    assert "FAULT" not in done.stdout
    before, after = (sorted((tmp_path / when).iterdir()) for when in ("before", "after"))
    assert [path.name for path in before] == [path.name for path in after]
    assert [path.read_bytes() for path in before] == [path.read_bytes() for path in after]


@pytest.mark.long
def test_a_migration_does_not_stand_in_everybodys_way(migrated_database: str) -> None:
    """Behind a long reader, a backup say, it would wait for its lock, and every save behind it: it gives up instead."""
    with psycopg.connect(migrated_database) as reader:
        reader.execute("SELECT FROM reports_madereport")  # and the transaction goes on
        done = subprocess.run(
            [sys.executable, "manage.py", "migrate", "reports", "0002"],
            env={**os.environ, "DATABASE_URL": migrated_database, "DJANGO_SETTINGS_MODULE": "attendance_mis.settings"},
            cwd=settings.BASE_DIR, capture_output=True, text=True,
        )  # fmt: skip
        assert "canceling statement due to lock timeout" in done.stderr
        assert done.returncode == 1
        assert reader.execute("SELECT to_regclass('reports_madereport') IS NOT NULL").fetchone() == (True,)
