"""Secrets in every place of a call: none of them comes back in an error, a header or the log.

Every logger is at debug level, the engine and the check of tokens are the real ones, and a FHIR
server answers with secrets of its own.
"""

import asyncio
import base64
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cdshooks.engine import Engine
from cdshooks.faces.web.rsgi import AwaitedBody
from cdshooks.fhir.base import FhirBase
from cdshooks.outbound.target import Target
from tests.faces.web.test_rsgi import Exchange, chunk, scope
from tests.faces.web.trusted import DISCOVERY, FEEDBACK, SERVICE, Served, client, token

CANARY = re.compile("canary", re.IGNORECASE)
HEADERS = {
    "Cookie": "session=canary-cookie",
    "User-Agent": "canary-agent",
    "Referer": "https://ehr.example/canary-referer",
    "Origin": "https://canary-origin.example",
    "Accept": "text/canary-accept",
    "Accept-Language": "canary-language",
    "X-Forwarded-For": "canary-forwarded",
    "X-Forwarded-Host": "canary-host.example",
    "X-Request-Id": "canary request",  # with a blank: an id that is well formed is taken over
    "X-Correlation-Id": "canary, correlation",
    "traceparent": "00-canary-canary-01",
    "tracestate": "canary=1",
    "X-Canary-Header": "canary-header",
    "If-None-Match": '"canary-etag"',
}


def body(**parts):
    """A request with a secret in every part that a client fills in."""
    name = [{"family": "Canary-family", "given": ["Canary-given"], "text": "Canary-text"}]
    finding = {
        "resourceType": "Observation",
        "id": "canary-observation",
        "status": "final",
        "code": {
            "coding": [{"system": "http://canary.example/codes", "code": "canary-code"}],
            "text": "Ki-67 canary-codetext",
        },
        "subject": {"reference": "Patient/canary-patient", "display": "Canary-display"},
        "effectiveDateTime": "canary-date",
        "valueString": "12 % canary-value",
        "note": [{"text": "canary-note"}],
        "text": {"status": "generated", "div": "<div>canary-narrative</div>"},
        "extension": [{"url": "http://canary.example/x", "valueString": "canary-extension"}],
    }
    patient = {
        "resourceType": "Patient",
        "id": "canary-patient",
        "name": name,
        "birthDate": "canary-birth",
        "identifier": [{"system": "http://canary.example/mrn", "value": "canary-mrn"}],
        "address": [{"line": ["canary-street"]}],
    }
    condition = {
        "resourceType": "Condition",
        "id": "canary-condition",
        "code": {"text": "Neuroendocrine tumour canary-diagnosis"},
        "subject": {"reference": "Patient/canary-patient"},
    }
    entries = [
        {"fullUrl": f"http://canary.example/{one['id']}", "resource": one} for one in (finding,)
    ]
    return {
        "hook": "patient-view",
        "hookInstance": "canary-instance",
        "context": {
            "patientId": "canary-patient",
            "userId": "Practitioner/canary-user",
            "encounterId": "canary-encounter",
            "canary-context": "canary-context",
        },
        "prefetch": {
            "patient": patient,
            "conditions": {
                "resourceType": "Bundle",
                "type": "searchset",
                "entry": [{"resource": condition}],
            },
            "observations": {"resourceType": "Bundle", "type": "searchset", "entry": entries},
            "canary-key": {"resourceType": "Bundle"},
        },
        "extension": {"canary.extension": {"canary": "canary"}},
        "canary-member": "canary-member",
        **parts,
    }


def access(server, **parts):
    granted = {
        "access_token": "canary.access.token",
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "patient/*.rs canary-scope",
        "subject": "canary-subject",
        "patient": "canary-patient",
    }
    return {"fhirServer": server, "fhirAuthorization": {**granted, **parts}, "prefetch": None}


def without(key):
    """The request without a required part of the prefetch, and without a server to fetch it."""
    whole = body()
    del whole["prefetch"][key]
    return whole


