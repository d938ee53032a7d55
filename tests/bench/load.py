"""The load: POSTs the charts of many patients over raw kept-alive sockets, and checks each answer.

`python -m tests.bench.load` is a process of its own, so that it does not share an interpreter lock
with anything that is measured. It reads one job a line and writes one outcome a line, both JSON. The
bodies are made once; nothing but a send, a receive and a look at the answer is done for each call.
"""

import json
import select
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import cache
from itertools import cycle
from pathlib import Path

import psutil

from tests.bench.payload import bodies

GOOD = b"HTTP/1.1 200"
CARD = b'"cards":[{'
AT_A_TIME = 1 << 20  # bytes that are received at once
GIVEN_UP = 30.0  # seconds without any byte


@dataclass(frozen=True)
class Job:
    """Calls for `seconds`, or `calls` of them if that comes first.

    Closed loop: each connection calls again once it has its answer. Open loop, with a `rate`: calls
    come in even steps, so many a second, whether the one before was answered or not, and wait for a
    connection if none is free. `pid` is the server, whose processor time is counted with that of its
    children. `tokens` is a file with a bearer token a line, each used once.
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
    tokens: str | None = None


@dataclass
class Outcome:
    """What came of a job. Times in milliseconds, of calls that were answered with a card."""

    times: list[float] = field(default_factory=list)
    seconds: float = 0.0  # from the first call to the last answer
    cpu: float = 0.0  # of the server's processes, in seconds
    own_cpu: float = 0.0  # of this process, in seconds
    mistakes: dict[str, int] = field(default_factory=dict)  # what else came, and how often


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


@cache
def _charts(patients: int, observations: int) -> tuple[bytes, ...]:
    return tuple(bodies(patients, observations))


def _calls(job: Job) -> Iterator[tuple[bytes, bytes]]:
    """Head and body of one call after another, the patients in turns."""
    tokens = iter(Path(job.tokens).read_text().splitlines()) if job.tokens else None
    for body in cycle(_charts(job.patients, job.observations)):
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


class Connection:
    """One kept-alive connection with one call under way, or none."""

    def __init__(self, port: int):
        self._port = port
        self.socket = self._dial()
        self._unsent: list[memoryview] = []
        self._answer = bytearray()
        self._length: int | None = None
        self.since = 0.0

    def fileno(self) -> int:
        """For select()."""
        return self.socket.fileno()

    def renew(self) -> None:
        self.socket.close()
        self.socket = self._dial()

    def _dial(self) -> socket.socket:
        dialled = socket.create_connection(("127.0.0.1", self._port))
        dialled.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        dialled.setblocking(False)
        return dialled

    def begin(self, call: tuple[bytes, bytes], since: float) -> None:
        self._unsent = [memoryview(part) for part in call]
        self._answer.clear()
        self._length, self.since = None, since
        self.send()

    def send(self) -> None:
        while self._unsent:
            try:
                sent = self.socket.sendmsg(self._unsent)
            except BlockingIOError:
                return
            except ConnectionError:  # the server has hung up, perhaps with an answer
                self._unsent.clear()
                return
            while self._unsent and sent >= len(self._unsent[0]):
                sent -= len(self._unsent.pop(0))
            if sent:
                self._unsent[0] = self._unsent[0][sent:]

    @property
    def sending(self) -> bool:
        return bool(self._unsent)

    def answer(self) -> bytes | None:
        """The whole answer once it is here; an empty one if the server has hung up."""
        try:
            received = self.socket.recv(AT_A_TIME)
        except BlockingIOError:
            return None
        except ConnectionError:
            return b""
        if not received:
            return b""
        self._answer += received
        if self._length is None:
            self._length = _length(self._answer)
        if self._length is None or len(self._answer) < self._length:
            return None
        return bytes(self._answer)


def _length(answer: bytearray) -> int | None:
    """Of head and body together; None while the head is not whole."""
    end = answer.find(b"\r\n\r\n")
    if end < 0:
        return None
    for line in bytes(answer[:end]).lower().split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name == b"content-length":
            return end + 4 + int(value)
    raise ConnectionError("an answer without a length")


def _run(
    connections: list[Connection],
    calls: Iterator[tuple[bytes, bytes]],
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


def fault_of(answer: bytes) -> str | None:
    """What is wrong with an answer: there is none, its status is not 200, or it has no card."""
    if not answer:
        return "no answer"
    if not answer.startswith(GOOD):
        return f"status {answer[9:12].decode('latin-1')}"
    return None if CARD in answer else "no card"


if __name__ == "__main__":
    main()
