"""When not to ask a server: while it seems to be dead, and while it asks to be called less."""

import threading
import time
from collections import deque
from collections.abc import Callable

FAILURES = 5
WITHIN_SECONDS = 10.0
OPEN_SECONDS = 5.0
PAUSE_AT_LEAST, PAUSE_AT_MOST = 1.0, 32.0

_DEAD = "the FHIR server failed again and again and is asked again in some seconds"
_BUSY = "the FHIR server asks to be called less (Retry-After) and is left alone for some seconds"


class Restraint:
    """What was learned about one server; for any number of threads.

    A breaker: it opens after 5 calls in a row that failed within 10 s; one call in 5 s is then let
    through to try, and the first that succeeds closes it. In a row, because a server that fails
    each tenth request still serves the other nine. A pause, after a 429 or a Retry-After: as long
    as the server says, from 1 s to 32 s, and twice as long each time that it says it again.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock, self._lock = clock, threading.Lock()
        self._failures: deque[float] = deque(maxlen=FAILURES)
        self._next_try: float | None = None  # set while the breaker is open
        self._paused_until = self._pause = 0.0

    def refusal(self) -> str | None:
        """Why not to call now; None lets this call through, which counts as the try if open."""
        with self._lock:
            now = self._clock()
            if now < self._paused_until:
                return _BUSY
            if self._next_try is None:
                return None
            if now < self._next_try:
                return _DEAD
            self._next_try = now + OPEN_SECONDS
            return None

    def paused(self) -> str | None:
        """Why not to send one more request of a call that is under way."""
        with self._lock:
            return _BUSY if self._clock() < self._paused_until else None

    def succeeded(self) -> None:
        with self._lock:
            self._failures.clear()
            self._next_try = None
            if self._clock() >= self._paused_until:
                self._pause = 0.0

    def failed(self) -> None:
        with self._lock:
            now = self._clock()
            self._failures.append(now)
            full = len(self._failures) == FAILURES
            if full and now - self._failures[0] <= WITHIN_SECONDS and self._next_try is None:
                self._next_try = now + OPEN_SECONDS

    def pause(self, seconds: float | None) -> None:
        """Take a 429; one that comes during a pause belongs to the same call for less."""
        with self._lock:
            now = self._clock()
            if now < self._paused_until:
                return
            longer = max(2 * self._pause, seconds or 0.0, PAUSE_AT_LEAST)
            self._pause = min(longer, PAUSE_AT_MOST)
            self._paused_until = now + self._pause
