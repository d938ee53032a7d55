"""One processor for all threads of a worker that run Python.

They compute by turns on any number of processors, since they share an interpreter. Where the
system places each by itself, a turn begins with empty caches, and with a signal from processor to
processor. The threads of the web server, which carry bytes, stay free to use the others.
"""

import fcntl
import os
import secrets
import sys
from contextlib import suppress


class Seats:
    """A seat for each of so many worker processes, and a processor for each seat.

    Made before the workers fork. A worker holds its seat by a lock, which goes with it however it
    ends, so the one that takes its place finds the seat free. Workers share a processor only if
    there are more of them than processors. Systems other than Linux place threads as they like.
    """

    def __init__(self, workers: int):
        self._seats: range = range(workers)
        self._processors: list[int] = []
        if sys.platform == "linux":
            with suppress(OSError):  # a container may forbid it, and we answer without as well
                self._locks = os.memfd_create("seats")
                self._processors = _in_any_order(os.sched_getaffinity(0))

    def take(self) -> None:
        """Keep this thread, and those that it will start, to the processor of a free seat."""
        if not self._processors:
            return
        for seat in self._seats:
            try:
                fcntl.lockf(self._locks, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, seat)
            except OSError:  # somebody has it
                continue
            with suppress(OSError):
                os.sched_setaffinity(0, {self._processors[seat % len(self._processors)]})
            return


def _in_any_order(processors: set[int]) -> list[int]:
    """So that the services of one machine do not all begin with its first processor."""
    return secrets.SystemRandom().sample(sorted(processors), len(processors))
