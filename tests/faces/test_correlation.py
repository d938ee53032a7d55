"""The ids of a call: taken over where they are well formed, and given back on every answer."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdshooks.errors import CallerUnknown
from cdshooks.faces.correlation import trace_of
from cdshooks.faces.http import create_app
from cdshooks.hooks.caller import Caller
from cdshooks.settings import Settings
from tests.faces.engines import FakeEngine

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
PARENT = f"00-{TRACE}-{SPAN}-01"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-0[01]")


def admit(authorization, _path):
    if authorization is None:
        raise CallerUnknown("absent")
    return Caller("ehr")


@pytest.fixture
def client():
    return create_app(FakeEngine(), Settings(), admit).test_client()


def call(client, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/cds-services/net", json={}, headers=named)


@pytest.mark.parametrize("authorization", [{"Authorization": "x"}, {}])
def test_the_ids_of_a_caller_are_given_back_on_answers_and_refusals(client, authorization):
    answer = call(
        client, X_Request_Id="Root:1", X_Correlation_Id="a.b-c_d", traceparent=PARENT,
        **authorization,
    )  # fmt: skip
    assert answer.status_code == (200 if authorization else 401)
    assert answer.headers["X-Request-Id"] == "Root:1"
    assert answer.headers["X-Correlation-Id"] == "a.b-c_d"
    trace_id, span_id = TRACEPARENT.fullmatch(answer.headers["traceparent"]).groups()
    assert (trace_id, span_id != SPAN) == (TRACE, True)


def test_a_call_without_ids_gets_new_ones_each_time(client):
    answers = [call(client), call(client)]
    ids = {answer.headers["X-Request-Id"] for answer in answers}
    traces = {TRACEPARENT.fullmatch(answer.headers["traceparent"])[1] for answer in answers}
    assert (len(ids), len(traces)) == (2, 2)
    assert all(UUID.fullmatch(one) for one in ids)
    assert not any("X-Correlation-Id" in answer.headers for answer in answers)


@pytest.mark.parametrize(
    "given",
    [
        "",
        " ",
        "a b",
        "a" * 129,
        "a\tb",
        "é",
        "a,b",
        "Jane Doe 1970-01-01",
        "<script>",
        'a"b',
        "a;b",
    ],
)
def test_c4_an_id_that_is_long_or_of_other_signs_is_not_taken_over(given):
    trace = trace_of({"X-Request-Id": given, "X-Correlation-Id": given}.get)
    assert UUID.fullmatch(trace.request_id)
    assert trace.correlation_id is None


@pytest.mark.parametrize(
    "given", ["a", "a" * 128, "4bf92f35-77b3", "A.b_c:d-9", "host/Zq+3=-000001"]
)
def test_an_id_of_letters_digits_and_few_signs_is_taken_over(given):
    assert trace_of({"X-Request-Id": given}.get).request_id == given


@pytest.mark.parametrize(
    ("given", "trace", "flags"),
    [
        (PARENT, TRACE, "01"),
        (f"00-{TRACE}-{SPAN}-00", TRACE, "00"),
        (f"00-{TRACE}-{SPAN}-ff", TRACE, "01"),
        (f"cc-{TRACE}-{SPAN}-01", TRACE, "01"),
        (f"cc-{TRACE}-{SPAN}-01-what-the-future-will-be-like", TRACE, "01"),
        ("", None, "00"),
        (f"00-{TRACE}-{SPAN}-01-more", None, "00"),
        (f"cc-{TRACE}-{SPAN}-01.more", None, "00"),
        (f"ff-{TRACE}-{SPAN}-01", None, "00"),
        (f"00-{'0' * 32}-{SPAN}-01", None, "00"),
        (f"00-{TRACE}-{'0' * 16}-01", None, "00"),
        (f"00-{TRACE.upper()}-{SPAN}-01", None, "00"),
        (f"00-{TRACE[:-1]}-{SPAN}-01", None, "00"),
        (f"00-{TRACE}-{SPAN}-1", None, "00"),
        (f"00_{TRACE}_{SPAN}_01", None, "00"),
        (f" {PARENT}", None, "00"),
        (f"{PARENT},{PARENT}", None, "00"),
        (f"{PARENT}\n", None, "00"),
    ],
)
def test_a_traceparent_is_read_as_the_w3c_has_it(given, trace, flags):
    """Trace Context, 3.2: a later version may say more; what is malformed begins a new trace."""
    found = trace_of({"traceparent": given}.get)
    assert (found.trace_id == TRACE) == (trace == TRACE)
    assert re.fullmatch(r"(?!0{32})[0-9a-f]{32}", found.trace_id)
    assert found.flags == flags


@given(st.text(max_size=200), st.text(max_size=200))
def test_c4_d8_whatever_is_sent_the_headers_that_go_back_are_clean(request_id, parent):
    trace = trace_of(
        {"X-Request-Id": request_id, "X-Correlation-Id": request_id, "traceparent": parent}.get
    )
    for _, value in trace.headers():
        assert re.fullmatch(r"[A-Za-z0-9._:+/=-]{1,128}", value)
