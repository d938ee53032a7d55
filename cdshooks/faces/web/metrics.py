"""Counts for Prometheus, on an address of their own and only where a port is set for them.

Every label comes from a closed set: our routes, the configured clients, our own words. What a
caller makes up is "other", so that no flood of names can grow the number of series.

The processes of the service count into files of one folder, and whichever of them is asked adds up
all (prometheus_client's multiprocess mode). The folder has to be known before that library is
imported, so nothing here is imported where counts are not wanted.
"""

import os
import threading
from collections import Counter as Tally
from collections.abc import Iterable, Mapping
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any, Protocol, get_args
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, make_wsgi_app
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from cdshooks.clinical.treatment import Indicator
from cdshooks.faces.web.policy import ROUTES
from cdshooks.hooks.prefetch import State
from cdshooks.trust.reasons import REASONS

OTHER = "other"
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.45, 1, 5)  # 0.45: an answer's time


class _Closed:
    """One of few metrics: its labels are of sets that are known beforehand."""

    def __init__(self, metric: Counter | Histogram, *sets: Iterable[str]):
        self._metric, self._sets = metric, [frozenset(one) for one in sets]
        self._children: dict[tuple[str, ...], Any] = {}

    def child(self, *labels: str) -> Any:
        """The series of these labels. Found by the labels as they came only once they are known."""
        child = self._children.get(labels)
        if child is None:
            pairs = zip(labels, self._sets, strict=True)
            known = tuple(label if label in one else OTHER for label, one in pairs)
            child = self._metric.labels(*known)
            if known == labels:
                self._children[labels] = child
        return child


class Remembering(Protocol):
    """A memory, as far as it is counted: `bytes` are in it now, the others since the start."""

    hits: int
    misses: int
    bytes: int


class _Memory:
    """What became of the looks into the memory of this process, told as it grows."""

    def __init__(self, memory: Remembering, registry: CollectorRegistry):
        looked = Counter("cdshooks_memory", "Looks into the memory", ["found"], registry=registry)
        self._hits, self._misses = looked.labels("yes"), looked.labels("no")
        self._bytes = Gauge(
            "cdshooks_memory_bytes",
            "Bytes in the memories of all processes",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._memory, self._told = memory, (memory.hits, memory.misses)
        self._lock = threading.Lock()

    def __call__(self) -> None:
        """Tell by how much it grew since the last call; two threads never tell the same twice."""
        memory = self._memory
        with self._lock:
            hits, misses = memory.hits, memory.misses
            more = hits - self._told[0], misses - self._told[1]
            self._told = hits, misses
        self._hits.inc(more[0])
        self._misses.inc(more[1])
        self._bytes.set(memory.bytes)


class Counts:
    """What came of calls. `clients` are the names of the configured ones."""

    def __init__(
        self,
        clients: Iterable[str],
        registry: CollectorRegistry,
        memory: Remembering | None = None,
    ):
        routes, names = [*ROUTES], [*clients]
        classes = [f"{first}xx" for first in range(1, 6)]

        def counter(name: str, about: str, *labels: str) -> Counter:
            return Counter(f"cdshooks_{name}", about, labels, registry=registry)

        self._calls = _Closed(
            counter("calls", "Answers", "route", "status", "client"), routes, classes, names
        )
        self._cards = _Closed(
            counter("cards", "Cards", "indicator", "client"), get_args(Indicator), names
        )
        self._prefetch = _Closed(
            counter("prefetch", "What came of prefetch keys", "state"), get_args(State)
        )
        self._refused = _Closed(
            counter("refusals", "Tokens that were not accepted", "reason", "client"), REASONS, names
        )
        seconds = Histogram(
            "cdshooks_seconds",
            "From the first byte to the answer",
            ["route"],
            buckets=SECONDS,
            registry=registry,
        )
        self._seconds = _Closed(seconds, routes)
        self._remembered = _Memory(memory, registry) if memory is not None else None

    def __call__(self, told: Mapping[str, Any], status: int, seconds: float) -> None:
        """Count one call, of which the log is `told` the same."""
        route, client = str(told.get("route")), str(told.get("client"))
        self._calls.child(route, f"{status // 100}xx", client).inc()
        self._seconds.child(route).observe(seconds)
        for indicator, number in told.get("cards", {}).items():
            self._cards.child(indicator, client).inc(number)
        for state, number in Tally(told.get("prefetch", {}).values()).items():
            self._prefetch.child(state).inc(number)
        if "reason" in told:
            self._refused.child(told["reason"], client).inc()
        if self._remembered is not None and "cards" in told:  # else nothing was looked up
            self._remembered()


def tell_counts(host: str, port: int) -> None:
    """Answer with the counts of all processes at GET /metrics, from a thread of this process.

    Each process listens at the same port, and the kernel chooses one for each connection.
    """
    forget_the_dead(Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]))
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    server = make_server(
        host, port, make_wsgi_app(registry), server_class=_Shared, handler_class=_Silent
    )
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()


def forget_the_dead(folder: Path) -> None:
    """Drop what processes held that are gone; whoever takes the place of one comes by here."""
    for file in folder.glob("gauge_live*_*.db"):
        pid = int(file.stem.rpartition("_")[2])
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]


class _Shared(ThreadingMixIn, WSGIServer):
    allow_reuse_port = True
    daemon_threads = True


class _Silent(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """It would print the path that was asked for."""
