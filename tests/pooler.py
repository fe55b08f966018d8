"""A PgBouncer of the test's own before a PostgreSQL of the test's own, by the file that docs/deploy has."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.cluster import NAME, Cluster
from tests.databases import ROOT

# Debian keeps it where only root looks.
PROGRAM = shutil.which("pgbouncer", path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin")
CONFIGURATION = ROOT / "docs" / "deploy" / "pgbouncer.ini"


class Pooler:
    """Lends `size` connections to whoever comes to `url`. It can be killed and started again."""

    def __init__(self, cluster: Cluster, folder: Path, port: int, size: int) -> None:
        self.cluster, self.folder, self.port = cluster, folder, port
        self.url = f"postgres://postgres@127.0.0.1:{port}/{NAME}"
        values = {
            "listen_port": port, "unix_socket_dir": "", "logfile": folder / "log", "pidfile": folder / "pid",
            "auth_type": "trust", "auth_file": folder / "users", "stats_users": "postgres", "default_pool_size": size,
        }  # fmt: skip
        text = CONFIGURATION.read_text()
        text = text.replace(
            "attendance = host=db.example port=5432 dbname=attendance", f"{NAME} = host={cluster.host} dbname={NAME}"
        )
        for key, value in values.items():
            text, found = re.subn(f"^{key} = .*$", f"{key} = {value}", text, flags=re.MULTILINE)
            assert found == 1, key
        (folder / "pgbouncer.ini").write_text(text)
        (folder / "users").write_text('"postgres" ""\n')
        folder.chmod(0o777)  # the server's user is another where a test is root's

    def start(self) -> None:
        """With the server's user: PgBouncer refuses to run as root."""
        assert PROGRAM
        self.process = subprocess.Popen(
            [PROGRAM, "--quiet", self.folder / "pgbouncer.ini"], user=self.cluster.server.system_user, cwd="/"
        )

    def kill(self) -> None:
        """With every connection it has, as the power would."""
        self.process.kill()
        self.process.wait()

    def ask(self, what: str) -> list[dict[str, Any]]:
        """`SHOW POOLS`, `SHOW CLIENTS` and the like."""
        address = self.url.replace(f"/{NAME}", "/pgbouncer")
        with (
            psycopg.connect(address, autocommit=True) as console,
            psycopg.ClientCursor(console, row_factory=psycopg.rows.dict_row) as cursor,
        ):
            return cursor.execute(f"SHOW {what}").fetchall()  # type: ignore[call-overload]


@contextmanager
def pooler_before(cluster: Cluster, port: int, size: int = 2) -> Iterator[Pooler]:
    """PgBouncer for the length of the block. A machine without it skips the test and says so."""
    if PROGRAM is None:
        pytest.skip("there is no pgbouncer on this machine")
    with tempfile.TemporaryDirectory(prefix="pooler-") as folder:
        pooler = Pooler(cluster, Path(folder), port, size)
        pooler.start()
        try:
            yield pooler
        finally:
            pooler.kill()
