"""The load: POSTs the charts of many patients over raw kept-alive sockets, and checks each answer.

`python -m tests.bench.load` is a process of its own, so that it shares no interpreter lock with
what is measured. It reads one job a line and writes one outcome a line, both JSON. The bodies are
made once; nothing but a send, a receive and a look at the answer is done for each call.
"""

import json
import re
import select
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import cache
from itertools import count, cycle
from pathlib import Path

import psutil

from tests.bench.connection import Connection, fault_of
from tests.bench.payload import bodies, serial

GIVEN_UP = 30.0  # seconds without any byte


@dataclass(frozen=True)
class Job:
    """Calls for `seconds`, or `calls` of them if that comes first.

    Closed loop: each connection calls again once it has its answer. Open loop, with a `rate`: calls
    come in even steps, so many a second, whether the one before was answered or not, and wait for a
    connection if none is free. `pid` is the server; the processor time of its children counts too.
    `tokens` is a file with a bearer token a line, each used once.
    """

    port: int
    path: str
    observations: int
    patients: int
    connections: int
    seconds: float
    pid: int
    calls: int | None = None
    rate: float | None = None
    warm_up: int = 0  # calls beforehand that do not count
    strangers: bool = False  # each call is about somebody who was never seen before
    tokens: str | None = None


@dataclass
class Outcome:
    """What came of a job. Times in milliseconds, of calls that were answered with a card."""

    times: list[float] = field(default_factory=list)
    seconds: float = 0.0  # from the first call to the last answer
    cpu: float = 0.0  # of the server's processes, in seconds
    own_cpu: float = 0.0  # of this process, in seconds
    mistakes: dict[str, int] = field(default_factory=dict)  # what else came, and how often

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.times) / self.seconds

    @property
    def cpu_ms(self) -> float:
        """Of the server's processes, for one answer."""
        return self.cpu * 1000 / len(self.times)


def main() -> None:
    for line in sys.stdin:
        print(json.dumps(asdict(done(Job(**json.loads(line))))), flush=True)


def done(job: Job) -> Outcome:
    calls = _calls(job)
    connections = [Connection(job.port) for _ in range(job.connections)]
    try:
        outcome, mistakes = Outcome(), Counter[str]()
        if job.warm_up:
            _run(connections, calls, Schedule(60.0, job.warm_up, None), mistakes)
        own, of_server = time.process_time(), cpu_seconds(job.pid)
        began = time.perf_counter()
        outcome.times = _run(
            connections, calls, Schedule(job.seconds, job.calls, job.rate), mistakes
        )
        outcome.seconds = time.perf_counter() - began
        outcome.cpu = cpu_seconds(job.pid) - of_server
        outcome.own_cpu = time.process_time() - own
        outcome.mistakes = dict(mistakes)
        return outcome
    finally:
        for connection in connections:
            connection.socket.close()


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and all below it."""
    parent = psutil.Process(pid)
    family = [parent, *parent.children(recursive=True)]
    return sum(sum(one.cpu_times()[:2]) for one in family)


class Chart:
    """A body that can be made that of somebody else, in the same place."""

    def __init__(self, body: bytes, number: int):
        self.body = bytearray(body)
        self._places = [found.start() for found in re.finditer(serial(number).encode(), body)]

    def of_another(self, number: int) -> None:
        """Write another serial number wherever it stands: in each resource and each text."""
        other = serial(number).encode()
        for place in self._places:
            self.body[place : place + len(other)] = other


@cache
def _charts(patients: int, observations: int) -> tuple[Chart, ...]:
    return tuple(Chart(body, seed) for seed, body in enumerate(bodies(patients, observations)))


_STRANGERS = count(10**6)  # beyond all that are made from a seed


def _calls(job: Job) -> Iterator[tuple[bytes, bytearray]]:
    """Head and body of one call after another, the patients in turns."""
    tokens = iter(Path(job.tokens).read_text().splitlines()) if job.tokens else None
    charts = _charts(job.patients, job.observations)
    for seed, chart in cycle(enumerate(charts)):
        chart.of_another(next(_STRANGERS) if job.strangers else seed)
        body = chart.body
        token = next(tokens) if tokens else "of-anybody"
        head = (
            f"POST {job.path} HTTP/1.1\r\nHost: 127.0.0.1:{job.port}\r\n"
            f"Authorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        yield head.encode(), body


class Schedule:
    """When the next call is due, in seconds from the start; None once there is none."""

    def __init__(self, seconds: float, calls: int | None, rate: float | None):
        self._seconds, self._rate = seconds, rate
        self._left = calls if rate is None else round(seconds * rate)
        self._given = 0

    def next_due(self, now: float) -> float | None:
        if self._left is not None and self._given >= self._left:
            return None
        if self._rate is not None:
            return self._given / self._rate
        return now if now < self._seconds else None

    def given(self) -> None:
        self._given += 1


def _run(
    connections: list[Connection],
    calls: Iterator[tuple[bytes, bytearray]],
    schedule: Schedule,
    mistakes: Counter[str],
) -> list[float]:
    """Call and wait until the schedule is empty and all is answered; the milliseconds of each."""
    free, busy, times = list(connections), list[Connection](), list[float]()
    began = time.perf_counter()
    while True:
        due = schedule.next_due(time.perf_counter() - began)
        while free and due is not None and began + due <= time.perf_counter():
            schedule.given()
            busy.append(free.pop(0))
            busy[-1].begin(next(calls), began + due)
            due = schedule.next_due(time.perf_counter() - began)
        if due is None and not busy:
            return times
        until = None if due is None or not free else began + due
        for connection in _ready(busy, until):
            answer = connection.answer()
            if answer is None:
                continue
            took = (time.perf_counter() - connection.since) * 1000
            fault = fault_of(answer)
            if fault:
                mistakes[fault] += 1
                connection.renew()  # a service that refuses may close
            else:
                times.append(took)
            busy.remove(connection)
            free.append(connection)


def _ready(busy: list[Connection], until: float | None) -> list[Connection]:
    """Those of which something has come, by `until`; what can be sent meanwhile is sent.

    select() and not epoll, which counts in milliseconds: too coarse for the next call of an open
    loop.
    """
    pause = GIVEN_UP if until is None else max(until - time.perf_counter(), 0.0)
    sending = [one for one in busy if one.sending]
    readable, writable, _ = select.select(busy, sending, [], pause)
    if until is None and not readable and not writable:
        raise TimeoutError(f"no answer within {GIVEN_UP} seconds")
    for one in writable:
        one.send()
    return readable


if __name__ == "__main__":
    main()
