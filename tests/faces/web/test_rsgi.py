"""The awaited body, driven by hand: what is refused before a thread is taken."""

import asyncio
import json
import threading
import time
from types import SimpleNamespace
from urllib.parse import quote

import pytest

from cdshooks.faces.web.exchange import EXCHANGE
from cdshooks.faces.web.rsgi import AwaitedBody
from cdshooks.settings import Settings


def echo(environ, start_response):
    """A WSGI application that says what it was given."""
    body = environ["wsgi.input"].read()
    path = quote(environ["PATH_INFO"], encoding="latin-1")
    start_response("200 OK", [("Content-Type", "text/plain"), ("X-Path", path)])
    return [body]


def scope(path="/", method="POST", *, client="127.0.0.1:1", **headers):
    """Of a call whose body comes in chunks, unless it has a length."""
    pairs = [(name.replace("_", "-"), value) for name, value in headers.items()]
    if "content_length" not in headers:
        pairs.append(("transfer-encoding", "chunked"))
    return SimpleNamespace(
        http_version="1.1",
        method=method,
        path=path,
        query_string="a=1",
        headers=SimpleNamespace(items=lambda: pairs),
        server="127.0.0.1:8080",
        client=client,
        scheme="http",
    )


BREAKS_OFF = {"body": b"", "more": False, "whole": False}


class Exchange:
    """One call, as granian hands it over: `messages` come in order, then the caller falls silent.

    Chunk by chunk an end is one empty chunk, and a body that breaks off, or has a trailer, two.
    """

    def __init__(self, *messages):
        self.messages, self.received, self.sent = list(messages), 0, None
        self.more, self.ended = True, False

    async def receive(self):
        if self.received == len(self.messages):
            await asyncio.Event().wait()
        self.received += 1
        return self.messages[self.received - 1]

    async def __call__(self):
        body, more = b"", True
        while more:
            message = await self.receive()
            body, more = body + message["body"], message["more"]
            if not message["whole"]:
                raise RuntimeError("RSGI transport is closed")
        return body

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self.ended:
            raise StopAsyncIteration
        while self.more:
            message = await self.receive()
            self.more = message["more"]
            if message["body"] or not message["whole"]:
                return message["body"]
        self.ended = True
        return b""

    def response_bytes(self, status, headers, body):
        assert self.sent is None
        self.sent = status, headers, body

    @property
    def status(self):
        return self.sent[0]

    @property
    def headers(self):
        return {name.lower(): value for name, value in self.sent[1]}

    @property
    def body(self):
        return self.sent[2]

    @property
    def issue(self):
        assert self.headers["content-type"] == "application/json"
        assert self.headers["access-control-allow-origin"] == "*"
        return json.loads(self.body)["issue"][0]


def chunk(body, *, more=False):
    return {"body": body, "more": more, "whole": True}


def call(exchange, request, application=echo, **settings):
    limits = Settings(**{"sandbox": True, "max_body_bytes": 1024, **settings})
    asyncio.run(AwaitedBody(application, limits)(request, exchange))
    return exchange


def test_the_application_gets_the_whole_body_at_once():
    for length in ({}, {"content_length": "4"}):
        sent = Exchange(chunk(b"ab", more=True), chunk(b"cd"))
        exchange = call(sent, scope("/a/ü", x_y="1", **length))
        assert (exchange.status, exchange.body) == (200, b"abcd")
        assert exchange.headers["x-path"] == quote("/a/ü")


def test_f1_the_budget_of_an_answer_counts_from_when_the_whole_body_was_here():
    """What a caller takes to send its body is the caller's own time."""
    seen, sent = [], []

    class Slow(Exchange):
        async def receive(self):
            sent.append(time.monotonic())
            return await super().receive()

    def remember(environ, start_response):
        seen.append(environ[EXCHANGE].arrived)
        return echo(environ, start_response)

    call(Slow(chunk(b"a", more=True), chunk(b"b")), scope(), remember)
    assert sent[1] <= seen[0] <= time.monotonic()


def test_d8_a_header_with_an_underscore_is_dropped_and_a_repeated_one_is_a_list():
    seen = {}

    def remember(environ, start_response):
        seen.update(environ)
        return echo(environ, start_response)

    pairs = [("x-a", "1"), ("x-a", "2"), ("content_length", "99"), ("content-length", "2")]
    request = scope(content_length="2")
    request.headers.items = lambda: pairs
    call(Exchange(chunk(b"ab")), request, remember)
    assert (seen["HTTP_X_A"], seen["CONTENT_LENGTH"]) == ("1,2", "2")
    assert "HTTP_CONTENT_LENGTH" not in seen


