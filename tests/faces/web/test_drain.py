"""A stop without a lost call: the sign to stop, what readiness says, and when it ends."""

import asyncio
import os
import signal

from cdshooks.faces.web.drain import Drain
from cdshooks.faces.web.http import create_app
from cdshooks.faces.web.rsgi import AwaitedBody
from cdshooks.hooks.caller import Caller
from cdshooks.settings import Settings
from tests.faces.web.engines import FakeEngine
from tests.faces.web.test_rsgi import Exchange, chunk, scope


class Loop:
    """The clock and the handlers of an event loop, moved by hand."""

    def __init__(self):
        self.handlers, self.later = {}, []

    def add_signal_handler(self, sign, handler, *arguments):
        self.handlers[sign] = lambda: handler(*arguments)

    def call_later(self, seconds, what):
        self.later.append((seconds, what))


def test_g5_the_first_sign_to_stop_begins_the_drain_and_no_other_changes_it():
    stops, loop = [], Loop()
    drain = Drain(7.5, lambda: stops.append("stop"))
    drain.heed(loop)
    assert (drain.begun, loop.handlers.keys()) == (False, {signal.SIGTERM})
    loop.handlers[signal.SIGTERM]()
    loop.handlers[signal.SIGTERM]()
    assert (drain.begun, stops) == (True, [])
    ((seconds, stop),) = loop.later
    stop()
    assert (seconds, stops) == (7.5, ["stop"])


def test_g5_a_sandbox_stops_at_once_unless_it_is_told_to_drain():
    seconds = [
        Drain.of(settings)._seconds
        for settings in (
            Settings(drain_seconds=9),
            Settings(),
            Settings(sandbox=True),
            Settings(sandbox=True, drain_seconds=9),
        )
    ]
    assert seconds == [9, Settings().drain_seconds, 0, 9]


def test_g5_a_real_signal_is_heeded_and_ends_in_the_sign_of_the_web_server():
    """SIGTERM to this very process, as a supervisor sends it; SIGINT is what granian stops at."""

    async def stopped():
        loop, interrupted = asyncio.get_running_loop(), asyncio.Event()
        loop.add_signal_handler(signal.SIGINT, interrupted.set)
        drain = Drain(0)
        drain.heed(loop)
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(interrupted.wait(), 10)
        return drain.begun

    assert asyncio.run(stopped())


def test_g5_while_draining_calls_are_answered_and_only_readiness_is_gone():
    settings = Settings(drain_seconds=600)
    app = create_app(FakeEngine(), settings, lambda *_: Caller("ehr"))
    application = AwaitedBody(app, settings)

    async def answers():
        before = [await call(application, *one) for one in CALLS]
        application._drain.begin(Loop())
        return before, [await call(application, *one) for one in CALLS]

    before, after = asyncio.run(answers())
    assert [exchange.status for exchange in before] == [200, 200, 200]
    assert not any("connection" in exchange.headers for exchange in before)
    assert [exchange.status for exchange in after] == [503, 200, 200]
    assert after[0].body == b'{"status":"draining"}'
    assert {exchange.headers["connection"] for exchange in after} == {"close"}


CALLS = [("GET", "/readyz"), ("GET", "/healthz"), ("POST", "/cds-services/net")]


async def call(application, method, path):
    exchange = Exchange(chunk(b"{}"))
    request = scope(path, method, content_type="application/json")
    await application(request, exchange)
    return exchange
