"""Nothing that was sent is kept by an answer, whatever the answer was.

A worker's collector of circular garbage hardly ever runs, so an error that holds its frames, which
hold the body, would keep 32 MiB for a long time.
"""

import asyncio
import gc
import tracemalloc

import pytest

from cdshooks.faces.web import rsgi
from cdshooks.faces.web.http import create_app
from cdshooks.faces.web.rsgi import AwaitedBody
from cdshooks.hooks.caller import sandbox_caller
from cdshooks.settings import Settings
from tests.faces.web.engines import FakeEngine
from tests.faces.web.test_rsgi import Exchange, chunk, scope
from tests.front_door.real import SERVICE, SOAK, app, lean

MIB = 1 << 20
CALLS = 24 if SOAK else 12
PADDING = b'"padding":"' + b"x" * MIB + b'",'


def padded(body=None):
    return b"{" + PADDING + (body or lean())[1:]


def kept(application, calls):
    """MiB that are in memory after `calls` and were not before, with the collector switched off."""

    async def one(body, path):
        for length in ({}, {"content_length": str(len(body))}):
            exchange = Exchange(chunk(body[:1000], more=True), chunk(body[1000:]))
            headers = {"content_type": "application/json", "host": "localhost", **length}
            await application(scope(path, **headers), exchange)
        return exchange.status

    async def all_of_them():
        await one(*calls[0])
        gc.collect()
        gc.disable()
        tracemalloc.start()
        statuses = {await one(*call) for call in calls}
        return statuses, tracemalloc.get_traced_memory()[0] / MIB

    try:
        return asyncio.run(all_of_them())
    finally:
        tracemalloc.stop()
        gc.enable()


class Broken(FakeEngine):
    def answer(self, *_):
        raise ValueError("of ours")


def broken():
    engine = Broken("net-patient-view")
    caller = sandbox_caller()
    return create_app(engine, Settings(sandbox=True), lambda *_: caller)


@pytest.mark.parametrize(
    ("body", "path", "status"),
    [
        (padded, SERVICE, 200),
        (lambda: padded()[:-1], SERVICE, 400),
        (lambda: padded(lean().replace(b'"hook": ', b'"hoop": ', 1)), SERVICE, 400),
        (lambda: padded(lean().replace(b'"conditions": ', b'"conditionz": ', 1)), SERVICE, 412),
        (padded, "/cds-services/other", 404),
        (lambda: padded() * 2, SERVICE, 413),
    ],
    ids=["advice", "not JSON", "not a hook request", "data missing", "no service", "too large"],
)
def test_d1_g9_no_answer_of_the_real_engine_keeps_the_body(body, path, status):
    sent = body()
    application = AwaitedBody(app(), Settings(sandbox=True, max_body_bytes=3 * MIB // 2))
    statuses, mib = kept(application, [(sent, path)] * CALLS)
    assert statuses == {status}
    assert mib < 6  # what the last call, and the test itself, still hold


def test_d1_g9_a_mistake_of_ours_keeps_no_body():
    application = AwaitedBody(broken(), Settings(sandbox=True))
    statuses, mib = kept(application, [(padded(), SERVICE)] * CALLS)
    assert statuses == {500}
    assert mib < 6  # what the last call, and the test itself, still hold


@pytest.mark.parametrize(
    ("given", "status"), [({"queue": 0}, 503), ({"client_queue": 0}, 429)], ids=["full", "share"]
)
def test_d1_d9_g9_what_is_sent_away_keeps_no_body(monkeypatch, given, status):
    monkeypatch.setattr(rsgi, "PAUSE", 0)
    application = AwaitedBody(app(), Settings(sandbox=True, **given))
    application._turns._threads = 0  # nobody answers
    statuses, mib = kept(application, [(padded(), SERVICE)] * CALLS)
    assert statuses == {status}
    assert mib < 6  # what the last call, and the test itself, still hold
