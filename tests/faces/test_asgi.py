"""The awaited body, driven by hand: what is refused before a thread is taken."""

import asyncio
import json
import threading
import time

import pytest

from cdshooks.faces.asgi import AwaitedBody
from cdshooks.faces.exchange import EXCHANGE
from cdshooks.settings import Settings


def echo(environ, start_response):
    """A WSGI application that says what it was given."""
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain"), ("X-Path", environ["PATH_INFO"])])
    return [body]


def scope(path="/", method="POST", **headers):
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": path,
        "query_string": b"a=1",
        "headers": pairs,
        "server": ("127.0.0.1", 8080),
        "client": ("127.0.0.1", 1),
        "scheme": "http",
    }


class Exchange:
    """One request: `messages` are received in order, then the caller falls silent."""

    def __init__(self, *messages):
        self.messages, self.received, self.sent = list(messages), 0, []

    async def receive(self):
        if self.received == len(self.messages):
            await asyncio.Event().wait()
        self.received += 1
        return self.messages[self.received - 1]

    async def send(self, message):
        self.sent.append(message)

    @property
    def status(self):
        return self.sent[0]["status"]

    @property
    def headers(self):
        return {name.decode(): value.decode() for name, value in self.sent[0]["headers"]}

    @property
    def body(self):
        return b"".join(message["body"] for message in self.sent[1:])

    @property
    def issue(self):
        assert self.headers["content-type"] == "application/json"
        assert self.headers["access-control-allow-origin"] == "*"
        return json.loads(self.body)["issue"][0]


def chunk(body, *, more=False):
    return {"type": "http.request", "body": body, "more_body": more}


def call(exchange, request, application=echo, **settings):
    limits = Settings(**{"sandbox": True, "max_body_bytes": 1024, **settings})
    asyncio.run(AwaitedBody(application, limits)(request, exchange.receive, exchange.send))
    return exchange


def test_the_application_gets_the_whole_body_at_once():
    exchange = call(Exchange(chunk(b"ab", more=True), chunk(b"cd")), scope("/a/ü", x_y="1"))
    assert (exchange.status, exchange.body) == (200, b"abcd")
    assert exchange.headers["x-path"] == "/a/ü"


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

    request = scope()
    request["headers"] = [(b"X-A", b"1"), (b"x-a", b"2"), (b"content_length", b"99")]
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
    exchange = Exchange(chunk(b"{}", more=True), {"type": "http.disconnect"})
    call(exchange, scope(), lambda *asked: calls.append(asked))
    assert (exchange.status, calls) == (400, [])


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "GZIP", "identity, gzip"])
def test_d2_a_compressed_body_is_415_and_stays_unread(encoding):
    exchange = call(Exchange(chunk(b"")), scope(content_encoding=encoding))
    assert (exchange.status, exchange.received) == (415, 0)


def test_d2_identity_is_no_compression():
    assert call(Exchange(chunk(b"{}")), scope(content_encoding="Identity")).status == 200


def test_d3_a_body_that_takes_too_long_is_408():
    exchange = call(Exchange(chunk(b"{", more=True)), scope(), body_seconds=0.05)
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
        calls = [
            asyncio.create_task(application(scope(), one.receive, one.send)) for one in exchanges
        ]
        await calls[2]
        gate.set()
        await asyncio.gather(*calls)
        late = Exchange(chunk(b"{}"))
        await application(scope(), late.receive, late.send)
        return [*exchanges, late]

    exchanges = asyncio.run(flood())
    assert [exchange.status for exchange in exchanges] == [200, 200, 503, 200]
    assert exchanges[2].headers["retry-after"] == "1"
    assert exchanges[2].issue["code"] == "throttled"


def test_outside_of_the_sandbox_a_refusal_is_for_no_page():
    exchange = call(Exchange(chunk(b"")), scope(content_encoding="br"), sandbox=False)
    assert exchange.status == 415
    assert "access-control-allow-origin" not in exchange.headers


def test_the_lifespan_is_answered():
    exchange = Exchange({"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})
    call(exchange, {"type": "lifespan"})
    assert [message["type"] for message in exchange.sent] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]
