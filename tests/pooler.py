"""A PgBouncer of one's own before a PostgreSQL, by the file that docs/deploy has: for tests and for a bench."""

import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.databases import ROOT
from tests.wire import a_port

# Debian keeps it where only root looks.
PROGRAM = shutil.which("pgbouncer", path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin")
CONFIGURATION = ROOT / "docs" / "deploy" / "pgbouncer.ini"
NOBODY = pwd.getpwuid(65534).pw_name if os.geteuid() == 0 else None
PASSWORD = "of-the-one-between"
PLACE = "attendance = host=db.example port=5432 dbname=attendance"


class Pooler:
    """Lends `size` connections of the server at `address` to whoever comes to `url`. Killed, it can be started again.

    PgBouncer refuses to run as root: then `run_as` is somebody else, who reaches the server. `patience`: seconds that a
    query waits for a connection, where not those of the file.
    """

    def __init__(self, address: str, folder: Path, size: int, run_as: str | None, patience: int | None = None) -> None:
        server, port = conninfo_to_dict(address), a_port()
        self.port = port
        name, user = server["dbname"], server["user"]
        self.url, self.console = (
            f"postgres://{user}:{PASSWORD}@127.0.0.1:{port}/{each}" for each in (name, "pgbouncer")
        )
        self.file, self.run_as = folder / "pgbouncer.ini", run_as
        text = CONFIGURATION.read_text()
        assert PLACE in text
        where = " ".join(f"{key}={server[key]}" for key in ("host", "port", "dbname", "password") if server.get(key))
        text = text.replace(PLACE, f"{name} = {where}")
        values = {
            "listen_port": port, "unix_socket_dir": "", "logfile": folder / "log", "pidfile": folder / "pid",
            "auth_file": folder / "users", "stats_users": user, "default_pool_size": size,
        }  # fmt: skip
        if patience:
            values["query_wait_timeout"] = patience
        for key, value in values.items():
            text, found = re.subn(f"^{key} = .*$", f"{key} = {value}", text, flags=re.MULTILINE)
            assert found == 1, key
        self.file.write_text(text)
        (folder / "users").write_text(f'"{user}" "{PASSWORD}"\n')
        if run_as:
            for each in (folder, *folder.iterdir()):
                shutil.chown(each, run_as)

    def start(self) -> None:
        assert PROGRAM
        self.process = subprocess.Popen([PROGRAM, "--quiet", self.file], user=self.run_as, cwd="/")

    def answers(self) -> bool:
        with socket.socket() as tried:
            return tried.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self) -> None:
        """With every connection it has, as the power would."""
        self.process.kill()
        self.process.wait()

    def pools(self) -> list[dict[str, Any]]:
        """What it says of itself, by database."""
        with (
            psycopg.connect(self.console, autocommit=True) as console,
            psycopg.ClientCursor(console, row_factory=psycopg.rows.dict_row) as cursor,
        ):
            return cursor.execute("SHOW POOLS").fetchall()


@contextmanager
def pooler_before(
    address: str, size: int, run_as: str | None = NOBODY, patience: int | None = None
) -> Iterator[Pooler]:
    """PgBouncer for the length of the block. A machine without it skips the test and says so."""
    if PROGRAM is None:
        pytest.skip("there is no pgbouncer on this machine")
    with tempfile.TemporaryDirectory(prefix="pooler-") as folder:
        pooler = Pooler(address, Path(folder), size, run_as, patience)
        pooler.start()
        try:
            yield pooler
        finally:
            pooler.kill()
