"""Redis as the cache, with one client and one connection kept for each thread.

Django makes a client, and takes a connection out of a pool, for every key it asks for.
"""

from functools import cached_property
from typing import Any

from django.core.cache.backends import redis


class KeptClient(redis.RedisCacheClient):
    """Making a client costs more than the answer: it fills a table of two hundred commands. Ours has one server."""

    @cached_property
    def _kept(self) -> Any:
        return self._client(connection_pool=self._get_connection_pool(write=True), single_connection_client=True)

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        return self._kept


class RedisCache(redis.RedisCache):
    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = KeptClient
