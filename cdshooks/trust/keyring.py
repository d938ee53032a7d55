"""The public keys of each client: from a file, or kept from where it publishes them (`jku`).

Who has a key that is held waits for the network only if that key was not looked at for long. A set
is replaced only by one that could be read and has a usable key in it; what such a set no longer
holds is gone. Whatever else comes back (an error page, a set of refused keys, nothing, a file that
was emptied or removed) leaves the old set in place, for a day at most.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

from cdshooks.clients.client import Client
from cdshooks.errors import FetchFailed, KeysUnreadable, SettingsInvalid
from cdshooks.outbound.target import Target
from cdshooks.trust.keys import Key, KeySet, read_jwks

SOFT_AGE = 300.0
"""Seconds after which a set is fetched again beside its use: a key that a client withdraws is
refused within about this time, without an unknown `kid` that would tell of it."""

STALE_AGE = 2 * SOFT_AGE
"""Seconds after which a call waits for that fetch before it uses a key: of a client that was silent
for hours nobody has asked meanwhile. It is used if the fetch fails or takes too long."""

HARD_AGE = 86_400.0
"""Seconds after which a set is no longer used: since it was fetched, or last seen in its file.
Until then an outage at the client's key server, or a file that is broken, does not stop its calls;
a key withdrawn meanwhile can be used for as long."""

COOLDOWN = 15.0
"""Seconds between the starts of two fetches for one client: anybody can send an unknown `kid`, so
a flood of them must not become a flood on the client's key server."""

WAIT = 0.3
"""Seconds from the start of a fetch for which calls wait for it: of the 450 ms of a whole answer.
Once a fetch failed or took longer, only the call that starts the next one waits: a key server that
hangs must not hold the threads that answer, for anybody can send an unknown `kid`."""

Get = Callable[[Target], bytes]
"""The body of a 200 answer, within seconds; FetchFailed if there is none."""

Read = Callable[[bytes], KeySet]

_log = logging.getLogger("cdshooks")


class KeyRing:
    """The keys of `clients`. Safe for threads. `clock` counts seconds and never goes back.

    SettingsInvalid if the key file of a client cannot be used.
    """

    def __init__(
        self,
        clients: Iterable[Client],
        get: Get,
        clock: Callable[[], float] = time.monotonic,
        read: Read = read_jwks,
    ):
        self._sources = {
            client.name: source
            for client in clients
            if (source := _source(client, get, clock, read)) is not None
        }

    def key(self, client: Client, kid: str) -> Key | None:
        """The key of this client with exactly this `kid`; None if it has none now."""
        source = self._sources.get(client.name)
        return source.find(kid) if source is not None else None


class _Source(Protocol):
    def find(self, kid: str) -> Key | None: ...


def _source(client: Client, get: Get, clock: Callable[[], float], read: Read) -> _Source | None:
    if client.jwks_file is not None:
        return _File(client.name, client.jwks_file, clock, read)
    if client.jku is not None:
        return _Published(client.name, client.jku, get, clock, read)
    return None


def _usable(body: bytes, read: Read) -> KeySet:
    """The set in `body`; KeysUnreadable if it has no key that we take."""
    keys = read(body)
    if not keys.keys:
        raise KeysUnreadable("; ".join(keys.refused[:3]) or "there is no key in it")
    return keys


class _File:
    """A set from a file, read again when the file is another one."""

    def __init__(self, client: str, path: Path, clock: Callable[[], float], read: Read):
        self._client, self._path, self._clock, self._read = client, path, clock, read
        self._lock = threading.Lock()
        self._seen, self._good, self._seen_good = self._state(), True, clock()
        try:
            self._keys = _usable(path.read_bytes(), read)
        except (OSError, KeysUnreadable) as error:
            raise SettingsInvalid(f"clients.{client}.jwks_file: {_told(error)}") from None

    def find(self, kid: str) -> Key | None:
        with self._lock:
            self._follow()
            if self._good:
                self._seen_good = self._clock()
            elif self._clock() - self._seen_good >= HARD_AGE:
                return None
            return self._keys.find(kid)

    def _follow(self) -> None:
        state = self._state()
        if state == self._seen:
            return
        self._seen, self._good = state, False  # a version that is not taken is told of once
        try:
            self._keys, self._good = _usable(self._path.read_bytes(), self._read), True
        except (OSError, KeysUnreadable) as error:
            _log.warning("client %s: its key file was not taken: %s", self._client, _told(error))

    def _state(self) -> tuple[int, int, int] | None:
        """What changes when the file does; None while there is none."""
        try:
            stat = self._path.stat()
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_size, stat.st_ino


class _Published:
    """A set that is fetched on first need and kept. One fetch runs at a time."""

    def __init__(
        self,
        client: str,
        jku: Target,
        get: Get,
        clock: Callable[[], float],
        read: Read,
    ):
        self._client, self._jku, self._get, self._clock = client, jku, get, clock
        self._read = read
        self._lock = threading.Lock()
        self._keys, self._fetched = KeySet(), clock()
        self._started: float | None = None  # the newest fetch,
        self._ended = threading.Event()  # and whether it has ended
        self._ended.set()
        self._prompt = True  # the last one that ended brought a set in time

    def find(self, kid: str) -> Key | None:
        with self._lock:
            key, age = self._held(kid), self._age()
            if key is not None and age < SOFT_AGE:
                return key
            wait = self._begin() if self._may_fetch() else self._rest()
            if key is not None and age < STALE_AGE:
                return key
            ended = self._ended
        ended.wait(wait)
        with self._lock:
            return self._held(kid)

    def _begin(self) -> float:
        """Start a fetch; how long to wait for it."""
        started, ended = self._clock(), threading.Event()
        threading.Thread(
            target=self._fetch, args=(started, ended), name="keys", daemon=True
        ).start()
        self._started, self._ended = started, ended
        return WAIT

    def _rest(self) -> float:
        """How long to wait for the fetch that somebody else started."""
        if self._started is None or not self._prompt:
            return 0.0
        return max(0.0, self._started + WAIT - self._clock())

    def _held(self, kid: str) -> Key | None:
        return self._keys.find(kid) if self._age() < HARD_AGE else None

    def _age(self) -> float:
        return self._clock() - self._fetched

    def _may_fetch(self) -> bool:
        cool = self._started is None or self._clock() - self._started >= COOLDOWN
        return cool and self._ended.is_set()

    def _fetch(self, started: float, ended: threading.Event) -> None:
        prompt = False
        try:
            keys = _usable(self._get(self._jku), self._read)
            with self._lock:
                self._keys, self._fetched = keys, self._clock()
            prompt = self._clock() - started <= WAIT
        except (FetchFailed, KeysUnreadable) as error:
            _log.warning("client %s: its keys were not fetched: %s", self._client, _told(error))
        finally:
            self._prompt = prompt
            ended.set()


def _told(error: Exception) -> str:
    """Of an OSError only its kind."""
    return type(error).__name__ if isinstance(error, OSError) else str(error)
