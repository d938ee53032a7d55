"""A second FHIR server, unrelated to SEKMET, with the same patients: the same advice from both."""

import os
from contextlib import contextmanager

import pytest

from tests.peers.charts import cases
from tests.peers.conftest import (
    HERE,
    HTTP,
    INSTALLED,
    Advice,
    assert_asks_for_data,
    cds_service,
    node_program,
    request,
    require,
    running,
)

pytestmark = pytest.mark.peer


SOAK = os.environ.get("SOAK") == "1"
SEEN = cases() if SOAK else cases()[::5]


@pytest.fixture(scope="module")
def medplum_server(tmp_path_factory):
    """The base of Medplum's FHIR router."""
    require("Medplum's FHIR router", INSTALLED["Medplum's FHIR router"])
    node = require("Node.js", node_program())

    def command(port):
        script = str(HERE / "medplum_server.mjs")
        return [str(node), "--experimental-websocket", script, str(port)]

    folder = tmp_path_factory.mktemp("medplum-server")
    with running(command, "/fhir/Patient?_count=1", folder) as started:
        yield f"{started.root}/fhir"


def batch(base, method, *charts):
    """PUT or DELETE charts as one batch: this router refuses a transaction of many updates."""
    # Of a record that has a resource twice a server keeps the last one, and deletes it once.
    resources = {
        f"{resource['resourceType']}/{resource['id']}": resource
        for chart in charts
        for resource in chart.resources
    }
    entries = [
        {"resource": resource, "request": {"method": method, "url": url}}
        for url, resource in resources.items()
    ]
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": entries}
    answer = HTTP.post(base, json=bundle, timeout=60)
    assert answer.status_code == 200, answer.text
    assert {one["response"]["status"] for one in answer.json()["entry"]} <= {"200", "201", "204"}


@contextmanager
def stored(base, *charts):
    """While `charts` are on the server, which walks through all that it has for each search."""
    batch(base, "PUT", *charts)
    try:
        yield
    finally:
        batch(base, "DELETE", *charts)


@pytest.fixture(scope="module")
def service(medplum_server, tmp_path_factory):
    """Our service, which may call Medplum's router."""
    folder = tmp_path_factory.mktemp("cds-medplum")
    with cds_service(folder, medplum_server, fetch_budget_ms=20_000) as started:
        yield started


@pytest.mark.parametrize("case", SEEN, ids=lambda case: case.name)
def test_p41_what_another_server_gives_is_the_same_to_the_clinician(
    case, charts, service, medplum_server, assessed
):
    chart = charts[case.name]
    neighbour = charts[max(name for name in charts if name != case.name)]
    with stored(medplum_server, chart, neighbour):
        answer = service.post(request(chart.patient_id, medplum_server, case))
    assert answer.status_code == 200, answer.text
    assert Advice.of_answer(answer.json()) == assessed(chart)


def test_a_patient_whom_the_other_server_does_not_know_is_412(charts, service, medplum_server):
    """Also where the server holds somebody else."""
    with stored(medplum_server, charts[cases()[0].name]):
        answer = service.post(request("no-such-patient", medplum_server, cases()[0]))
    assert_asks_for_data(answer, "no-such-patient")
