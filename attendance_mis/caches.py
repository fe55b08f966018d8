"""Redis as the cache, with one client kept where Django makes a new one for every key it asks for."""

from functools import cached_property
from typing import Any

from django.core.cache.backends import redis


class KeptClient(redis.RedisCacheClient):
    """Making a client costs more than the answer: it fills a table of two hundred commands. Ours has one server."""

    @cached_property
    def _kept(self) -> Any:
        return super().get_client(None, write=True)

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        return self._kept


class RedisCache(redis.RedisCache):
    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = KeptClient
