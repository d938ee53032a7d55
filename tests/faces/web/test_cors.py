"""Which web pages may read the answers, on every kind of answer."""

import asyncio

import pytest

from cdshooks.clients.client import Client
from cdshooks.errors import (
    CallerForbidden,
    CallerUnknown,
    DataRequired,
    RequestInvalid,
    TrustUnavailable,
)
from cdshooks.faces.web.http import create_app
from cdshooks.faces.web.rsgi import AwaitedBody
from cdshooks.faces.web.turns import Turns
from cdshooks.hooks.caller import Caller
from cdshooks.settings import Settings
from tests.faces.web.engines import FakeEngine
from tests.faces.web.test_rsgi import Exchange, chunk, scope

LISTED, OF_CLIENT = "https://launch.example", "https://ehr.example:8443"
PLACES = ["/cds-services", "/cds-services/net", "/cds-services/net/feedback"]
ASKS = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type,x-request-id,traceparent",
}


def settings(**given):
    ehr = Client("ehr", "https://ehr.example", cors_origins=(OF_CLIENT,))
    return Settings(
        clients=(ehr,), public_base="https://cds.example.org", max_body_bytes=1024,
        **{"cors_origins": (LISTED,), **given},
    )  # fmt: skip


class Admitting:
    """Lets everybody in, or raises what a test puts into `error`."""

    error = None

    def __call__(self, _authorization, _path):
        if self.error is not None:
            raise self.error
        return Caller("ehr")


@pytest.fixture
def engine():
    return FakeEngine()


@pytest.fixture
def admit():
    return Admitting()


@pytest.fixture
def client(engine, admit):
    return create_app(engine, settings(), admit).test_client()


def every_answer(client, engine, admit, origin):
    """One answer of each status that the application gives."""
    headers = {} if origin is None else {"Origin": origin}

    def post(path="/cds-services/net", data=b"{}", content_type="application/json"):
        return client.post(path, data=data, content_type=content_type, headers=headers)

    yield client.get("/cds-services", headers=headers)
    yield client.options("/cds-services/net", headers={**headers, **ASKS})
    yield post()
    yield post(path="/cds-services/other")
    yield post(path="/nothing")
    yield post(content_type="text/plain")
    yield post(data=b"x" * 2000)
    yield client.get("/cds-services/net", headers=headers)
    for engine.error in (
        RequestInvalid("is missing", "hook"),
        DataRequired({"a": "b"}),
        ValueError(),
    ):
        yield post()
    for admit.error in (CallerUnknown("x"), CallerForbidden("x"), TrustUnavailable("x")):
        yield post()


STATUSES = {200, 204, 400, 401, 403, 404, 405, 412, 413, 415, 500, 503}


@pytest.mark.parametrize("origin", [LISTED, OF_CLIENT])
def test_p25_p26_p27_c8_a_page_of_a_listed_origin_reads_every_answer(client, engine, admit, origin):
    """Without these headers on an error a browser client sees only "network error"."""
    statuses = set()
    for answer in every_answer(client, engine, admit, origin):
        statuses.add(answer.status_code)
        assert answer.headers.getlist("Access-Control-Allow-Origin") == [origin]
        assert answer.headers.getlist("Vary") == ["Origin"]
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
    assert statuses == STATUSES


ORIGINS = {
    LISTED: True,
    OF_CLIENT: True,
    None: False,
    "null": False,
    "*": False,
    "https://evil.example": False,
    "http://launch.example": False,
    "https://launch.example:444": False,
    "https://launch.example/": False,
    "https://LAUNCH.example": False,
    "https://launch.example.evil.example": False,
    "https://evil.example/https://launch.example": False,
    "https://launch.example, https://evil.example": False,
    "https://sub.launch.example": False,
    "https://ehr.example": False,
}


@pytest.mark.parametrize(("origin", "allowed"), ORIGINS.items())
def test_p27_c8_an_origin_is_listed_to_the_letter_or_not_let_in(
    client, engine, admit, origin, allowed
):
    for answer in every_answer(client, engine, admit, origin):
        told = answer.headers.get("Access-Control-Allow-Origin")
        assert told == (origin if allowed else None)
        assert ("Access-Control-Expose-Headers" in answer.headers) <= allowed
        assert answer.headers.getlist("Vary") == ["Origin"]


