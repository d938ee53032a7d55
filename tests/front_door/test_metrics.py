"""Counts for Prometheus: what they tell, whom they do not, and that nobody can make them grow."""

import asyncio
import os
import subprocess
import sys
import time
import urllib.request

import pytest
from prometheus_client import CollectorRegistry

from cdshooks.errors import CallerUnknown
from cdshooks.faces.web.http import create_app
from cdshooks.faces.web.metrics import OTHER, Counts, forget_the_dead
from cdshooks.faces.web.rsgi import AwaitedBody
from cdshooks.hooks.caller import Caller
from cdshooks.hooks.told import Advised
from cdshooks.settings import Settings
from tests.faces.web.engines import FakeEngine
from tests.faces.web.test_rsgi import Exchange, chunk, scope
from tests.faces.web.test_server import free_port, running
from tests.front_door.real import SOAK

ROUTE = "/cds-services/<service_id>"
MADE_UP = 100_000 if SOAK else 1_000


@pytest.fixture
def registry():
    return CollectorRegistry()


@pytest.fixture
def counts(registry):
    return Counts(["north"], registry)


def series(registry):
    return {
        (sample.name, *sorted(sample.labels.items()))
        for metric in registry.collect()
        for sample in metric.samples
    }


def test_a_call_is_counted_with_its_cards_its_prefetch_and_its_time(counts, registry):
    told = {
        "route": ROUTE,
        "client": "north",
        "cards": {"warning": 2},
        "prefetch": {"patient": "sent", "observations": "fetched", "conditions": "sent"},
    }
    counts(told, 200, 0.004)
    value = registry.get_sample_value
    labels = {"route": ROUTE, "status": "2xx", "client": "north"}
    assert value("cdshooks_calls_total", labels) == 1
    assert value("cdshooks_cards_total", {"indicator": "warning", "client": "north"}) == 2
    assert value("cdshooks_prefetch_total", {"state": "sent"}) == 2
    assert value("cdshooks_seconds_bucket", {"route": ROUTE, "le": "0.005"}) == 1
    assert value("cdshooks_seconds_bucket", {"route": ROUTE, "le": "0.0025"}) == 0


def test_d12_what_is_of_no_closed_set_is_other_wherever_it_stands(counts, registry):
    counts({"route": ROUTE, "client": "north", "reason": "expired"}, 401, 0.1)
    known = series(registry)
    for number in range(MADE_UP):
        name = f"made-up-{number}"
        told = {"route": name, "client": name, "cards": {name: 1}, "reason": name}
        counts({**told, "prefetch": {name: name}}, 200, 0.1)
        if number == 0:
            known = series(registry)
    assert series(registry) == known
    others = {"route": OTHER, "status": "2xx", "client": OTHER}
    assert registry.get_sample_value("cdshooks_calls_total", others) == MADE_UP
    closed = [one for one in vars(counts).values() if hasattr(one, "_children")]
    assert closed
    assert not [one for one in closed if len(one._children) > 3]


