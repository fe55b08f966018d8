"""A backup is restored into an empty place, and the record there is proved to be the one that was backed up."""

import hashlib
import os
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from attendance_mis import seals
from attendance_mis.actions import Refused
from attendance_mis.models import BackupMade
from registers import record
from registers.actions import backups
from registers.models import Mark, Register
from tests import databases
from tests.cluster import database_moved, folder_of_any_size
from tests.letters.test_worker_killed import wait_until
from tests.registers.conftest import send

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]


@dataclass
class Backup:
    path: Path
    identity: str


@pytest.fixture
def backup(cast, mark, tmp_path) -> Backup:
    """A register taken, sent and sealed, and a file beside it, backed up."""
    mark(*cast.pupils)
    send(cast, cast.own_class)
    seals.seal(cast.school)
    files = tmp_path / "var" / "media"
    files.mkdir(parents=True)
    (files / "a pack.zip").write_bytes(b"as it came")
    recipient, identity = backups.make_key()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "MEDIA_ROOT", files)
        call_command("backup", tmp_path / "backups", "--recipient", recipient)
    [path] = (tmp_path / "backups").iterdir()
    return Backup(path, identity)


@pytest.fixture
def empty_place(tmp_path):
    """The environment of an empty database and an empty file store."""
    name = f"{connection.settings_dict['NAME']}_restored"
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
        cursor.execute(f'CREATE DATABASE "{name}"')
    yield {**os.environ, "DATABASE_URL": databases.address(name), "VAR_DIR": str(tmp_path / "elsewhere")}
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _manage(environment: dict[str, str], *arguments: object, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *map(str, arguments)],
        env=environment,
        input=given,
        capture_output=True,
        text=True,
        cwd=settings.BASE_DIR,
    )


def test_restored_into_an_empty_place_the_record_is_equal(backup, empty_place, cast):
    before = backups.prove()
    done = _manage(empty_place, "restore", backup.path, "--identity", "-", given=backup.identity)
    assert done.returncode == 0, done.stderr
    assert [line.split()[3] for line in done.stdout.splitlines() if line.endswith("  equal")] == [
        proof.check_value for proof in before
    ]
    assert (Path(empty_place["VAR_DIR"]) / "media" / "a pack.zip").read_bytes() == b"as it came"
    verified = _manage(empty_place, "verify_record")
    assert verified.returncode == 0, verified.stdout
    assert f"{len(cast.pupils)} marks equal the replay of their entries" in verified.stdout
    again = _manage(empty_place, "restore", backup.path, "--identity", "-", given=backup.identity)
    assert "The database is not empty" in again.stderr


@pytest.mark.parametrize("named", ["../elsewhere", "/tmp/elsewhere"])  # noqa: S108  never written
def test_an_archive_that_leads_elsewhere_is_refused(named, tmp_path):
    with tarfile.open(tmp_path / "all.tar", "w") as tar:
        tar.addfile(tarfile.TarInfo(named))
    (tmp_path / "place").mkdir()
    with tarfile.open(tmp_path / "all.tar") as tar, pytest.raises(Refused, match="what no backup does"):
        backups._unpack(tar, tmp_path / "place")
    assert not (tmp_path / "elsewhere").exists()


def test_it_is_restored_by_the_oldest_python_that_is_promised(backup, empty_place):
    """Debian 12 has 3.11.2, whose tarfile knows no filters."""
    words = ["manage.py", "restore", str(backup.path), "--identity", "-"]
    old = f"import tarfile, runpy, sys; tarfile.TarFile.extractall = None; sys.argv = {words!r}"
    done = subprocess.run(
        [sys.executable, "-c", f"{old}; runpy.run_path('manage.py', run_name='__main__')"],
        env=empty_place, input=backup.identity, capture_output=True, text=True, cwd=settings.BASE_DIR,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_nobody_else_opens_it_and_a_changed_file_is_refused(backup, empty_place):
    assert b"Okafor" not in backup.path.read_bytes()
    other = backups.make_key()[1]
    assert "cannot be opened with this key" in _refusal(empty_place, backup.path, other)
    assert "That is no private key" in _refusal(empty_place, backup.path, "letmein")
    spoilt = bytearray(backup.path.read_bytes())
    spoilt[len(spoilt) // 2] ^= 1
    backup.path.write_bytes(spoilt)
    assert "cannot be opened with this key" in _refusal(empty_place, backup.path, backup.identity)
    assert not (Path(empty_place["VAR_DIR"]) / "media").exists() or not list(
        (Path(empty_place["VAR_DIR"]) / "media").iterdir()
    )


def _refusal(environment: dict[str, str], path: Path, identity: str) -> str:
    done = _manage(environment, "restore", path, "--identity", "-", given=identity)
    assert done.returncode == 1
    return done.stderr


def test_a_backup_leaves_a_row_that_names_it(backup):
    made = BackupMade.objects.get()
    data = backup.path.read_bytes()
    assert (made.name, made.size, made.sha256) == (backup.path.name, len(data), hashlib.sha256(data).hexdigest())


def test_without_a_key_no_backup_is_made(db, tmp_path):
    with pytest.raises(CommandError, match="Set BACKUP_RECIPIENT"):
        call_command("backup", tmp_path / "backups", "--recipient", "")
    assert not (tmp_path / "backups").exists()


@pytest.mark.long
def test_recovered_to_a_moment_the_record_is_what_it_was_then(cast, mark):
    """The server's files are lost after a mistake; its base backup and its archived log give the moment before."""
    with folder_of_any_size() as folder, database_moved(folder) as cluster:
        cluster.keep_log()
        connection.close()
        mark(cast.pupils[0])
        cluster.back_up_files()
        mark(*cast.pupils[1:3], letter="N")  # in the log only
        seals.seal(cast.school)
        before = backups.prove()
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            [(moment,)] = cursor.fetchall()
            mark(*cast.pupils[3:])
            cursor.execute("DROP TABLE registers_register CASCADE")
            cursor.execute("SELECT pg_walfile_name(pg_switch_wal())")
            [(last,)] = cursor.fetchall()
        wait_until((folder / "wal" / last).exists, "the log is not archived")
        connection.close()
        cluster.lose_and_recover(moment)
        assert backups.prove() == before
        assert set(Mark.objects.values_list("pupil_id", flat=True)) == {pupil.pk for pupil in cast.pupils[:3]}
        assert not Register.objects.exists(), "the table is there again"
        checks = record.verify(cast.school).checks
        assert [check.faults for check in checks if check.faults] == []
