"""What /openapi.json says is what the service does: schemathesis asks and compares."""

import json
from collections import Counter

import hypothesis
import pytest
import schemathesis
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks

from cdshooks import __version__
from cdshooks.faces.web.policy import ROUTES, Policy
from tests.faces.web.trusted import BASE, Served, client, token
from tests.front_door.real import SERVICE, SOAK, app, engine, request

CASES = 10_000 if SOAK else 15  # of each mode

# We are tolerant by design where CDS Hooks is: what cannot be used is passed over, and data that
# are required and were not sent are 412. So what is accepted is told apart below, not by these.
TOLERANT = [checks.positive_data_acceptance, checks.negative_data_rejection]

quietly = hypothesis.settings(
    max_examples=CASES,
    deadline=None,
    database=None,
    derandomize=not SOAK,
    suppress_health_check=list(hypothesis.HealthCheck),
)


def schema():
    return schemathesis.openapi.from_wsgi("/openapi.json", app())


def operation(path, method="POST"):
    return schema()[path][method]


def asked(path, mode):
    """What schemathesis thinks of; half of it about a patient of whom there are data."""
    real = request()

    def with_data(case, chosen):
        body = case.body
        parts = (body.get("context"), body.get("prefetch", {})) if isinstance(body, dict) else ()
        if chosen and parts and all(isinstance(part, dict) for part in parts):
            context = {**parts[0], "patientId": real["context"]["patientId"]}
            case.body = {**body, "context": context, "prefetch": {**real["prefetch"], **parts[1]}}
        return case

    return st.builds(with_data, operation(path).as_strategy(generation_mode=mode), st.booleans())


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_d6_no_request_that_schemathesis_thinks_of_is_answered_with_a_5xx_or_off_the_document(mode):
    statuses = Counter()

    @quietly
    @hypothesis.given(asked(SERVICE, mode))
    def every(case):
        answer = case.call()
        statuses[answer.status_code] += 1
        case.validate_response(answer, excluded_checks=TOLERANT)

    every()
    print(mode, statuses)
    assert statuses.keys() <= {200, 400, 412}
    if mode is GenerationMode.POSITIVE:
        assert statuses[400] == 0
        assert statuses[200] > 0
    else:
        assert statuses[400] > statuses.total() / 2


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/cds-services", "/openapi.json"])
def test_d6_what_is_told_about_the_service_is_as_the_document_says(path):
    operation(path, "GET").Case().call_and_validate()


@pytest.mark.parametrize(
    ("method", "body", "headers", "status"),
    [
        ("POST", b"{}", {"Content-Type": "text/plain"}, 415),
        ("POST", b"{", {"Content-Type": "application/json"}, 400),
        ("PUT", b"{}", {"Content-Type": "application/json"}, 405),
        ("POST", b"{}", {"Content-Type": "application/json", "Host": "evil.example"}, 421),
    ],
)
def test_d6_refusals_are_of_the_form_that_the_document_says(method, body, headers, status):
    answer = app().test_client().open(SERVICE, method=method, data=body, headers=headers)
    assert answer.status_code == status
    document = json.loads(app().test_client().get("/openapi.json").data)
    named = document["paths"][SERVICE]["post"]["responses"][str(status)]["$ref"]
    described = document["components"]["responses"][named.rpartition("/")[2]]
    assert set(described.get("headers", {})) <= set(answer.headers.keys())
    outcome = json.loads(answer.data)
    assert set(outcome) == set(document["components"]["schemas"]["OperationOutcome"]["properties"])


def test_every_card_of_the_fixtures_is_of_the_documented_form():
    case = operation(SERVICE).Case(body=request(), media_type="application/json")
    answer = case.call()
    assert json.loads(answer.content)["cards"]
    case.validate_response(answer, excluded_checks=TOLERANT)


def test_the_document_names_each_route_and_the_services_of_its_caller_alone(tmp_path):
    clients = (client(tmp_path, "north"), client(tmp_path, "south", services=frozenset({"other"})))
    served = Served(engine(), clients, tmp_path)
    try:
        open_to_all = json.loads(served.call("/openapi.json", method="GET").data)
        south = token("south", "/openapi.json")
        own = json.loads(served.call("/openapi.json", south, method="GET").data)
        assert served.call("/openapi.json", "Bearer x", method="GET").status_code == 401
    finally:
        served.close()
    public = {rule for rule, policy in ROUTES.items() if policy is not Policy.SANDBOX}
    assert {path for path in open_to_all["paths"] if path != SERVICE} == {
        rule for rule in public if "<" not in rule
    }
    assert SERVICE in open_to_all["paths"]
    assert SERVICE not in own["paths"]
    assert open_to_all["servers"] == [{"url": BASE}]
    assert open_to_all["info"]["version"] == __version__
