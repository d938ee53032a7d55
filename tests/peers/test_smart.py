"""A SMART server that issues its own tokens and enforces their scopes and their end.

SEKMET lets a client sign in with an assertion of its own (`private_key_jwt`, ES384), issues a token
that lives for a few seconds, and answers 401 and 403 where it does not fit. Its references are
whole URLs, and a page holds 20.
"""

import json
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from cdshooks.engine import ASSESSMENT
from tests.peers import cluster
from tests.peers.charts import cases, chart_of
from tests.peers.conftest import (
    HTTP,
    Advice,
    assert_asks_for_data,
    cds_service,
    free_port,
    request,
    sekmet_server,
)

pytestmark = pytest.mark.peer

LIFETIME = 3  # seconds
PAGE = 20
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TYPES = (
    "AllergyIntolerance",
    "Condition",
    "DiagnosticReport",
    "MedicationAdministration",
    "MedicationRequest",
    "MedicationStatement",
    "Observation",
    "Patient",
    "Procedure",
)


@dataclass(frozen=True)
class Ehr:
    """A client of the SMART server: it signs in for each token, as a record system would."""

    base: str
    client_id: str
    key: ECKey

    def authorization(self, scope: str) -> dict[str, Any]:
        """What a hook request carries of a fresh token, as CDS Hooks has it."""
        endpoint = HTTP.get(f"{self.base}/.well-known/smart-configuration", timeout=30).json()
        token_endpoint = endpoint["token_endpoint"]
        form = {
            "grant_type": "client_credentials",
            "scope": scope,
            "client_assertion_type": ASSERTION,
            "client_assertion": self._assertion(token_endpoint),
        }
        answer = HTTP.post(token_endpoint, data=form, timeout=30)
        assert answer.status_code == 200, answer.text
        token = answer.json()
        assert token["scope"] == scope
        return {
            "access_token": token["access_token"],
            "token_type": "Bearer",
            "expires_in": token["expires_in"],
            "scope": token["scope"],
            "subject": self.client_id,
        }

    def _assertion(self, audience: str) -> str:
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": audience,
            "exp": int(time.time()) + 120,
            "jti": str(uuid.uuid4()),
        }
        header = {"alg": "ES384", "kid": self.key.kid, "typ": "JWT"}
        return jwt.encode(header, claims, self.key, algorithms=["ES384"])


def reading(*types: str) -> str:
    return " ".join(f"system/{one}.read" for one in types)


@contextmanager
def smart_server(folder, chart, lifetime):
    """(service, client of the SMART server) with one chart on the server."""
    key = ECKey.generate_key("P-384", parameters={"use": "sig", "alg": "ES384"}, auto_kid=True)
    client = {
        "client_id": "the-ehr",
        "jwks": {"keys": [key.as_dict(private=False)]},
        "scopes": "system/*.*",
    }
    auth = {"types": ["smart"], "token_lifetime": lifetime, "smart_clients": [client]}
    with (
        sekmet_server(
            folder / "sekmet",
            server_auth=auth,
            server_behaviour={"absolute_references": True},
        ) as server,
        cds_service(folder / "cds", server.base, fetch_budget_ms=20_000) as service,
    ):
        ehr = Ehr(server.base, "the-ehr", key)
        writing = ehr.authorization("system/*.*")["access_token"]
        server.headers["Authorization"] = f"Bearer {writing}"
        server.put(chart)
        yield service, ehr


def an_observation(number):
    """A result that is set aside, and named by its reference, because it is preliminary."""
    return {
        "resourceType": "Observation",
        "id": f"preliminary-{number}",
        "status": "preliminary",
        "code": {"coding": [{"system": "http://loinc.org", "code": "29593-1"}]},
        "effectiveDateTime": "2026-01-01",
        "valueQuantity": {
            "value": 5,
            "unit": "%",
            "system": "http://unitsofmeasure.org",
            "code": "%",
        },
    }


@pytest.fixture(scope="module")
def chart():
    """The patient with the most options, behind more Observations than three pages hold."""
    richest = max(cases(), key=lambda case: list(case.expect.values()).count("offer"))
    return chart_of(richest.before([an_observation(number) for number in range(61)], "smart"))


@pytest.fixture(scope="module")
def smart(chart, tmp_path_factory):
    with smart_server(tmp_path_factory.mktemp("smart"), chart, lifetime=3600) as started:
        yield started


@pytest.fixture
def ask(chart, smart):
    """ask(scope): the answer to a call with a fresh token of that scope, and the token itself."""
    service, ehr = smart

    def asked(scope):
        access = ehr.authorization(scope)
        body = request(chart.patient_id, ehr.base, chart.case, fhirAuthorization=access)
        return service.post(body), access["access_token"]

    return asked


