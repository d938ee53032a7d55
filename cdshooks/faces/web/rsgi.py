"""The awaited body: a whole request is here before a thread works on it.

A thread that reads from a slow caller is a thread that answers nobody. So the event loop collects
each body, under its limits, and only then hands the call to the Flask application on one of a few
threads, which those who call take in turn.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol
from wsgiref.types import WSGIApplication, WSGIEnvironment

from cdshooks.errors import RequestRefused
from cdshooks.faces.web.answers import (
    Answer,
    Headers,
    OverShare,
    Saturated,
    internal_error,
    refused,
)
from cdshooks.faces.web.body import Bodies, Coming
from cdshooks.faces.web.drain import Drain
from cdshooks.faces.web.exchange import (
    EXCHANGE,
    PROBES,
    Count,
    Edge,
    Exchange,
    count_nothing,
    exchange_of,
)
from cdshooks.faces.web.lanes import Lanes
from cdshooks.faces.web.turns import Turns
from cdshooks.faces.web.wsgi import Scope, canonical, environ, run
from cdshooks.settings import Settings

WAITED_AT_MOST = 1.0
"""Seconds that a call may have waited for a thread: twice what an answer may take. Its caller has
given up, and work for it would only make the calls behind it late as well."""

PAUSE = 0.25
"""Seconds before a caller hears that it is over its share: who asks again at once, against
Retry-After, would otherwise keep us busy with refusals."""


Begin = Callable[[], None]
"""What the thread of the event loop does before its first call."""


def begin_anywhere() -> None:
    """On whatever processor the system chooses."""


class Call(Coming, Protocol):
    """One call as RSGI hands it over: its body, which is coming, and the way back."""

    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None: ...


class AwaitedBody:
    """An RSGI application that answers with a WSGI one, which ends the exchange it is given."""

    def __init__(
        self,
        application: WSGIApplication,
        settings: Settings,
        count: Count = count_nothing,
        begin: Begin = begin_anywhere,
    ):
        self._application, self._bodies = application, Bodies(settings)
        self._begin = begin
        self._edge, self._drain = Edge.of(settings, count), Drain.of(settings)
        self._lanes = Lanes.of(settings)
        self._turns = Turns[Answer](settings.threads, settings.queue, settings.client_queue)
        self._probes = Turns[Answer](1, settings.queue, settings.queue)  # never behind calls

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Before the first call. granian's threads are made between this and the loop's start."""
        self._drain.heed(loop)
        loop.call_soon(self._begin)

    def __rsgi_del__(self, _loop: asyncio.AbstractEventLoop) -> None:
        """After the last one."""
        self._turns.close()
        self._probes.close()

    async def __call__(self, scope: Scope, call: Call) -> None:
        answer = await self._answer(scope, call)
        call.response_bytes(answer.status, answer.headers, answer.body)

    async def _answer(self, scope: Scope, coming: Coming) -> Answer:
        headers = _headers(scope)
        exchange = Exchange(
            self._edge,
            scope.method,
            lambda name: headers.get(name.lower()),
            draining=self._drain.begun,
        )
        try:
            return await self._of_whole(scope, headers, coming, exchange)
        except OverShare as error:
            error.__traceback__ = None  # its frames hold the body, which need not wait as well
            await asyncio.sleep(PAUSE)
            return _alone(exchange, error, closing=False)
        except Exception as error:  # noqa: BLE001 - the last line before the caller
            return _alone(exchange, error)

    async def _of_whole(
        self, scope: Scope, headers: Mapping[str, str], coming: Coming, exchange: Exchange
    ) -> Answer:
        share = self._bodies.share()
        try:
            body = await self._bodies.read(scope.path, headers, coming, share)
            exchange.arrived = time.monotonic()
            environment = environ(scope, headers, body)
            environment[EXCHANGE] = exchange
            return await self._work(environment, headers.get("authorization"))
        finally:
            self._bodies.let_go(share)

    async def _work(self, environment: WSGIEnvironment, authorization: str | None) -> Answer:
        """The application's answer, from a thread when it is the caller's turn."""
        work = partial(self._run, environment)
        if canonical(environment["PATH_INFO"]) in PROBES:
            return await self._probes.take("probes", work)
        lane = self._lanes.lane(authorization, environment["REMOTE_ADDR"])
        return await self._turns.take(lane, work)

    def _run(self, environment: WSGIEnvironment) -> Answer:
        exchange = exchange_of(environment)
        if time.monotonic() - exchange.arrived > WAITED_AT_MOST:
            return _alone(exchange, Saturated("the service is busy, try again"))
        return run(self._application, environment)


def _alone(exchange: Exchange, error: Exception, *, closing: bool = True) -> Answer:
    """An answer that the application never saw. If its body may be unread: no further call."""
    with exchange.in_log():
        if isinstance(error, RequestRefused):
            exchange.refuse(error)
            answer = refused(error)
        else:
            answer = internal_error(error)
    headers = [*answer.headers, *exchange.end(answer.status, closing=closing)]
    return Answer(answer.status, headers, answer.body)


def _headers(scope: Scope) -> dict[str, str]:
    """By names in small letters; a name that is given more than once has its values in one list."""
    given = scope.headers.items()
    headers = dict(given)
    if len(headers) < len(given):
        headers = {}
        for name, value in given:
            headers[name] = f"{headers[name]},{value}" if name in headers else value
    return headers