def nested(path, value):
    """The request with one value changed."""
    whole = body()
    place = whole
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return whole


def bodies(server):
    """(name, body) of many kinds; what is no text is sent as JSON."""
    yield "whole", body()
    yield "no observations", without("observations")
    yield "no conditions", without("conditions")
    for state in ("ok", "401", "403", "404", "429", "500", "html", "junk", "redirect", "outcome"):
        yield f"fetched: {state}", body(**access(f"{server}/{state}"))
    yield "fetched without a token", body(fhirServer=f"{server}/500", prefetch={})
    yield "an unregistered server", body(**access("https://canary.example/fhir"))
    yield "a server that is none", body(**access("canary://\ncanary"))
    yield "access without a server", body(fhirAuthorization={"access_token": "canary"})
    yield "access to another client", body(**access(f"{server}/ok", subject="canary-other"))
    yield "a broken token", body(**access(f"{server}/ok", access_token="canary\r\nX: canary"))
    yield "another hook", body(hook="canary-hook")
    for path in (
        ("hook",), ("hookInstance",), ("context",), ("context", "patientId"), ("context", "userId"),
        ("context", "encounterId"), ("prefetch",), ("prefetch", "patient"), ("fhirServer",),
        ("prefetch", "observations"), ("extension",), ("fhirAuthorization",),
    ):  # fmt: skip
        for value in ("canary value", ["canary"], {"canary": "canary"}, 4711):
            yield f"{'.'.join(path)}: {type(value).__name__}", nested(path, value)
    yield "another patient", nested(("prefetch", "patient", "id"), "canary-other")
    yield "no object", ["canary"]
    yield "no JSON", b'{"canary": canary}'
    yield "cut off", json.dumps(body()).encode()[:-40]
    yield "no UTF-8", b'{"hook": "canary\xff"}'
    yield "a repeated key", b'{"canary": 1, "canary": 2}'
    yield "deep", b'{"canary":' + b"[" * 5_000 + b"canary"
    yield "a form", b"canary=canary"
    yield "nothing", b""


STATES = {
    "ok": (200, {"resourceType": "Bundle", "type": "searchset", "entry": []}),
    "outcome": (200, {"resourceType": "OperationOutcome", "issue": [{"diagnostics": "canary"}]}),
    "junk": (200, {"resourceType": "Canary", "id": "canary"}),
}


class CanaryFhir(BaseHTTPRequestHandler):
    """Answers as the first part of the path says; whatever it says is full of secrets."""

    def do_GET(self):
        state = self.path.split("/")[1]
        status, said = STATES.get(
            state, (int(state) if state.isdigit() else 200, "<h1>canary</h1>")
        )
        content = said.encode() if isinstance(said, str) else json.dumps(said).encode()
        self.send_response(302 if state == "redirect" else status, "canary")
        self.send_header("Location", "http://127.0.0.1:9/canary")
        self.send_header("WWW-Authenticate", 'Bearer realm="canary"')
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def fhir():
    server = ThreadingHTTPServer(("127.0.0.1", 0), CanaryFhir)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def service(fhir, tmp_path_factory):
    folder = tmp_path_factory.mktemp("service")
    states = ("ok", "401", "403", "404", "429", "500", "html", "junk", "redirect", "outcome")
    bases = tuple(FhirBase(Target(f"{fhir}/{state}", private=True)) for state in states)
    ehr = client(
        folder, "ehr", fhir_servers=bases, fhir_client_id="canary-subject", fetch_ms=2_000,
        answer_ms=3_000,
    )  # fmt: skip
    lab = client(folder, "lab", tenants=frozenset({"north"}))
    served = Served(Engine.load(), (ehr, lab), folder, log_level="debug", log_key="k" * 32)
    yield served
    served.close()


