"""Whether calls can be taken, asked of what that depends on once a second at most.

Anybody may ask, as often as they like, and an answer costs a write to the store of used tokens.
"""

import math
import threading
import time
from collections.abc import Callable

GOOD_FOR = 1.0
"""Seconds for which an answer is given again."""


class Readiness:
    """What `ask` said last. Safe for threads: one asks again, the others take what is known.

    `clock` counts seconds and never goes back.
    """

    def __init__(self, ask: Callable[[], bool], clock: Callable[[], float] = time.monotonic):
        self._ask, self._clock = ask, clock
        self._asking = threading.Lock()
        self._ready: bool | None = None  # nobody has asked yet
        self._until = -math.inf

    def __call__(self) -> bool:
        if self._is_old() and self._asking.acquire(blocking=self._ready is None):
            try:
                if self._is_old():
                    self._ready = self._ask()
                    self._until = self._clock() + GOOD_FOR
            finally:
                self._asking.release()
        return self._ready is True

    def _is_old(self) -> bool:
        return self._clock() >= self._until
