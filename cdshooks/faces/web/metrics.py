"""Counts for Prometheus, on an address of their own and only where a port is set for them.

Every label comes from a closed set: our routes, the configured clients, our own words. What a
caller makes up is "other", so that no flood of names can grow the number of series.

The processes of the service count into files of one folder, and whichever of them is asked adds up
all (prometheus_client's multiprocess mode). The folder has to be known before that library is
imported, so nothing here is imported where counts are not wanted.
"""

import threading
from collections import Counter as Tally
from collections.abc import Iterable, Mapping
from socketserver import ThreadingMixIn
from typing import Any, get_args
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, Counter, Histogram, make_wsgi_app
from prometheus_client.multiprocess import MultiProcessCollector

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


class Counts:
    """What came of calls. `clients` are the names of the configured ones."""

    def __init__(self, clients: Iterable[str], registry: CollectorRegistry):
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


def tell_counts(host: str, port: int) -> None:
    """Answer with the counts of all processes at GET /metrics, from a thread of this process.

    Each process listens at the same port, and the kernel chooses one for each connection.
    """
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    server = make_server(
        host, port, make_wsgi_app(registry), server_class=_Shared, handler_class=_Silent
    )
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()


class _Shared(ThreadingMixIn, WSGIServer):
    allow_reuse_port = True
    daemon_threads = True


class _Silent(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """It would print the path that was asked for."""
