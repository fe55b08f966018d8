"""Statements whose plan the connection keeps: for the few that run on every page of the morning.

Django sends each statement as text to be planned anew. A cursor from here binds its values on the server, and psycopg
prepares what it has seen a few times (`prepare_threshold` in settings). Planning took half of a register's reading.
Cast a parameter (`%(day)s::date`) where its place does not tell its type.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection


@contextmanager
def cursor() -> Iterator[Any]:
    """A cursor that keeps plans; an ordinary one where somebody reads the text of the statements (tests, DEBUG)."""
    if connection.queries_logged:
        with connection.cursor() as ordinary:
            yield ordinary
        return
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    with connection._prepare_cursor(psycopg.Cursor(connection.connection)) as keeping:  # type: ignore[attr-defined]
        keeping.cursor.format = psycopg.pq.Format.BINARY  # a moment as text is read by Python, thirty times a class
        yield keeping
