"""The awaited body: a whole request is here before a thread works on it.

A thread that reads from a slow caller is a thread that answers nobody. So the event loop collects
each body, under a limit of size and of time, and only then hands the call to the Flask application
on a bounded pool.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from wsgiref.types import WSGIApplication, WSGIEnvironment

from cdshooks.errors import BodyTooLarge, BodyUnsupported, RequestInvalid, RequestRefused
from cdshooks.faces.answers import (
    Answer,
    BodyLate,
    Saturated,
    internal_error,
    refused,
)
from cdshooks.faces.drain import Drain
from cdshooks.faces.exchange import EXCHANGE, Edge, Exchange
from cdshooks.faces.wsgi import environ, run
from cdshooks.settings import Settings

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class AwaitedBody:
    """An ASGI application that answers with a WSGI one, which ends the exchange it is given."""

    def __init__(self, application: WSGIApplication, settings: Settings):
        self._application, self._settings = application, settings
        self._edge, self._drain = Edge.of(settings), Drain.of(settings)
        self._pool = ThreadPoolExecutor(settings.threads, "answer")
        self._at_most = settings.threads + settings.queue
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await _send(await self._answer(scope, receive), send)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        headers = _headers(scope)
        exchange = Exchange(
            self._edge,
            scope["method"],
            lambda name: headers.get(name.lower()),
            draining=self._drain.begun,
        )
        try:
            body = await self._body(headers, receive)
            exchange.arrived = time.monotonic()
            return await self._work({**environ(scope, headers, body), EXCHANGE: exchange})
        except Exception as error:  # noqa: BLE001 - the last line before the caller
            return _alone(exchange, error)

    async def _body(self, headers: Mapping[str, str], receive: Receive) -> bytes:
        if headers.get("content-encoding", "identity").lower() != "identity":
            raise BodyUnsupported("a compressed body is not accepted", "Content-Encoding")
        at_most = self._settings.max_body_bytes
        announced = _announced(headers)
        if announced is not None and announced > at_most:
            raise BodyTooLarge(f"more than {at_most} bytes", "body")
        try:
            async with asyncio.timeout(self._settings.body_seconds):
                body = await _collected(receive, at_most)
        except TimeoutError:
            raise BodyLate("did not arrive in time", "body") from None
        if announced is not None and announced != len(body):
            raise RequestInvalid("is not as long as Content-Length says", "body")
        return body

    async def _work(self, environment: WSGIEnvironment) -> Answer:
        """The application's answer, from a thread of the pool."""
        if self._under_way >= self._at_most:
            raise Saturated("the service is busy, try again")
        self._under_way += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._pool, run, self._application, environment)
        finally:
            self._under_way -= 1

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._drain.heed(asyncio.get_running_loop())
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                self._pool.shutdown(wait=True)
                await send({"type": "lifespan.shutdown.complete"})
                return


def _alone(exchange: Exchange, error: Exception) -> Answer:
    """An answer that the application never saw. The body may be unread: no further call."""
    with exchange.in_log():
        if isinstance(error, RequestRefused):
            exchange.refuse(error)
            answer = refused(error)
        else:
            answer = internal_error(error)
    headers = [*answer.headers, *exchange.end(answer.status, closing=True)]
    return Answer(answer.status, headers, answer.body)


async def _collected(receive: Receive, at_most: int) -> bytes:
    """The whole body; BodyTooLarge as soon as it is one byte over, whatever its head announced."""
    chunks, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            # Mostly nobody is left to read this; a caller that closed only its side is.
            raise RequestInvalid("ended before it was complete", "body")
        chunk, more = message.get("body", b""), message.get("more_body", False)
        chunks.append(chunk)
        size += len(chunk)
        if size > at_most:
            raise BodyTooLarge(f"more than {at_most} bytes", "body")
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _headers(scope: Scope) -> dict[str, str]:
    """Names in small letters; a name that is given more than once has its values in one list."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    return headers


def _announced(headers: Mapping[str, str]) -> int | None:
    length = headers.get("content-length")
    if length is None:
        return None
    if not (length.isascii() and length.isdigit()):
        raise RequestInvalid("is not a number", "Content-Length")
    return int(length)


async def _send(answer: Answer, send: Send) -> None:
    headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
