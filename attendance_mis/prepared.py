"""Statements whose plan the connection keeps: for the few that run on every page of the morning.

Django sends each statement as text to be planned anew. Here its values are bound on the server, and psycopg prepares
what it has seen a few times (`prepare_threshold` in settings; behind a pooler, never). Planning took half of a
register's reading. Cast a parameter (`%(day)s::date`) where its place does not tell its type.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections


def rows(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """All rows a statement answers, by Django's own cursor where somebody reads the text of statements (tests, DEBUG).

    In binary: a moment as text is read by Python, thirty times a class.
    """
    database: Any = connections[DEFAULT_DB_ALIAS]
    if database.queries_logged:
        with database.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall()
    database.close_if_health_check_failed()
    database.ensure_connection()
    with database.wrap_database_errors, psycopg.Cursor(database.connection) as cursor:
        return cursor.execute(statement, values, binary=True).fetchall()


def array(items: Iterable[Any]) -> str:
    """Numbers or keys as PostgreSQL writes an array; from a list psycopg would find the type anew by each of them."""
    return f"{{{','.join(['NULL' if item is None else str(item) for item in items])}}}"
