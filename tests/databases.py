"""The database of a test as a process of its own reaches it."""

from urllib.parse import quote, urlencode

from django.db import connection


def address(name: str = "") -> str:
    """The `DATABASE_URL` of the test's database, or of another on its server; embedded (a socket) or a server."""
    of = connection.settings_dict
    where = {"host": of["HOST"] or of["OPTIONS"].get("host", ""), "port": of["PORT"]}
    query = urlencode({key: value for key, value in where.items() if value})
    return f"postgres://{of['USER']}:{quote(of['PASSWORD'] or '')}@/{name or of['NAME']}?{query}"