def test_p62_d1_a_length_over_the_limit_is_413_before_a_byte_is_read():
    exchange = call(Exchange(chunk(b"")), scope(content_length="1025"))
    assert (exchange.status, exchange.received) == (413, 0)
    assert exchange.issue["code"] == "too-long"
    assert exchange.headers["connection"] == "close"


def test_p62_d1_a_body_over_the_limit_is_413_as_soon_as_it_is_over():
    endless = [chunk(b"x" * 600, more=True) for _ in range(1000)]
    exchange = call(Exchange(*endless), scope())
    assert (exchange.status, exchange.received) == (413, 2)


def test_d1_a_length_that_lies_is_400():
    assert call(Exchange(chunk(b"ab")), scope(content_length="3")).status == 400
    assert call(Exchange(chunk(b"ab")), scope(content_length="2,3")).status == 400
    assert call(Exchange(chunk(b"ab")), scope(content_length="2")).status == 200


def test_d1_a_body_that_ends_half_way_is_400_and_not_taken_for_a_whole_one():
    calls = []
    for request in (scope(), scope(content_length="9")):
        exchange = Exchange(chunk(b"{}", more=True), BREAKS_OFF)
        call(exchange, request, lambda *asked: calls.append(asked))
        assert (exchange.status, calls) == (400, [])


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "GZIP", "identity, gzip"])
def test_d2_a_compressed_body_is_415_and_stays_unread(encoding):
    exchange = call(Exchange(chunk(b"")), scope(content_encoding=encoding))
    assert (exchange.status, exchange.received) == (415, 0)


def test_d2_identity_is_no_compression():
    assert call(Exchange(chunk(b"{}")), scope(content_encoding="Identity")).status == 200


def test_d3_a_body_that_takes_too_long_is_408():
    for request in (scope(), scope(content_length="9")):
        exchange = call(Exchange(chunk(b"{", more=True)), request, body_seconds=0.05)
        assert exchange.status == 408
        assert exchange.issue["code"] == "timeout"


def test_p63_an_application_that_breaks_is_a_constant_500(caplog):
    def broken(environ, start_response):
        raise ValueError("SECRET")

    exchange = call(Exchange(chunk(b"{}")), scope(), broken)
    assert exchange.status == 500
    assert b"SECRET" not in exchange.body
    assert "SECRET" not in caplog.text


def test_the_iterable_of_an_answer_is_closed():
    class Answer(list):
        closed = False

        def close(self):
            Answer.closed = True

    def application(environ, start_response):
        start_response("200 OK", [])
        return Answer([b"a", b"b"])

    assert call(Exchange(chunk(b"")), scope(), application).body == b"ab"
    assert Answer.closed


def test_d9_when_every_thread_is_busy_and_the_queue_is_full_the_answer_is_503():
    """One call is worked on, one waits, the third is told to come back; then all goes on."""
    gate = threading.Event()

    def slow(environ, start_response):
        gate.wait(5)
        return echo(environ, start_response)

    async def flood():
        settings = Settings(sandbox=True, threads=1, queue=1)
        application = AwaitedBody(slow, settings)
        exchanges = [Exchange(chunk(b"{}")) for _ in range(3)]
        calls = [asyncio.create_task(application(scope(), one)) for one in exchanges]
        await calls[2]
        gate.set()
        await asyncio.gather(*calls)
        late = Exchange(chunk(b"{}"))
        await application(scope(), late)
        return [*exchanges, late]

    exchanges = asyncio.run(flood())
    assert [exchange.status for exchange in exchanges] == [200, 200, 503, 200]
    assert exchanges[2].headers["retry-after"] == "1"
    assert exchanges[2].issue["code"] == "throttled"


def test_outside_of_the_sandbox_a_refusal_is_for_no_page():
    exchange = call(Exchange(chunk(b"")), scope(content_encoding="br"), sandbox=False)
    assert exchange.status == 415
    assert "access-control-allow-origin" not in exchange.headers


def test_its_threads_end_after_the_last_call():
    async def lived():
        application = AwaitedBody(echo, Settings(sandbox=True))
        exchange = Exchange(chunk(b"{}"))
        await application(scope(), exchange)
        threads = [thread for thread, _ in application._turns._workers]
        application.__rsgi_del__(asyncio.get_running_loop())
        return exchange.status, [one.is_alive() for one in threads]

    assert asyncio.run(lived()) == (200, [False])
