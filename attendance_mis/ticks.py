"""Is the clock of the worker going round? Beat, broker and worker together are, when the last tick is young."""

from datetime import datetime, timedelta

from django.core.cache import cache
from django.utils import timezone

KEY = "ticks:last"
STALE = timedelta(minutes=3)  # three ticks missed


def note_tick() -> None:
    cache.set(KEY, timezone.now(), timeout=None)


def last() -> datetime | None:
    """When a worker last ran the tick; None when none has."""
    moment: datetime | None = cache.get(KEY)
    return moment


def is_going() -> bool:
    """True when a worker has run the tick within `STALE`."""
    moment = last()
    return moment is not None and timezone.now() - moment < STALE
