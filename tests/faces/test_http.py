"""CDS Hooks over HTTP with an engine of ten lines: transport, CORS, the status table."""

import logging
import time

import pytest

from cdshooks.errors import DataRequired, PatientMismatch, RequestInvalid
from cdshooks.faces.http import create_app
from cdshooks.faces.wsgi import read_body
from cdshooks.hooks.caller import sandbox_caller
from cdshooks.settings import Settings
from tests.faces.engines import FakeEngine

SECRET = "SECRET-4711"


@pytest.fixture
def engine():
    return FakeEngine()


@pytest.fixture
def client(engine):
    settings = Settings(sandbox=True, max_body_bytes=1024)
    return create_app(engine, settings, anybody).test_client()


def anybody(_authorization, _path):
    return sandbox_caller()


def post(client, body=b"{}", path="/cds-services/net", **how):
    return client.post(path, data=body, **{"content_type": "application/json", **how})


def outcome(response):
    """The one issue of an error answer, which must be JSON and an OperationOutcome."""
    assert response.content_type == "application/json"
    assert response.json["resourceType"] == "OperationOutcome"
    (issue,) = response.json["issue"]
    assert issue["severity"] == "error"
    assert SECRET not in response.text
    return issue


def test_p2_p5_p6_discovery_is_json_with_a_list_of_services(client):
    response = client.get("/cds-services")
    assert (response.status_code, response.content_type) == (200, "application/json")
    assert [service["id"] for service in response.json["services"]] == ["net"]


@pytest.mark.parametrize("accept", [None, "*/*", "text/html, application/json;q=0.1", "image/png"])
def test_p65_whatever_a_client_accepts_it_gets_json(client, accept):
    headers = {} if accept is None else {"Accept": accept}
    assert client.get("/cds-services", headers=headers).content_type == "application/json"


def test_p2_p28_p54_p55_a_valid_call_is_200_with_a_body(client, engine):
    response = post(client, b'{"hook":"x"}')
    assert (response.status_code, response.content_type) == (200, "application/json")
    assert response.json == {"cards": []}
    assert engine.bodies == [b'{"hook":"x"}']


@pytest.mark.parametrize(
    "path",
    ["/cds-services/net/", "/cds-services//net", "//cds-services/net", "//cds-services//net//"],
)
def test_p20_slashes_too_many_are_no_redirect(client, path):
    """The public sandbox joins URLs as typed, and a redirect would fail its preflight."""
    assert post(client, environ_overrides={"PATH_INFO": path}).status_code == 200


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON",
        "application/json; charset=UTF-8",
        "application/json;x=y",
    ],
)
def test_p61_json_with_any_parameter_and_in_any_case_is_taken(client, content_type):
    assert post(client, content_type=content_type).status_code == 200


@pytest.mark.parametrize(
    "content_type",
    [None, "", "text/plain", "application/fhir+json", "application/x-www-form-urlencoded"],
)
def test_p61_other_types_are_415(client, content_type):
    response = post(client, content_type=content_type)
    assert response.status_code == 415
    assert outcome(response)["code"] == "not-supported"


@pytest.mark.parametrize(
    "path", ["/cds-services/other", "/cds-services/net/feedback", "/cds-services/..%2f..%2fetc"]
)
def test_p59_p103_an_unknown_service_is_404(client, path):
    response = post(client, path=path)
    assert response.status_code == 404
    assert outcome(response)["code"] == "not-found"


@pytest.mark.parametrize(
    "path", ["/nothing", "/cds-services/a/b/c", "/%ff", "/%00", "/SECRET-4711"]
)
def test_p63_an_unknown_path_is_404_in_json(client, path):
    response = client.get(path)
    assert response.status_code == 404
    assert outcome(response)["code"] == "not-found"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/cds-services/net", {"POST", "OPTIONS"}),
        ("PUT", "/cds-services/net", {"POST", "OPTIONS"}),
        ("DELETE", "/cds-services/net", {"POST", "OPTIONS"}),
        ("TRACE", "/cds-services/net", {"POST", "OPTIONS"}),
        ("GET", "/cds-services/net/feedback", {"POST", "OPTIONS"}),
        ("POST", "/cds-services", {"GET", "HEAD", "OPTIONS"}),
        ("POST", "/healthz", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_p60_p104_another_method_is_405_and_says_which_are_allowed(client, method, path, allowed):
    response = client.open(path, method=method)
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == allowed
    outcome(response)


def test_p5_head_is_get_without_a_body(client):
    response = client.head("/cds-services")
    assert (response.status_code, response.data) == (200, b"")
    assert int(response.headers["Content-Length"]) == len(client.get("/cds-services").data)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (RequestInvalid("is missing", "context.patientId"), 400, "invalid"),
        (DataRequired({"observations": "no FHIR server was named"}), 412, "required"),
        (PatientMismatch("is of another patient", "prefetch.patient.id"), 412, "conflict"),
    ],
)
def test_p46_p56_p57_a_named_error_is_its_status_with_an_operation_outcome(
    client, engine, error, status, code
):
    engine.error = error
    response = post(client)
    assert response.status_code == status
    assert outcome(response) == {"severity": "error", "code": code, "diagnostics": str(error)}


