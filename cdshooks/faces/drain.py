"""A stop without a lost call: first not ready, some seconds later no longer there.

A proxy sends calls until it has asked for readiness again. So a worker that is told to stop says at
once that it is not ready, answers on for `drain_seconds`, and only then lets the web server stop,
which finishes what is under way.
"""

import asyncio
import os
import signal
from collections.abc import Callable

from cdshooks.settings import Settings


def _interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)  # granian's own sign to stop, which stays its own


class Drain:
    """`begun` once this process was told to stop; `stop` is called `seconds` later."""

    @classmethod
    def of(cls, settings: Settings) -> "Drain":
        """A sandbox has no proxy in front of it, so it only drains if it is told to."""
        at_once = settings.sandbox and "drain_seconds" not in settings.model_fields_set
        return cls(0 if at_once else settings.drain_seconds)

    def __init__(self, seconds: float, stop: Callable[[], None] = _interrupt):
        self.begun = False
        self._seconds, self._stop = seconds, stop

    def heed(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let SIGTERM begin it, whoever sends that: our parent, or a supervisor to all processes.

        granian has set its handlers before the application is started, so this comes after them.
        """
        loop.add_signal_handler(signal.SIGTERM, self.begin, loop)

    def begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """Once: a second SIGTERM neither hastens nor delays it."""
        if not self.begun:
            self.begun = True
            loop.call_later(self._seconds, self._stop)
