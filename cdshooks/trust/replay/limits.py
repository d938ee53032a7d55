"""Two limits: how long a question may take, and how many tokens an issuer may use."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

QUESTIONS_AT_ONCE = 16
"""More wait: so many threads and connections can hang on a store that is silent."""

HOUR = 3600

T = TypeVar("T")


class Deadline:
    """Keeps the time for work that cannot do so itself: a name look-up, a disk, a silent peer."""

    def __init__(self, seconds: float):
        self._seconds = seconds
        self._free = threading.BoundedSemaphore(QUESTIONS_AT_ONCE)

    def keep(self, work: Callable[[], T]) -> T:
        """What `work` gives or raises; TimeoutError if it is not there in time, and it goes on."""
        late = time.monotonic() + self._seconds
        if not self._free.acquire(timeout=self._seconds):
            raise TimeoutError("all its connections are waiting")
        result: Future[T] = Future()

        def run() -> None:
            try:
                result.set_result(work())
            except BaseException as error:  # noqa: BLE001 - raised again by result()
                result.set_exception(error)
            finally:
                self._free.release()

        try:
            # A daemon, unlike the threads of an executor: a hanging store must not hold up our end.
            threading.Thread(target=run, name="replay", daemon=True).start()
        except RuntimeError:
            self._free.release()
            raise TimeoutError("no thread could be started") from None
        try:
            return result.result(max(0.0, late - time.monotonic()))
        except TimeoutError:
            raise TimeoutError(f"nothing within {self._seconds * 1000:.0f} ms") from None

    def end(self) -> None:
        """Take no more work; what is going on may come to its end, in the same time."""
        late = time.monotonic() + self._seconds
        for _ in range(QUESTIONS_AT_ONCE):
            self._free.acquire(timeout=max(0.0, late - time.monotonic()))


class Quota:
    """Counts the tokens of each issuer in this hour. Issuers are registered, so they are few."""

    def __init__(self, an_hour: int):
        self._an_hour = an_hour
        self._used: dict[str, tuple[int, int]] = {}  # the hour, the tokens in it
        self._lock = threading.Lock()

    def spent(self, issuer: str, now: float) -> bool:
        hour, used = self._used.get(issuer, (0, 0))
        return hour == now // HOUR and used >= self._an_hour

    def spend(self, issuer: str, now: float) -> None:
        current = int(now // HOUR)
        with self._lock:
            hour, used = self._used.get(issuer, (current, 0))
            self._used[issuer] = (current, used + 1 if hour == current else 1)