@pytest.mark.parametrize("listed", ["*", "null"])
def test_c8_what_would_let_in_every_page_is_never_listed(engine, listed):
    open_to_all = settings().model_copy(update={"cors_origins": (listed,)})
    client = create_app(engine, open_to_all, Admitting()).test_client()
    answer = client.get("/cds-services", headers={"Origin": listed})
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_c8_without_a_list_there_is_no_word_of_it(engine):
    none = settings(cors_origins=()).model_copy(update={"clients": ()})
    client = create_app(engine, none, Admitting()).test_client()
    answer = client.options("/cds-services/net", headers={"Origin": LISTED, **ASKS})
    assert [name for name, _ in answer.headers if name.startswith("Access-Control")] == []
    assert "Vary" not in answer.headers


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize("origin", [LISTED, OF_CLIENT])
def test_p22_p23_p24_p120_a_preflight_is_answered_without_signing_in(client, admit, path, origin):
    admit.error = CallerUnknown("absent")
    answer = client.options(path, headers={"Origin": origin, **ASKS})
    assert (answer.status_code, answer.data) == (204, b"")
    assert "Content-Type" not in answer.headers
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert {"GET", "POST"} <= listed(answer, "Access-Control-Allow-Methods")
    asked = set(ASKS["Access-Control-Request-Headers"].split(","))
    assert asked <= {name.lower() for name in listed(answer, "Access-Control-Allow-Headers")}


def listed(answer, header):
    return set(answer.headers[header].split(", "))


def test_p25_a_page_may_read_the_ids_of_its_call_and_when_to_come_back(client):
    answer = client.get("/cds-services", headers={"Origin": LISTED})
    exposed = listed(answer, "Access-Control-Expose-Headers")
    assert {"X-Request-Id", "X-Correlation-Id", "traceparent", "Retry-After"} <= exposed


# ---- what is answered before the application -----------------------------------------------------


def unlucky(_environ, _start_response):
    raise ValueError


BEFORE = {
    413: ({"content_length": "99999"}, {}),
    415: ({"content_encoding": "gzip"}, {}),
    400: ({"content_length": "x"}, {}),
    408: ({}, {"body_seconds": 0.02}),
    500: ({}, {}),
}


@pytest.mark.parametrize("origin", [LISTED, "https://evil.example"])
@pytest.mark.parametrize("status", BEFORE)
def test_p26_c8_what_the_application_never_saw_is_for_listed_pages_too(status, origin):
    headers, given = BEFORE[status]
    exchange = Exchange(chunk(b"{", more=status == 408))
    application = AwaitedBody(unlucky, settings(**given))
    request = scope(origin=origin, **headers)
    asyncio.run(application(request, exchange))
    told = exchange.headers.get("access-control-allow-origin")
    assert (exchange.status, told) == (status, LISTED if origin == LISTED else None)
    assert exchange.headers["vary"] == "Origin"
    assert exchange.headers["x-request-id"]


def test_p26_c8_busy_is_told_to_listed_pages_too():
    application = AwaitedBody(unlucky, settings())
    application._turns = Turns(threads=0, queue=0, share=1)
    exchange = Exchange(chunk(b"{}"))
    asyncio.run(application(scope(origin=LISTED), exchange))
    assert exchange.status == 503
    assert exchange.headers["access-control-allow-origin"] == LISTED


# ---- the sandbox ---------------------------------------------------------------------------------


@pytest.mark.parametrize("origin", ["https://sandbox.cds-hooks.org", "null", None])
def test_p25_p26_p27_the_sandbox_lets_any_page_read_without_credentials(engine, admit, origin):
    client = create_app(engine, Settings(sandbox=True, max_body_bytes=1024), admit).test_client()
    for answer in every_answer(client, engine, admit, origin):
        assert answer.headers.getlist("Access-Control-Allow-Origin") == ["*"]
        assert "Access-Control-Allow-Credentials" not in answer.headers
