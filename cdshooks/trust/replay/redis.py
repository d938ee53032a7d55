"""Used tokens in Redis, for several nodes: `SET NX EX`, so that each row removes itself."""

import math
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from cdshooks.errors import SettingsInvalid
from cdshooks.trust.replay.store import SPARE_SECONDS, StoreFailed

PREFIX = b"cdshooks:used:"


class RedisStore:
    """A key for each token. A Redis that may evict keys is refused: it would forget tokens."""

    def __init__(self, url: str, seconds: float):
        try:
            self._redis: Redis = Redis.from_url(
                url,
                socket_timeout=seconds,
                socket_connect_timeout=seconds,
                # A second try of a SET that was done would find the token used.
                retry=Retry(NoBackoff(), 0),
            )
        except ValueError:
            raise SettingsInvalid("replay_store: this is not the URL of a Redis") from None
        self._keeps = False

    def add(self, digest: bytes, until: int, now: float) -> bool:
        seconds = math.ceil(until - now) + SPARE_SECONDS
        try:
            if not self._keeps:
                self._check()
            return self._redis.set(PREFIX + digest, b"", nx=True, ex=seconds) is True
        except (RedisError, OSError) as error:
            raise StoreFailed(type(error).__name__) from None

    def usable(self) -> bool:
        """A key is written: a replica, or a memory that is full, would not do."""
        try:
            self._check()
            return self._redis.set(PREFIX + b"ready", b"", ex=1) is True
        except (RedisError, OSError) as error:
            raise StoreFailed(type(error).__name__) from None

    def close(self) -> None:
        self._redis.close()

    def _check(self) -> None:
        memory: dict[str, Any] = self._redis.info("memory")
        bounded = memory.get("maxmemory", 0) != 0
        self._keeps = not bounded or memory.get("maxmemory_policy") == "noeviction"
        if not self._keeps:
            raise StoreFailed("Redis evicts keys: set maxmemory-policy to noeviction")
