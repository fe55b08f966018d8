"""The database of a test: copied from one that was migrated once, emptied without being made anew, and its address."""

import hashlib
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import django
from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection, transaction

ROOT = Path(__file__).resolve().parent.parent
# Made by the migrations, and true of every test.
STAYS = ("django_migrations", "django_content_type", "auth_permission")


def address(name: str = "") -> str:
    """The `DATABASE_URL` of the test's database, or of another on its server; embedded (a socket) or a server."""
    of = connection.settings_dict
    where = {"host": of["HOST"] or of["OPTIONS"].get("host", ""), "port": of["PORT"]}
    query = urlencode({key: value for key, value in where.items() if value})
    return f"postgres://{of['USER']}:{quote(of['PASSWORD'] or '')}@/{name or of['NAME']}?{query}"


def server() -> tuple[str, int]:
    """Host, or folder of the socket, and port of the test's server."""
    of = connection.settings_dict
    return of["HOST"] or of["OPTIONS"].get("host", ""), int(of["PORT"] or 5432)


def address_at(port: int) -> str:
    """The same by a port of this machine, at which somebody leads there."""
    of = connection.settings_dict
    return f"postgres://{of['USER']}:{quote(of['PASSWORD'] or '')}@127.0.0.1:{port}/{of['NAME']}"


@contextmanager
def of_its_own(worker: str = "", *, anew: bool = True) -> Iterator[None]:
    """Connect to a database that no other process tests with: `test_`, the configured name, the worker's.

    It is a copy of a migrated one, which is kept from run to run until a migration changes. Not `anew`: one that lies
    there and has the same migrations will do.
    """
    configured, template = prepare()
    with connection._nodb_cursor() as cursor:
        name = _name_of_its_own(cursor, f"test_{configured}_{worker}".rstrip("_"))
        cursor.execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name])
        if anew or cursor.fetchone() != (template,):
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
            cursor.execute(f"COMMENT ON DATABASE \"{name}\" IS '{template}'")
        _connect(name)
        yield  # the lock on the name is held as long
        connection.close()


def prepare() -> tuple[str, str]:
    """Have the migrated database that tests copy; the configured name, and its own. `python -m tests.databases`."""
    configured = str(connection.settings_dict["NAME"])
    template = f"test_{configured}_{migrations_fingerprint()}"
    with connection._nodb_cursor() as cursor:
        _make_template(cursor, configured, template)
    return configured, template


def template() -> str:
    """The name of the database that the test's own was copied from."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
        )
        name: str = cursor.fetchone()[0]
    return name


def migrations_fingerprint() -> str:
    """Of what the schema is made of: Django, the migrations, and the modules of the project that they import."""
    migrations = sorted(ROOT.glob("*/migrations/*.py"))
    imported = set(re.findall(r"^(?:from|import) ([\w.]+)", "\n".join(map(Path.read_text, migrations)), re.MULTILINE))
    modules = [path for name in sorted(imported) if (path := ROOT / f"{name.replace('.', '/')}.py").exists()]
    content = b"".join(path.name.encode() + path.read_bytes() for path in [*migrations, *modules])
    return hashlib.sha256(django.__version__.encode() + content).hexdigest()[:12]


def _make_template(cursor: Any, configured: str, template: str) -> None:
    """Migrated by whoever comes first, while the others wait; whole or not there. Those of former migrations go."""
    lock = f"templates of {configured}"
    cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [lock])
    cursor.execute(
        "SELECT datname FROM pg_database WHERE datname ~ %s", [f"^test_{configured}_[0-9a-f]{{12}}(_making)?$"]
    )
    there = {name for (name,) in cursor.fetchall()}
    if template not in there:
        for former in there:
            cursor.execute(f'DROP DATABASE "{former}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{template}_making"')
        _connect(f"{template}_making")
        call_command("migrate", verbosity=0, interactive=False)
        connection.close()
        cursor.execute(f'ALTER DATABASE "{template}_making" RENAME TO "{template}"')
    cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", [lock])


def _name_of_its_own(cursor: Any, name: str) -> str:
    """The name, or when another run tests there just now the name and a number."""
    for each in (name, *(f"{name}_{number}" for number in range(2, 100))):
        cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [each])
        if cursor.fetchone()[0]:
            return each
    raise AssertionError(f"a hundred runs test on {name}")


def _connect(name: str) -> None:
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


def until_somebody_waits(holder: Any = None) -> None:
    """Until another connection waits for a lock that this one holds, or the one of the cursor `holder`."""
    deadline = time.monotonic() + 120  # a program that is to wait has to start first
    with nullcontext(holder) if holder else connection.cursor() as cursor:
        while True:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            if cursor.fetchone()[0]:
                return
            assert time.monotonic() < deadline, "nobody waits"
            time.sleep(0.01)


def empty() -> None:
    """Remove every row, those of the append-only logs too, when nobody writes any more.

    DELETE, not TRUNCATE: a hundred tables with few rows take some milliseconds instead of two seconds.
    """
    tables = [f'"{name}"' for name in connection.introspection.table_names() if name not in STAYS]
    emptied = "; ".join(f"DELETE FROM {table}" for table in tables)
    for may_try_again in (True, True, False):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL session_replication_role = replica; SET LOCAL lock_timeout = '60s'")
                cursor.execute(f"LOCK TABLE {', '.join(tables)} IN SHARE ROW EXCLUSIVE MODE; {emptied}")
            return
        except OperationalError:  # a request that a browser no longer waits for held one table and wanted the next
            if not may_try_again:
                raise


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    prepare()
