"""A PostgreSQL server of the test's own, from the wheel that every machine has: to restart, to let run out of room."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

from django.db import connection

from attendance_mis.embedded import server_in
from tests import databases

NAME = "moved"
# Hints for the planner at a column, of which a server may have kinds of its own.
_OPTIONS = re.compile(rb"^ALTER TABLE ONLY \S+ ALTER COLUMN .* SET \(.*\);\n", re.MULTILINE)
DISK_MB = 160
CONFIGURATION = databases.ROOT / "docs" / "deploy" / "postgresql"


class Cluster:
    """The server, with one database. `folder` is its whole disk, where the machine lets one be made."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = server_in(folder / "postgres")
        self.host = str(self.server.get_postmaster_info().socket_dir)
        self.bin = self.server.bin_path

    def run(self, command: str, *arguments: str) -> None:
        """A program of the server's, as its user."""
        subprocess.run(
            [self.bin / command, *arguments], user=self.server.system_user, cwd="/", check=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def take(self, address: str) -> None:
        """A database from another server, as it stands there."""
        self.run("createdb", "--host", self.host, "--username", "postgres", NAME)
        made = subprocess.run(
            [self.bin / "pg_dump", "--no-owner", "--no-privileges", address], capture_output=True, check=True
        )
        target = [f"--host={self.host}", "--username=postgres", f"--dbname={NAME}"]
        subprocess.run(
            [self.bin / "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", *target],
            input=_OPTIONS.sub(b"", made.stdout), stdout=subprocess.DEVNULL, check=True,
        )  # fmt: skip

    def restart(self) -> None:
        """At once, as after a power cut: nobody is waited for, and what was committed is recovered from the log."""
        data = self.server.pgdata
        self.run("pg_ctl", "--wait", "--mode=immediate", f"--pgdata={data}", f"--log={data / 'log'}", "restart")
        self.server.ensure_postgres_running()

    def stop(self) -> None:
        """At once, too; `restart` starts it again."""
        self.run("pg_ctl", "--wait", "--mode=immediate", f"--pgdata={self.server.pgdata}", "stop")

    def keep_log(self) -> None:
        """Archive the log, as docs/deploy/postgresql says."""
        self._folder("wal")
        self._configure("archive.conf")
        self.restart()

    def back_up_files(self) -> None:
        """The server's files as they are: what a recovery begins with."""
        base = self._folder("base")
        server = [f"--host={self.host}", "--username=postgres"]
        self.run("pg_basebackup", *server, f"--pgdata={base}", "--checkpoint=fast", "--wal-method=none")

    def lose_and_recover(self, moment: datetime) -> None:
        """The files are gone; the server starts from those backed up and reads the archived log up to a moment."""
        data = self.server.pgdata
        self.stop()
        data.rename(self.folder / "lost")
        (self.folder / "base").rename(data)
        for socket in data.glob(".s.PGSQL.*"):  # the wheel's server has it among its files
            socket.unlink()
        self._configure("recover.conf", recovery_target_time=moment.isoformat())
        signal = data / "recovery.signal"
        signal.touch()
        self._give(signal)
        listen = f"--options=-h '' -k {self.host}"
        self.run("pg_ctl", "--wait", "--timeout=120", f"--pgdata={data}", f"--log={data / 'log'}", listen, "start")
        self.server.ensure_postgres_running()

    def _configure(self, name: str, **values: str) -> None:
        text = (CONFIGURATION / name).read_text().replace("/mnt/wal", str(self.folder / "wal"))
        for key, value in values.items():
            text = re.sub(f"^{key} = .*$", f"{key} = '{value}'", text, flags=re.MULTILINE)
        with (self.server.pgdata / "postgresql.conf").open("a") as file:
            file.write(text)

    def _folder(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir(mode=0o700)
        self._give(folder)
        return folder

    def _give(self, path: Path) -> None:
        """To the server's user, where that is another."""
        if self.server.system_user:
            shutil.chown(path, self.server.system_user)

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """Its disk is written full until the system has no byte left (ENOSPC); afterwards there is room again."""
        ballast, block = self.folder / "ballast", bytes(1 << 20)
        with ballast.open("wb", buffering=0) as file:
            while block:
                try:
                    file.write(block)
                except OSError:
                    block = block[: len(block) // 2]
        try:
            yield
        finally:
            ballast.unlink()

    @contextmanager
    def full_device(self, table: str) -> Iterator[None]:
        """The same where no disk can be made small: the long values of this table, none of which is there yet, lie on
        the system's device that never has room (/dev/full)."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_relation_filepath(reltoastrelid) FROM pg_class WHERE oid = %s::regclass", [table])
            file = self.server.pgdata / cursor.fetchone()[0]
            cursor.execute("CHECKPOINT")
        assert file.stat().st_size == 0
        aside = file.with_suffix(".aside")
        file.rename(aside)
        file.symlink_to("/dev/full")
        try:
            yield
        finally:
            file.unlink()
            aside.rename(file)
            self.restart()  # nobody keeps the device open


@contextmanager
def folder_of_any_size() -> Iterator[Path]:
    """For a server's data. Not pytest's: its folders are closed to the server's user, again and again."""
    with tempfile.TemporaryDirectory(prefix="cluster-") as folder:
        yield Path(folder)


@contextmanager
def small_disk() -> Iterator[Path]:
    """A disk of a few MB. Raises OSError where this machine lets nobody make one."""
    with folder_of_any_size() as folder:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", folder]
        if subprocess.run(mount, capture_output=True).returncode:
            raise OSError("This machine lets nobody mount a disk.")
        try:
            yield folder
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def without_room(kind: str, table: str = "") -> Iterator[ExitStack]:
    """The test's database on a server that has no room. Closed, the stack that is given makes room again.

    `kind` is "small disk", which raises OSError where nobody may make one, or "full device", for `table` alone.
    """
    with ExitStack() as stack:
        is_disk = kind == "small disk"
        folder = stack.enter_context(small_disk() if is_disk else folder_of_any_size())
        cluster = stack.enter_context(database_moved(folder))
        room = ExitStack()
        stack.enter_context(room)
        room.enter_context(cluster.full_disk() if is_disk else cluster.full_device(table))
        yield room


@contextmanager
def database_moved(folder: Path) -> Iterator[Cluster]:
    """The test's database as it stands, on a server with its data in a folder; meanwhile `connection` leads there."""
    before = dict(connection.settings_dict)
    cluster = Cluster(folder)
    with cluster.server:
        cluster.take(databases.address())
        _lead_to(HOST=cluster.host, PORT="", USER="postgres", PASSWORD="", NAME=NAME)
        try:
            yield cluster
        finally:
            _lead_to(**before)


def _lead_to(**server: object) -> None:
    connection.close()
    connection.settings_dict.update(server)
