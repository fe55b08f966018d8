"""What `manage.py check --deploy` finds out about the way to the database (decision 0065)."""

from dataclasses import dataclass
from typing import Any

import psycopg
from django.conf import settings
from django.core import checks

# Whoever asks a server twice is given the same two; no two servers, and no two databases, have both.
_WHICH = "SELECT pg_backend_pid(), pg_postmaster_start_time(), current_database()"


@dataclass(frozen=True, slots=True)
class Way:
    """Where an address leads, and whether somebody stands between."""

    is_pooled: bool
    server: tuple[Any, ...]


@checks.register(deploy=True)
def pooler_is_named(**kwargs: Any) -> list[checks.CheckMessage]:
    """DIRECT_URL is set where DATABASE_URL leads through a pooler, and only there. One that is away says nothing."""
    pooled, direct = _way(settings.DATABASE_URL), _way(settings.DIRECT_URL)
    warnings = []
    if pooled and pooled.is_pooled and not settings.DIRECT_URL:
        warnings.append(("W001", "DATABASE_URL leads through a pooler: name the database itself in DIRECT_URL."))
    if pooled and direct and not pooled.is_pooled:
        warnings.append(("W002", "DATABASE_URL leads through no pooler: take DIRECT_URL away, it makes pages slower."))
    if direct and direct.is_pooled:
        warnings.append(("W003", "DIRECT_URL leads through a pooler: backups and migrations need the database itself."))
    if pooled and direct and pooled.server != direct.server:
        warnings.append(("W004", "DIRECT_URL and DATABASE_URL lead to two databases."))
    return [checks.Warning(words, id=f"attendance_mis.{number}") for number, words in warnings]


def _way(address: str) -> Way | None:
    """None when there is none, or it cannot be told."""
    if not address:
        return None
    try:
        with psycopg.connect(address, connect_timeout=3) as connection:
            [(process, *server)] = connection.execute(_WHICH).fetchall()
            # A pooler tells its client a number of its own to cancel by, not that of the process that answers.
            return Way(is_pooled=process != connection.info.backend_pid, server=tuple(server))
    except psycopg.Error:
        return None
