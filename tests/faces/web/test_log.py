"""The log: a line of JSON for each event, of listed keys in listed shapes, and nothing else."""

import io
import json
import logging
import os
import re
import threading
import unicodedata
import warnings
from pathlib import Path

import pydantic
import pytest
import requests
import sqlalchemy.exc
from fhir.resources.R4B.patient import Patient

from cdshooks.engine import Engine
from cdshooks.errors import (
    CallerForbidden,
    CallerTooFrequent,
    CallerUnknown,
    DataRequired,
    PatientMismatch,
    RequestInvalid,
    TokenRefused,
    TrustUnavailable,
)
from cdshooks.faces.web.exchange import Edge, Exchange
from cdshooks.faces.web.http import create_app
from cdshooks.faces.web.log import KEYS, allowed, configure_log, keyed_hash, tell, tell_error
from cdshooks.hooks.caller import Caller
from cdshooks.hooks.told import Advised, Asked
from cdshooks.settings import Settings
from tests.faces.web.engines import FakeEngine

SECRET = "SECRET-4711"
KEY = "k" * 32
UUID = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
PATH = "/cds-services/net"


class Telling(FakeEngine):
    """Tells of each answer what a test puts into `told`."""

    told = ()

    def answer(self, service_id, body, caller, began=None, tell=None):
        for one in self.told:
            tell(one)
        return super().answer(service_id, body, caller, began)


@pytest.fixture
def engine():
    return Telling()


def served(engine, admit=lambda *_: Caller("ehr"), **given):
    return create_app(engine, Settings(log_key=KEY, **given), admit).test_client()


def call(client, path=PATH, **how):
    return client.post(path, **{"data": b"{}", "content_type": "application/json", **how})


def the_call(logged):
    (event,) = [event for event in logged.events() if event["event"] == "call"]
    return event


# ---- one event for each call ---------------------------------------------------------------------


def test_a_call_is_one_event_that_says_what_came_of_it(engine, logged):
    states = {"patient": "sent", "observations": "fetched"}
    engine.told = (
        Asked(UUID, "p1"),
        Advised({"warning": 1, "info": 2}, states, problems=3),
    )
    answer = call(served(engine), headers={"X-Correlation-Id": "c1"})
    event = the_call(logged)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", event.pop("time"))
    assert event.pop("ms") >= 0
    trace_id, span_id = answer.headers["traceparent"].split("-")[1:3]
    assert event == {
        "level": "info",
        "event": "call",
        "method": "POST",
        "route": "/cds-services/<service_id>",
        "status": 200,
        "client": "ehr",
        "service": "net",
        "cards": {"warning": 1, "info": 2},
        "prefetch": states,
        "problems": 3,
        "instance": UUID,
        "patient": keyed_hash(KEY.encode(), "ehr", "p1"),
        "request_id": answer.headers["X-Request-Id"],
        "correlation_id": "c1",
        "trace_id": trace_id,
        "span_id": span_id,
        "worker": os.getpid(),
    }


def test_the_real_engine_tells_counts_and_states(logged):
    client = create_app(
        Engine.load(), Settings(log_key=KEY), lambda *_: Caller("ehr")
    ).test_client()
    body = {
        "hook": "patient-view",
        "hookInstance": UUID,
        "context": {"patientId": "p1", "userId": "Practitioner/1"},
        "prefetch": {
            "patient": {"resourceType": "Patient", "id": "p1"},
            "conditions": {"resourceType": "Bundle", "type": "searchset", "entry": []},
            "observations": None,
        },
    }
    assert call(client, "/cds-services/net-patient-view", data=json.dumps(body)).status_code == 200
    event = the_call(logged)
    assert (event["prefetch"]["observations"], event["prefetch"]["allergies"]) == ("null", "absent")
    assert (event["instance"], "cards" in event) == (UUID, False)
    del body["prefetch"]["observations"]
    assert call(client, "/cds-services/net-patient-view", data=json.dumps(body)).status_code == 412
    event = the_call(logged)
    assert (event["keys"], event["instance"]) == (["observations"], UUID)
    assert event["lacking"] == {"observations": "it was not sent"}
    assert event["patient"] == keyed_hash(KEY.encode(), "ehr", "p1")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (CallerUnknown("expired"), {"status": 401, "reason": "expired"}),
        (CallerForbidden("tenant"), {"status": 403, "reason": "tenant"}),
        (TrustUnavailable("too many tokens"), {"status": 503, "reason": "too many tokens"}),
        (
            CallerUnknown("signature", claimed="ehr-2"),
            {"status": 401, "reason": "signature", "claimed": "ehr-2"},
        ),
        (CallerUnknown("used", client="ehr-2"), {"reason": "used", "client": "ehr-2"}),
        (
            CallerTooFrequent("too many tokens in this hour", client="ehr-2"),
            {"status": 429, "reason": "too many tokens in this hour", "client": "ehr-2"},
        ),
        (
            DataRequired({"a": "it was not sent", "c": "only a part of it was sent; no time"}),
            {
                "status": 412,
                "keys": ["a", "c"],
                "lacking": {"a": "it was not sent", "c": "only a part of it was sent; no time"},
            },
        ),
        (RequestInvalid("is missing", "context.userId"), {"status": 400, "at": "context.userId"}),
        (PatientMismatch("is of another", "prefetch.patient.id"), {"at": "prefetch.patient.id"}),
    ],
)
def test_p119_a_refusal_has_its_reason_in_the_log_and_only_there(engine, logged, error, told):
    engine.error = error
    answer = call(served(engine))
    event = the_call(logged)
    assert told.items() <= event.items()
    assert event["request_id"] == answer.headers["X-Request-Id"]
    if isinstance(error, TokenRefused):
        sent = f"{answer.headers}{answer.text}"
        assert not [one for one in (error.reason, "ehr-2", "claimed") if one in sent]


