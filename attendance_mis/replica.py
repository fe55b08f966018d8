"""Pages of figures may read from a streaming copy of the database, so that they do not wait behind registers.

`REPLICA_URL` names the copy. Without it, or while it does not answer, they read where everybody writes.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import structlog
from django.conf import settings
from django.db import OperationalError, connections
from django.http import HttpResponse

from attendance_mis.requests import Request

REPLICA = "replica"
SILENCE_SECONDS = 30  # each try of a copy that is gone costs a page its time-out
_asked_again_at = 0.0
log = structlog.get_logger(__name__)


@contextmanager
def reading_replica() -> Iterator[None]:
    """Every query of this thread in the block, the hand-written ones too, goes to the copy; it refuses to write."""
    if not _answers():
        yield
        return
    primary = connections["default"]
    connections["default"] = connections[REPLICA]
    try:
        yield
    finally:
        connections["default"] = primary


def on_replica(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page that only reads, and may be a moment behind: its GET reads from the copy, inside the guard's door."""

    @wraps(view)
    def reads(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "GET":
            return view(request, *args, **kwargs)
        with reading_replica():
            return view(request, *args, **kwargs)

    reads.reads_replica = True  # type: ignore[attr-defined]
    return reads


def _answers() -> bool:
    """Whether there is a copy to read from; one that did not answer is not asked again for a while."""
    global _asked_again_at
    if REPLICA not in connections.settings or time.monotonic() < _asked_again_at:
        return False
    replica = connections[REPLICA]
    try:
        replica.close_if_health_check_failed()  # a connection kept since the request before
        replica.ensure_connection()
        if settings.IS_POOLED:  # PgBouncer is there, whether or not the copy behind it is
            with replica.cursor() as cursor:
                cursor.execute("SELECT 1")
    except OperationalError:
        _asked_again_at = time.monotonic() + SILENCE_SECONDS
        log.warning("replica_does_not_answer")
        return False
    return True