def test_p45_p50_p51_a_token_that_the_server_issued_opens_the_chart_to_its_last_page(
    ask, chart, assessed, smart
):
    answer, token = ask(reading(*TYPES))
    assert answer.status_code == 200, answer.text
    assert len(first_page(smart[1], chart)) == PAGE
    assert Advice.of_answer(answer.json()) == assessed(chart)
    named = [one["reference"] for one in answer.json()["extension"][ASSESSMENT]["problems"]]
    stored = [one["id"] for one in chart.resources if one.get("status") == "preliminary"]
    assert [named.count(f"Observation/{one}") for one in stored] == [1] * 61
    log = smart[0].running.log.read_text()
    assert [secret for secret in (token, chart.patient_id) if secret in log] == []


def first_page(ehr, chart):
    token = ehr.authorization(reading("Observation"))["access_token"]
    search = f"{ehr.base}/Observation?patient={chart.patient_id}"
    return HTTP.get(search, headers={"Authorization": f"Bearer {token}"}, timeout=30).json()[
        "entry"
    ]


def test_f3_a_scope_without_a_required_type_is_412_and_names_the_type(ask, chart):
    answer, token = ask(reading(*(one for one in TYPES if one != "Observation")))
    assert_asks_for_data(answer, token, chart.patient_id)
    assert "Observation: the FHIR server answered 403" in answer.text


def test_f3_what_a_scope_leaves_out_and_is_not_required_is_named_as_not_assessed(ask):
    answer, _ = ask(reading(*(one for one in TYPES if one != "MedicationRequest")))
    assert answer.status_code == 200, answer.text
    problems = answer.json()["extension"][ASSESSMENT]["problems"]
    told = {one["reference"]: one["problem"] for one in problems if one.get("path") == "prefetch"}
    assert set(told) == {"MedicationRequest"}
    assert told["MedicationRequest"].startswith("not assessed")


def test_f3_without_a_token_a_locked_server_is_412(chart, smart):
    service, ehr = smart
    answer = service.post(request(chart.patient_id, ehr.base, chart.case))
    assert_asks_for_data(answer, chart.patient_id)
    assert "401" in answer.text


def test_p50_p51_a_registered_client_has_its_own_server_read_with_a_token_for_its_own_subject(
    chart, smart, engine, tmp_path
):
    """The whole contract: a call signed by the record system, a token of its FHIR server in it."""
    _, ehr = smart
    port = free_port()
    caller = cluster.Ehr(f"http://127.0.0.1:{port}")
    allowed = {"fhir_servers": [ehr.base], "fhir_client_id": ehr.client_id}
    patience = {"fetch_ms": 20_000, "answer_ms": 30_000}
    cluster.write_config(tmp_path, caller, allowed | patience, state_dir="state", drain_seconds=0)
    access = ehr.authorization(reading(*TYPES))
    body = request(chart.patient_id, ehr.base, chart.case, fhirAuthorization=access)
    stranger = body | {"fhirAuthorization": access | {"subject": "another"}}
    with cluster.nodes(tmp_path, [port], workers=1) as (node,):
        answer, refusal = (
            cluster.post(node.root, caller.token(), json.dumps(one).encode())
            for one in (body, stranger)
        )
        assert_asks_for_data(refusal, access["access_token"], chart.patient_id)
        assert answer.status_code == 200, answer.text
        (document,) = engine.assess_body(chart.body)  # a client cannot choose the day
        assert Advice.of(document, answer.json()["cards"]) == Advice.of(document, document["cards"])
        log = node.running.log.read_text()
    assert [one for one in (access["access_token"], chart.patient_id) if one in log] == []


def test_f3_a_token_is_good_until_it_expires_and_then_it_is_412(chart, assessed, tmp_path):
    """The same call, before and after the server has let the token run out."""
    with smart_server(tmp_path, chart, LIFETIME) as (service, ehr):
        access = ehr.authorization(reading(*TYPES))
        body = request(chart.patient_id, ehr.base, chart.case, fhirAuthorization=access)
        assert Advice.of_answer(service.post(body).json()) == assessed(chart)
        wait_for_the_end_of(access["access_token"], ehr.base)
        answer = service.post(body)
        assert_asks_for_data(answer, access["access_token"], chart.patient_id)
        assert "Observation: the FHIR server answered 401" in answer.text


def wait_for_the_end_of(token, base):
    headers = {"Authorization": f"Bearer {token}"}
    late = time.monotonic() + 10 * LIFETIME
    while HTTP.get(f"{base}/Patient?_count=1", headers=headers, timeout=30).status_code == 200:
        assert time.monotonic() < late
        time.sleep(0.1)