@pytest.mark.parametrize(
    ("path", "method", "told"),
    [
        ("/cds-services/other", "POST", {"status": 404, "route": "/cds-services/<service_id>"}),
        (f"/{SECRET}", "GET", {"status": 404}),
        (f"{PATH}?name={SECRET}", SECRET, {"status": 405, "method": "other"}),
        (PATH, "OPTIONS", {"status": 204, "method": "OPTIONS"}),
    ],
)
def test_d12_what_a_caller_makes_up_is_no_value_of_the_log(engine, logged, path, method, told):
    """Neither a path nor a service or method that there is not."""
    client = served(engine)
    client.open(path, method=method, json={})
    event = the_call(logged)
    assert told.items() <= event.items()
    assert not {"service", "path"} & event.keys()
    assert SECRET not in json.dumps(event)


def test_probes_are_for_debugging_and_a_failure_of_ours_is_a_warning(engine, logged):
    client = served(engine)
    client.get("/healthz")
    assert the_call(logged)["level"] == "debug"
    engine.error = ValueError()
    call(client)
    assert the_call(logged)["level"] == "warning"


# ---- pseudonyms ----------------------------------------------------------------------------------


def hashed(told, *, client="ehr", key=KEY):
    exchange = Exchange(Edge.of(Settings(log_key=key)), "POST", lambda _: None)
    exchange.note(client=client)
    exchange.hear(told)
    return exchange._told


def test_c2_a_patient_is_a_keyed_hash_that_no_other_client_or_key_shares():
    mine = hashed(Asked(UUID, "p1"))["patient"]
    assert re.fullmatch(r"[0-9a-f]{16}", mine)
    assert mine == hashed(Asked("other", "p1"))["patient"]
    others = [
        hashed(Asked(UUID, "p2")),
        hashed(Asked(UUID, "p1"), client="lab"),
        hashed(Asked(UUID, "p1"), key="o" * 32),
    ]
    assert len({mine, *(other["patient"] for other in others)}) == 4


def test_c2_a_hook_instance_is_told_as_it_is_only_if_it_is_a_uuid():
    assert hashed(Asked(UUID, "p1"))["instance"] == UUID
    for made_up in ("Jane Doe", f"{UUID}\n", f"x{UUID}", "1", "\ud800"):
        assert re.fullmatch(r"[0-9a-f]{16}", hashed(Asked(made_up, "p1"))["instance"])


def test_c2_neither_a_patient_nor_an_instance_is_in_the_repr_of_what_is_told():
    assert SECRET not in repr(Asked(SECRET, SECRET))


def test_without_a_key_a_patient_has_one_hash_for_as_long_as_the_process_runs():
    first, second = (Edge.of(Settings()).log_key for _ in range(2))
    assert first == second
    assert len(first) == 32


# ---- the list ------------------------------------------------------------------------------------


