"""Redis as the cache, with one client and one connection kept for each thread, and pages that outlive its loss.

Django makes a client, and takes a connection out of a pool, for every key it asks for.

Nothing in the cache is the only one of its kind (sessions stand in the database too), so while Redis does not answer
each process keeps what it is given by itself. What was set or taken away meanwhile is taken out of Redis when it is
back: a session that ended in between must not come to life again.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

from django.core.cache.backends import locmem, redis
from redis import exceptions
from redis.backoff import NoBackoff
from redis.retry import Retry

LOST = (exceptions.ConnectionError, exceptions.TimeoutError)
ASK_AGAIN_AFTER = 5.0  # seconds
log = logging.getLogger(__name__)


class KeptClient(redis.RedisCacheClient):
    """Making a client costs more than the answer: it fills a table of two hundred commands. Ours has one server."""

    @cached_property
    def _kept(self) -> Any:
        pool = self._get_connection_pool(write=True)  # type: ignore[attr-defined]  # Django's, without a type
        return self._client(connection_pool=pool, single_connection_client=True)  # type: ignore[attr-defined]

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        return self._kept


class Outage:
    """Of this process: until when Redis is left alone, and the keys it holds wrong."""

    def __init__(self) -> None:
        self.until = 0.0
        self.wrong: set[str] = set()
        self.lock = threading.Lock()

    def begin(self, fault: Exception) -> None:
        """Leave Redis alone for a while; said once in a while, not for every page."""
        self.until = time.monotonic() + ASK_AGAIN_AFTER
        log.warning("Redis does not answer (%s); this process keeps its own cache.", type(fault).__name__)

    def take_wrong(self) -> set[str]:
        """The keys to take out of Redis, now that it answers."""
        with self.lock:
            wrong, self.wrong = self.wrong, set()
        return wrong


OUTAGE = Outage()


def _keys_of(name: str, argument: Any) -> Iterable[Any]:
    return argument if name in ("set_many", "delete_many") else [argument]


def _either(name: str) -> Callable[..., Any]:
    """The method of this name, of Redis or of the process's own cache."""
    is_change = name in ("set", "add", "delete", "touch", "incr", "set_many", "delete_many")

    def ask(self: "RedisCache", *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= OUTAGE.until:
            try:
                if OUTAGE.wrong:
                    self._put_right()
                return getattr(redis.RedisCache, name)(self, *args, **kwargs)
            except LOST as fault:
                OUTAGE.begin(fault)
        if is_change:
            made = {self.make_and_validate_key(key, version=kwargs.get("version")) for key in _keys_of(name, args[0])}
            with OUTAGE.lock:
                OUTAGE.wrong |= made
        return getattr(self.own, name)(*args, **kwargs)

    ask.__name__ = name
    return ask


class RedisCache(redis.RedisCache):
    """Django's, that does not fail when Redis does."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        waits = {"socket_connect_timeout": 1, "socket_timeout": 2, "retry": Retry(NoBackoff(), 1)}
        super().__init__(server, {**params, "OPTIONS": {**waits, **params.get("OPTIONS", {})}})
        self._class = KeptClient
        self.own = locmem.LocMemCache("while Redis is lost", {**params, "OPTIONS": {"MAX_ENTRIES": 10_000}})

    def _put_right(self) -> None:
        wrong = OUTAGE.take_wrong()
        try:
            self._cache.delete_many(wrong)
        except LOST:
            with OUTAGE.lock:
                OUTAGE.wrong |= wrong
            raise

    get, set, add, delete, touch, incr = map(_either, ("get", "set", "add", "delete", "touch", "incr"))
    get_many, set_many, delete_many, has_key, clear = map(
        _either, ("get_many", "set_many", "delete_many", "has_key", "clear")
    )