def test_d12_a_flood_of_made_up_services_paths_and_issuers_leaves_the_series_as_they_were(
    counts, registry
):
    class Telling(FakeEngine):
        def answer(self, service_id, body, caller, _began=None, tell=None):
            tell(Advised({"info": 1}, {"patient": "sent"}))
            return super().answer(service_id, body, caller)

    def admit(authorization, _path):
        if authorization == "Bearer good":
            return Caller("north")
        raise CallerUnknown(authorization.removeprefix("Bearer "))

    settings = Settings()
    application = AwaitedBody(create_app(Telling(), settings, admit), settings, counts)

    async def call(path, method, authorization):
        headers = {"content_type": "application/json", "authorization": f"Bearer {authorization}"}
        exchange = Exchange(chunk(b"{}"))
        await application(scope(path, method, **headers), exchange)
        return exchange.status

    async def flood():
        known = None
        for number in range(MADE_UP // 5):
            name = f"made-up-{number}"
            assert await call("/cds-services/net", "POST", "good") == 200
            assert await call(f"/cds-services/{name}", "POST", "good") == 404
            assert await call(f"/{name}", "GET", "good") == 404
            assert await call("/cds-services/net", f"X{number}", "good") == 405
            assert await call("/cds-services/net", "POST", name) == 401
            known = known or series(registry)
        return known

    assert asyncio.run(flood()) == series(registry)


class Remembered:
    hits = misses = bytes = 0


def test_what_the_memory_found_is_counted_once_and_its_bytes_are_those_of_now(registry):
    memory = Remembered()
    memory.misses = 9  # at the start, before anybody called
    counts = Counts(["north"], registry, memory)
    told = {"route": ROUTE, "client": "north", "cards": {}}
    for hits, misses, size in ((0, 12, 700), (5, 12, 700), (5, 13, 300)):
        memory.hits, memory.misses, memory.bytes = hits, misses, size
        counts(told, 200, 0.004)
        counts({"route": "/healthz"}, 200, 0.001)
    value = registry.get_sample_value
    assert value("cdshooks_memory_total", {"found": "yes"}) == 5
    assert value("cdshooks_memory_total", {"found": "no"}) == 4
    assert value("cdshooks_memory_bytes") == 300


def test_d12_counting_is_off_the_hot_path(registry):
    """Under 20 us a call, measured at five times that."""
    counts = Counts(["north"], registry, Remembered())
    told = {
        "route": ROUTE,
        "client": "north",
        "cards": {"warning": 1, "info": 2},
        "prefetch": dict.fromkeys("abcdefghi", "sent"),
    }
    counts(told, 200, 0.004)
    times = []
    for _ in range(5):
        began = time.process_time()
        for _ in range(1_000):
            counts(told, 200, 0.004)
        times.append(time.process_time() - began)
    print(f"one call is counted in {min(times) * 1_000:.1f} us")
    assert min(times) / 1_000 < 100e-6


def test_without_a_port_the_library_is_not_even_imported():
    program = "import cdshooks.faces.web.server, sys; print('prometheus_client' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert told.stdout == b"False\n"


# ---- over the wire -------------------------------------------------------------------------------


def scraped(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        return answer.read().decode()


def test_b12_d12_all_workers_are_counted_together_at_a_port_of_their_own(tmp_path):
    port = free_port()
    with running(tmp_path / "log", workers=2, metrics_port=port) as service:
        before = scraped(port)
        for _ in range(20):
            assert service.call()[0] == 200
        line = f'cdshooks_calls_total{{client="sandbox",route="{ROUTE}",status="2xx"}} 20.0'
        assert {line in scraped(port) for _ in range(10)} == {True}
        for number in range(50):
            assert service.call(path=f"/cds-services/made-up-{number}")[0] == 200  # it has any
            assert service.call("GET", f"/made-up-{number}", None)[0] == 404
        names = {line.partition(" ")[0] for line in scraped(port).splitlines()}
        assert not [name for name in names if "made-up" in name]
        assert len(names) < len(before.splitlines()) + 60
        assert service.call("GET", "/metrics", None)[0] == 404  # nothing of it at the public door


def test_b12_the_bytes_of_a_process_that_died_are_counted_no_more(monkeypatch, tmp_path):
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    dead, living = (tmp_path / f"gauge_livesum_{pid}.db" for pid in (gone.pid, os.getpid()))
    calls = tmp_path / f"counter_{gone.pid}.db"
    for file in (dead, living, calls):
        file.touch()
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    forget_the_dead(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([living, calls])


def test_b12_by_default_nobody_is_told_counts(tmp_path):
    with running(tmp_path / "log") as service:
        assert service.call("GET", "/metrics", None)[0] == 404
    assert Settings().metrics_port == 0
    assert Settings(metrics_port=1).metrics_host == "127.0.0.1"


def test_g6_a_port_that_is_taken_stops_the_service_before_it_starts(tmp_path):
    with running(tmp_path / "log") as service:
        taken = running(tmp_path / "other", metrics_port=service.port)
        with pytest.raises(AssertionError, match="did not start"):
            taken.__enter__()
    assert "cannot listen" in (tmp_path / "other").read_text()