def test_c2_a_key_that_is_not_on_the_list_is_dropped(logged):
    tell(logging.INFO, "call", status=200, name=SECRET, body=SECRET, token=SECRET)
    (event,) = logged.events()
    assert event.keys() == {"time", "level", "event", "status"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("status", SECRET),
        ("status", [1]),
        ("client", {"name": SECRET}),
        ("client", b"ehr"),
        ("client", ""),
        ("cards", [SECRET]),
        ("cards", {"info": [SECRET]}),
        ("cards", {}),
        ("keys", SECRET),
        ("keys", [[SECRET]]),
        ("keys", ()),
        ("prefetch", SECRET),
        ("problems", None),
    ],
)
def test_c2_a_value_of_another_shape_is_dropped(key, value):
    assert allowed({key: value}) == {}


def test_d12_a_value_is_of_bounded_size():
    event = allowed(
        {"client": "x" * 9_999, "keys": ["k"] * 999, "cards": {str(i): i for i in range(999)}},
    )
    assert len(json.dumps(event)) < 1_500


def naughty():
    """The Big List of Naughty Strings where CORPORA has it, and what breaks lines, or terminals."""
    file = Path(os.environ.get("CORPORA", "")) / "naughty-strings" / "blns.json"
    listed = (
        json.loads(file.read_text("utf-8")) if "CORPORA" in os.environ and file.is_file() else []
    )
    own = [
        "a\r\nb",
        "\x1b[31mred\x1b[0m",
        "\u202egnp.exe",
        "\u2028\u2029\x85",
        "\x00",
        "\ud800",
        '"}\n{"',
        "\\",
        "é",
    ]
    return [*map(str, listed), *own]


@pytest.mark.parametrize("for_people", [False, True])
def test_c4_one_event_is_one_line_whatever_stands_in_it(logged, for_people):
    strings = naughty()
    for text in strings:
        stream = io.StringIO()
        configure_log("debug", stream, for_people=for_people)
        tell(logging.INFO, text, **dict.fromkeys(KEYS.keys() - {"level", "event"}, text))
        tell(logging.INFO, "call", keys=[text], cards={text: 1}, prefetch={"a": text, text: text})
        logging.getLogger(text).error(text, text)
        logging.getLogger("cdshooks").error("%s", text)
        written = stream.getvalue()
        assert written.count("\n") == len(written.splitlines()) == 4
        assert written.isascii()
        assert {sign for sign in written if unicodedata.category(sign) == "Cc"} == {"\n"}
        if not for_people:
            assert all(isinstance(json.loads(line), dict) for line in written.splitlines())
    assert len(strings) > (500 if "CORPORA" in os.environ else 8)


def test_c4_naughty_headers_and_paths_are_one_line_each(engine, logged):
    client = served(engine)
    names = ("X-Request-Id", "X-Correlation-Id", "traceparent", "User-Agent", "Origin")
    for text in naughty():
        wire = text.encode("utf-8", "surrogatepass").decode("latin-1")
        wire = re.sub(r"[\r\n\x00]", " ", wire)
        environ = {f"HTTP_{name.upper().replace('-', '_')}": wire for name in names}
        client.post(PATH, json={}, environ_overrides={**environ, "PATH_INFO": f"/{wire}"})
        assert the_call(logged)["event"] == "call"


# ---- errors, of ours and of libraries ------------------------------------------------------------


class Model(pydantic.BaseModel):
    number: int


def broken(make):
    """The error that `make` raises."""
    try:
        make()
    except Exception as error:  # noqa: BLE001 - any
        return error
    raise AssertionError


class Unprintable(Exception):
    def __str__(self):
        raise RuntimeError(SECRET)

    __repr__ = __str__


ERRORS = {
    "ValueError": ValueError(SECRET),
    "KeyError": KeyError(SECRET),
    "pydantic": broken(lambda: Model(number=SECRET)),
    "fhir.resources": broken(lambda: Patient(birthDate=SECRET, name=[{"family": {SECRET: 1}}])),
    "SQLAlchemy": sqlalchemy.exc.OperationalError(
        f"INSERT {SECRET}", {"jti": SECRET}, Exception(SECRET)
    ),
    "requests": requests.ConnectionError(f"https://fhir.example/Patient/{SECRET}"),
    "json": broken(lambda: json.loads(f'{{"{SECRET}"')),
    "unicode": broken(lambda: SECRET.encode().__add__(b"\xff").decode()),
    "group": ExceptionGroup(SECRET, [ValueError(SECRET)]),
    "unprintable": Unprintable(SECRET),
}