def leaks(answer):
    """What an answer gives back of the secrets. Advice may quote the chart that it is about."""
    said = "" if answer.status_code == 200 else answer.text
    return CANARY.findall(f"{answer.status} {answer.headers} {said}")


def test_p51_p64_p123_c1_c2_no_part_of_a_body_is_in_the_log_or_in_an_error(service, fhir, logged):
    statuses, leaking = {}, []
    for name, sent in bodies(fhir):
        data = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
        answer = service.call(SERVICE, token("ehr", SERVICE), data=data, headers=HEADERS)
        statuses.setdefault(answer.status_code, []).append(name)
        written = logged.text()
        assert '"event":"call"' in written
        if leaks(answer) or CANARY.search(written):
            leaking.append(name)
    assert leaking == []
    assert {200, 400, 412} == statuses.keys()
    assert min(map(len, statuses.values())) >= 9


def forged():
    """Tokens with secrets in each part that are refused, and one that is good."""

    def part(**members):
        return base64.urlsafe_b64encode(json.dumps(members).encode()).rstrip(b"=").decode()

    head = {"alg": "ES384", "typ": "JWT", "kid": "canary-kid", "jku": "https://canary.example"}
    claims = {"iss": "https://ehr.example", "sub": "canary", "jti": "canary", "tenant": "canary"}
    yield f"Bearer {part(**head)}.{part(**claims)}.Y2FuYXJ5"
    yield f"Bearer {part(**head, canary='canary')}.{part(**claims, aud='canary')}.canary"
    yield f"Bearer {part(**{**head, 'alg': 'canary'})}.{part(**claims)}."
    yield f"Bearer {part(**head)}.{part(**{**claims, 'iss': 'https://canary.example'})}.Y2FuYXJ5"
    yield "Bearer canary.canary.canary"
    yield "Bearer canary"
    yield "Basic canary"
    yield "canary"
    yield token("ehr", SERVICE) + "canary"


@pytest.mark.parametrize("path", [DISCOVERY, SERVICE, FEEDBACK, "/cds-services/canary", "/canary"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "OPTIONS", "CANARY"])
def test_p123_c1_c2_no_part_of_a_token_a_header_or_a_url_is_in_the_log_or_in_an_answer(
    service, logged, path, method
):
    data = json.dumps(body()).encode()
    for authorization in (None, *forged(), token("ehr", path), token("lab", path)):
        answer = service.call(
            path, authorization, method, headers=HEADERS, query_string="canary=canary",
            data=data, content_type="application/json",
        )  # fmt: skip
        assert leaks(answer) == []
    written = logged.text()
    assert written.count('"event":"call"') == 12
    assert CANARY.findall(written.replace('"service": "canary"', "")) == []


def test_p123_c1_a_good_token_is_in_no_line_either(service, logged):
    authorization = token("ehr", SERVICE)
    data = json.dumps(body()).encode()
    assert service.call(SERVICE, authorization, data=data).status_code == 200
    written = logged.text()
    for part in authorization.removeprefix("Bearer ").split("."):
        assert part not in written


@pytest.mark.parametrize(
    ("status", "headers", "given"),
    [
        (413, {"content_length": "99999999"}, {}),
        (415, {"content_encoding": "canary"}, {}),
        (400, {"content_length": "canary"}, {}),
        (408, {}, {"body_seconds": 0.02}),
        (500, {}, {}),
    ],
)
def test_c1_c2_what_is_answered_before_the_application_tells_nothing(
    service, logged, status, headers, given
):
    def broken(_environ, _start_response):
        raise ValueError("canary")

    settings = service.settings.model_copy(update=given)
    exchange = Exchange(chunk(b'{"canary": "canary"}', more=status == 408))
    request = scope(
        "/cds-services/canary", authorization="Bearer canary", x_request_id="canary id", **headers
    )
    asyncio.run(AwaitedBody(broken, settings)(request, exchange))
    assert exchange.status == status
    assert CANARY.findall(f"{exchange.headers} {exchange.body} {logged.text()}") == []
