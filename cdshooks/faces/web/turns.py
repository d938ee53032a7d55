"""Threads that answer, taken in turn by those who call: a flood of one leaves room for the others.

All of it but the work itself happens in the event loop, so nothing here needs a lock.
"""

import asyncio
import threading
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

from cdshooks.faces.web.answers import OverShare, Saturated

_T = TypeVar("_T")

_WORK = threading.local()
"""`step` of a thread that answers tells its lane that it computes (1) or waits (-1)."""


@contextmanager
def away() -> Iterator[None]:
    """Within it the work of this thread waits for somebody else, and its lane may begin more."""
    step = getattr(_WORK, "step", None)
    if step is None:  # no thread of ours
        yield
        return
    step(-1)
    try:
        yield
    finally:
        step(1)


_Task = tuple[Callable[[], _T], "asyncio.Future[_T]"]

_Desk = SimpleQueue[Callable[[], None] | None]
"""Where one thread takes its work from; None ends it.

A queue of the interpreter's own: what a ThreadPoolExecutor and its futures add to that costs a call
three times as much (0.2 against 0.06 ms).
"""


class Turns(Generic[_T]):
    """`threads` that work, and calls that wait for one: `queue` of all, `share` of one lane.

    A lane is a line of those who wait together, a client or all strangers. Lanes take turns, each
    is served in order, and none ever holds the last free thread unless it is its only one. Each
    computes one call at a time: all threads of a process compute by turns, so that two calls which
    begin together both end late, and slow the calls of other lanes. One that is `away` does not.
    """

    def __init__(self, threads: int, queue: int, share: int):
        self._threads, self._queue, self._share = threads, queue, share
        self._workers: list[tuple[threading.Thread, _Desk]] = []
        self._idle: list[_Desk] = []  # the last one to be idle is first
        self._waiting: OrderedDict[str, deque[_Task[_T]]] = OrderedDict()
        self._running: Counter[str] = Counter()
        self._computing: Counter[str] = Counter()  # of those that run

    async def take(self, lane: str, work: Callable[[], _T]) -> _T:
        """What `work` gives, from a thread. Raises OverShare, or Saturated where all is full."""
        future: asyncio.Future[_T] = asyncio.get_running_loop().create_future()
        if not self._waiting and self._may_start(lane):
            self._start(lane, work, future)
        else:
            self._insist_on_room(lane)
            self._waiting.setdefault(lane, deque()).append((work, future))
            self._start_what_may()
        return await future

    def close(self) -> None:
        """Wait for the calls that are worked on. Afterwards nothing is taken."""
        for worker, desk in self._workers:
            desk.put(None)
            worker.join()

    def _insist_on_room(self, lane: str) -> None:
        if self._may_start(lane):
            return
        if len(self._waiting.get(lane, ())) >= self._share:
            raise OverShare("too many calls at a time")
        if sum(map(len, self._waiting.values())) >= self._queue:
            raise Saturated("the service is busy, try again")

    def _may_start(self, lane: str) -> bool:
        free = self._threads - len(self._workers) + len(self._idle)
        if lane not in self._running:
            return free > 0
        return free > 1 and lane not in self._computing

    def _start_what_may(self) -> None:
        """Of each lane in turn its first; whose turn it was goes to the end."""
        while lane := next(filter(self._may_start, self._waiting), None):
            tasks = self._waiting.pop(lane)
            self._start(lane, *tasks.popleft())
            if tasks:
                self._waiting[lane] = tasks

    def _step(self, lane: str, by: int) -> None:
        """One call of the lane more, or less, computes from now on."""
        self._computing[lane] += by
        if not self._computing[lane]:
            del self._computing[lane]
        self._start_what_may()

    def _start(self, lane: str, work: Callable[[], _T], future: "asyncio.Future[_T]") -> None:
        desk = self._idle.pop() if self._idle else self._hire()
        self._running[lane] += 1
        self._computing[lane] += 1
        loop = future.get_loop()

        def done(settle: Callable[[Any], None], result: Any) -> None:
            self._running[lane] -= 1
            if not self._running[lane]:
                del self._running[lane]  # lanes come and go
            self._idle.append(desk)
            self._step(lane, -1)
            if not future.done():  # its caller may have left
                settle(result)

        def task() -> None:
            _WORK.step = lambda by: loop.call_soon_threadsafe(self._step, lane, by)
            try:
                result = work()
            except BaseException as error:  # noqa: BLE001  it is for who waits for the future
                loop.call_soon_threadsafe(done, future.set_exception, _waited_for(error))
            else:
                loop.call_soon_threadsafe(done, future.set_result, result)

        desk.put(task)

    def _hire(self) -> _Desk:
        """One more thread, of the few that there are at most.

        Each has a desk of its own, so that one call after another is done by the same thread: what
        it needs is still in the caches of its processor.
        """
        desk = _Desk()
        worker = threading.Thread(target=_work, args=(desk,), name="answer", daemon=True)
        worker.start()
        self._workers.append((worker, desk))
        return desk


def _waited_for(error: BaseException) -> Exception:
    """What a future can hold: neither a StopIteration, nor what would end the event loop."""
    if isinstance(error, Exception) and not isinstance(error, StopIteration):
        return error
    return RuntimeError(f"a call ended with {type(error).__name__}")


def _work(desk: _Desk) -> None:
    while task := desk.get():
        task()
        del task  # it holds the body