@pytest.mark.parametrize("error", ERRORS.values(), ids=ERRORS)
def test_p63_c3_an_error_of_ours_is_logged_by_type_and_place_and_answered_by_number(
    engine, logged, error
):
    engine.error = error
    answer = call(served(engine))
    (event,) = [one for one in logged.events() if one["event"] == "internal-error"]
    assert answer.status_code == 500
    assert event["number"] in answer.json["issue"][0]["diagnostics"]
    assert event["error"].rpartition(".")[2] == type(error).__name__
    assert any(place.startswith("web/engines.py:") for place in event["place"])
    assert event["request_id"] == answer.headers["X-Request-Id"]
    assert SECRET not in f"{event}{answer.headers}{answer.text}"


@pytest.mark.parametrize("error", ERRORS.values(), ids=ERRORS)
def test_c3_whatever_a_library_logs_of_an_error_its_text_is_dropped(logged, error):
    for name in (
        "urllib3.connectionpool",
        "_granian.rsgi",
        "sqlalchemy.engine",
        "werkzeug",
        "asyncio",
    ):
        try:
            raise error
        except type(error):
            logging.getLogger(name).exception("%s", SECRET, extra={"url": SECRET})
    told = logged.events()
    assert len(told) == 5
    for event in told:
        assert event.keys() == {"time", "level", "event", "logger", "error", "place"}
        assert SECRET not in json.dumps(event)


def test_c3_an_error_that_nobody_caught_is_logged_without_its_text(logged, capfd):
    class Falling:
        def __del__(self):
            raise ValueError(SECRET)

    def fall():
        raise ValueError(SECRET)

    thread = threading.Thread(target=fall)
    thread.start()
    thread.join()
    Falling()
    events = logged.events()
    assert [event["event"] for event in events] == ["lost-error", "lost-error"]
    assert [event["error"] for event in events] == ["ValueError", "ValueError"]
    assert SECRET not in f"{events}{capfd.readouterr()}"


def test_c1_c2_at_debug_the_words_of_libraries_stay_out(logged, capfd):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(SECRET, stacklevel=1)
    for name in (
        "urllib3.connectionpool",
        "requests",
        "sqlalchemy.engine.Engine",
        "granian.access",
    ):
        log = logging.getLogger(name)
        for level in (logging.DEBUG, logging.INFO, logging.WARNING):
            log.log(level, f"GET /Patient/{SECRET}")  # noqa: G004 - as libraries do
            log.log(level, "GET /Patient/%s", SECRET)
            log.log(level, "%s and %s", SECRET)  # a record that cannot be written
    written = f"{logged.text()}{capfd.readouterr()}"
    assert written.count('"event":"note"') > 20
    assert '"logger":"py.warnings"' in written
    assert SECRET not in written


@pytest.mark.parametrize(
    ("logger", "message", "kept"),
    [
        ("_granian", "Started worker-1", True),
        ("_granian", "Stopped old worker-1", True),
        ("_granian.serve", "Listening at: http://127.0.0.1:8080", True),
        ("_granian", f"Application callable raised an exception {SECRET}", False),
        (
            "cdshooks",
            "client ehr: its keys were not fetched: the document: no answer in time",
            True,
        ),
        ("cdshooks_of_another", "Started worker-1", False),
        ("other", "Started worker-1", False),
    ],
)
def test_the_web_server_and_our_own_rooms_may_speak_of_themselves(logged, logger, message, kept):
    logging.getLogger(logger).warning(message)
    (event,) = logged.events()
    assert event.get("message") == (message if kept else None)
    assert event["logger"] == logger


def test_what_a_room_says_is_whole(logged):
    logging.getLogger("cdshooks").warning("the store does not answer: %s", "it is locked")
    (event,) = logged.events()
    assert event["message"] == "the store does not answer: it is locked"


def test_a_line_of_a_library_has_the_ids_of_the_call_that_it_was_about(engine, logged):
    class Noisy(Telling):
        def answer(self, *asked):
            logging.getLogger("urllib3").debug(SECRET)
            return super().answer(*asked)

    answer = call(served(Noisy()))
    ids = {event["request_id"] for event in logged.events()}
    assert ids == {answer.headers["X-Request-Id"]}


def test_an_error_without_a_place_is_told_by_its_type(logged):
    tell_error("internal-error", ValueError(SECRET))
    (event,) = logged.events()
    assert (event["error"], "place" in event) == ("ValueError", False)


def test_before_the_log_is_configured_nothing_is_written_but_what_may_be(capfd):
    """The last resort of Python's logging prints what it is given; that is already reduced."""
    logger = logging.getLogger("cdshooks.log")
    logger.propagate = False
    try:
        tell_error("internal-error", ValueError(SECRET), name=SECRET)
    finally:
        logger.propagate = True
    written = capfd.readouterr().err
    assert "internal-error" in written
    assert SECRET not in written
    assert "ValueError" in written