@pytest.mark.parametrize("error", [ValueError(SECRET), RecursionError(SECRET), KeyError(SECRET)])
def test_p63_c3_a_mistake_of_ours_is_a_constant_500_with_a_number_that_is_in_the_log(
    client, engine, error, caplog
):
    engine.error = error
    response = post(client)
    assert response.status_code == 500
    number = outcome(response)["diagnostics"].split()[2].rstrip(".")
    (line,) = [line for line in caplog.records if line.levelno == logging.ERROR]
    assert number in line.getMessage()
    assert type(error).__name__ in line.getMessage()
    assert "answer" in line.getMessage()
    assert SECRET not in caplog.text


def test_p62_a_body_over_the_limit_is_413(client, engine):
    assert post(client, b"x" * 1024).status_code == 200
    response = post(client, b"x" * 1025)
    assert response.status_code == 413
    assert outcome(response)["code"] == "too-long"
    assert len(engine.bodies) == 1


PLACES = ["/cds-services", "/cds-services/net", "/cds-services/net/feedback"]
ORIGIN = {"Origin": "https://sandbox.cds-hooks.org"}


def test_the_sandbox_ignores_a_sign_in(client):
    assert post(client, headers={"Authorization": f"Bearer {SECRET}"}).status_code == 200


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8080", "127.0.0.1:1", "127.1.2.3", "[::1]:8"]
)
def test_the_sandbox_answers_to_names_of_this_machine(client, host):
    assert client.get("/cds-services", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "evil.example:8080",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "10.0.0.1",
        "0.0.0.0:8080",
        "[::2]:80",
        "[::1",
        "localhost@evil.example",
        "2130706433",
    ],
)
def test_a2_d8_a_name_that_was_rebound_to_this_machine_is_refused(client, engine, host):
    response = post(client, headers={"Host": host})
    assert response.status_code == 421
    outcome(response)
    assert engine.bodies == []


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.parametrize("sandbox", [True, False])
def test_health_is_served_in_every_mode(engine, path, sandbox):
    response = create_app(engine, Settings(sandbox=sandbox)).test_client().get(path)
    assert (response.status_code, response.json) == (200, {"status": "ok"})


def test_g2_not_ready_is_503_while_the_process_lives(engine):
    client = create_app(engine, Settings(), ready=lambda: False).test_client()
    assert (client.get("/readyz").status_code, client.get("/healthz").status_code) == (503, 200)
    assert client.get("/readyz").json == {"status": "degraded"}


@pytest.mark.parametrize("path", PLACES)
def test_b12_c8_without_clients_nothing_else_is_served(engine, path):
    client = create_app(engine, Settings()).test_client()
    for method in ("GET", "POST", "OPTIONS"):
        response = client.open(path, method=method, headers=ORIGIN, json={})
        assert response.status_code == 404
        assert "Access-Control-Allow-Origin" not in response.headers
    assert engine.bodies == []


@pytest.mark.parametrize("sandbox", [True, False])
def test_b12_pages_are_added_in_the_sandbox_only(engine, sandbox):
    def pages(app, given):
        assert given is engine
        app.get("/")(lambda: "<h1>Sandbox</h1>")

    client = create_app(engine, Settings(sandbox=sandbox), anybody, pages).test_client()
    assert client.get("/").status_code == (200 if sandbox else 404)


def test_f1_the_budget_of_an_answer_counts_from_when_the_call_was_here(client, engine):
    before = time.monotonic()
    post(client)
    (began,) = engine.began
    assert before <= began <= time.monotonic()


class Stream:
    """What a WSGI server gives to read from, which remembers how often it was read."""

    def __init__(self, content):
        self.content, self.reads = content, []

    def read(self, size):
        self.reads.append(size)
        return self.content[:size]


def environ(content, length=None, *, terminated=False):
    environ = {"wsgi.input": Stream(content), "wsgi.input_terminated": terminated}
    return {**environ, "CONTENT_LENGTH": length} if length is not None else environ


def test_a_body_is_taken_with_one_read():
    request = environ(b"x" * 50, "50")
    assert read_body(request, 100) == b"x" * 50
    assert request["wsgi.input"].reads == [50]


def test_p62_a_body_that_announces_too_much_is_not_read_at_all():
    request = environ(b"x" * 500, "500")
    with pytest.raises(Exception, match="more than 100 bytes"):
        read_body(request, 100)
    assert request["wsgi.input"].reads == []


def test_d1_a_body_without_a_length_is_read_to_the_limit_where_the_server_ends_it():
    assert read_body(environ(b"x" * 100, terminated=True), 100) == b"x" * 100
    assert read_body(environ(b"never read"), 100) == b""
    with pytest.raises(Exception, match="more than 100 bytes"):
        read_body(environ(b"x" * 101, terminated=True), 100)


@pytest.mark.parametrize("length", ["-1", "1e3", "0x10", " 5", "٣"])
def test_d1_a_length_that_is_no_number_is_refused(length):
    with pytest.raises(RequestInvalid, match="Content-Length: is not a number"):
        read_body(environ(b"12345", length), 100)


def test_d1_a_body_shorter_than_its_length_is_refused():
    with pytest.raises(RequestInvalid, match="shorter than Content-Length says"):
        read_body(environ(b"123", "5"), 100)
