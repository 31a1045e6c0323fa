"""The shared cache, and what stands in for it while Redis is away."""

import logging
import time

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

RETRY_AFTER = 5.0  # seconds of not asking a server that did not answer


class RedisOrMemoryCache(RedisCache):
    """Redis; while it does not answer, the memory of this process.

    Nothing here raises because of Redis: a rate limit then counts per process, which is weaker by the number of
    processes but still a limit. Sessions are not kept here at all.
    """

    away_until = 0.0

    def __init__(self, server, params):
        params = {**params, "OPTIONS": {**params.get("OPTIONS", {})}}
        stand_in = {key: value for key, value in params.items() if key != "OPTIONS"}
        params["OPTIONS"].setdefault("socket_connect_timeout", 0.5)
        params["OPTIONS"].setdefault("socket_timeout", 1.0)
        super().__init__(server, params)
        self.stand_in = LocMemCache("redis-away", {**stand_in, "OPTIONS": {"MAX_ENTRIES": 20_000}})

    def _ask(self, name, *args, **kwargs):
        cls = type(self)
        if time.monotonic() >= cls.away_until:
            try:
                return getattr(super(), name)(*args, **kwargs)
            except (RedisError, OSError) as error:
                cls.away_until = time.monotonic() + RETRY_AFTER
                logger.warning("Redis does not answer (%s); the cache is this process alone", type(error).__name__)
        return getattr(self.stand_in, name)(*args, **kwargs)

    def add(self, *args, **kwargs):
        return self._ask("add", *args, **kwargs)

    def get(self, *args, **kwargs):
        return self._ask("get", *args, **kwargs)

    def set(self, *args, **kwargs):
        return self._ask("set", *args, **kwargs)

    def touch(self, *args, **kwargs):
        return self._ask("touch", *args, **kwargs)

    def delete(self, *args, **kwargs):
        return self._ask("delete", *args, **kwargs)

    def get_many(self, *args, **kwargs):
        return self._ask("get_many", *args, **kwargs)

    def has_key(self, *args, **kwargs):
        return self._ask("has_key", *args, **kwargs)

    def incr(self, *args, **kwargs):
        return self._ask("incr", *args, **kwargs)

    def set_many(self, *args, **kwargs):
        return self._ask("set_many", *args, **kwargs)

    def delete_many(self, *args, **kwargs):
        return self._ask("delete_many", *args, **kwargs)

    def clear(self):
        return self._ask("clear")
