"""Which tokens were used: the first use wins, across threads, processes, nodes and restarts.

`open_store(url)` gives the store that the setting `replay_store` names: a SQLite file of one node,
or a PostgreSQL or Redis that several nodes share. It keeps a digest of issuer and `jti`, never the
token. Nothing here fails open: a store that does not answer is TrustUnavailable, an issuer that
uses more tokens than can be remembered is CallerTooFrequent. What happens when: docs/replay.md.
"""

import hashlib
import logging
import math
import time
from collections.abc import Callable

from cdshooks.errors import CallerTooFrequent, SettingsInvalid, TrustUnavailable
from cdshooks.trust.replay.limits import Deadline, Quota
from cdshooks.trust.replay.sqlite import SqliteStore
from cdshooks.trust.replay.store import Store, StoreFailed, missing_extra

ANSWER_SECONDS = 0.1
"""For the store to answer: under a quarter of the 450 ms that a whole answer has."""

TOKENS_AN_HOUR = 200_000
"""Of one issuer in one process: 55 calls in every second, more than a process answers. A token
lives an hour at most, so the rows of an issuer stay below three times this for each process."""

KEPT_AT_MOST_SECONDS = 86_400
"""A token that is good for longer is refused: no lifetime that can be configured comes near."""

ACCEPTED = "sqlite:////path/to/file, postgresql://user@host/name, or redis(s)://host:6379/0"

_log = logging.getLogger("cdshooks")


class UsedTokens:
    """The tokens that were used, in `store`. `now` is the time of day in seconds, as in `exp`."""

    def __init__(
        self,
        store: Store,
        *,
        seconds: float = ANSWER_SECONDS,
        tokens_an_hour: int = TOKENS_AN_HOUR,
        now: Callable[[], float] = time.time,
    ):
        self._store, self._now = store, now
        self._deadline = Deadline(seconds)
        self._quota = Quota(tokens_an_hour)

    def first_use(self, issuer: str, jti: str, until: float) -> bool:
        """Whether this is the first use of the token, which is good `until` then (skew included).

        TrustUnavailable if the store does not say in time. It may have noted the use by then, so a
        client comes again with a new token, not with this one. CallerTooFrequent if the issuer has
        used all the tokens of this hour.
        """
        now = self._now()
        if not now < until < now + KEPT_AT_MOST_SECONDS:
            return False
        if self._quota.spent(issuer, now):
            raise CallerTooFrequent("too many tokens in this hour")
        name, last = digest(issuer, jti), math.ceil(until)
        first = self._asked(lambda: self._store.add(name, last, now))
        if first:
            self._quota.spend(issuer, now)
        return first

    def ready(self) -> bool:
        """Whether the store answers and can be written to, for /readyz."""
        try:
            return self._asked(self._store.usable)
        except TrustUnavailable:
            return False

    def close(self) -> None:
        """After this no token is accepted."""
        self._deadline.end()
        self._store.close()

    def _asked(self, question: Callable[[], bool]) -> bool:
        try:
            return self._deadline.keep(question)
        except (StoreFailed, TimeoutError) as error:
            _log.warning("the store of used tokens does not answer: %s", error)
            raise TrustUnavailable("whether a token was used before is not known now") from None


def open_store(
    url: str,
    *,
    seconds: float = ANSWER_SECONDS,
    tokens_an_hour: int = TOKENS_AN_HOUR,
    now: Callable[[], float] = time.time,
) -> UsedTokens:
    """The store at `url`; SettingsInvalid if there cannot be one.

    A server that is down is no mistake of the settings: `ready()` is False until it is up.
    """
    store = _store(url, seconds)
    tokens = UsedTokens(store, seconds=seconds, tokens_an_hour=tokens_an_hour, now=now)
    tokens.ready()  # makes the schema now, if the server is up
    return tokens


def digest(issuer: str, jti: str) -> bytes:
    """32 bytes that stand for a token. No registered issuer has a NUL, so no two pairs are one."""
    return hashlib.sha256(f"{issuer}\0{jti}".encode(errors="surrogatepass")).digest()


def _store(url: str, seconds: float) -> Store:
    kind = url.partition(":")[0].partition("+")[0]
    if kind == "sqlite":
        return SqliteStore(url, seconds)
    if kind == "postgresql":
        try:
            from cdshooks.trust.replay.sql import SqlStore  # noqa: PLC0415 - an extra
        except ModuleNotFoundError:
            raise missing_extra("postgresql") from None
        return SqlStore(url, seconds)
    if kind in ("redis", "rediss", "unix"):
        try:
            from cdshooks.trust.replay.redis import RedisStore  # noqa: PLC0415 - an extra
        except ModuleNotFoundError:
            raise missing_extra("redis") from None
        return RedisStore(url, seconds)
    raise SettingsInvalid(f"replay_store: accepted is {ACCEPTED}")
