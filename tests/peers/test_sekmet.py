"""Our FHIR client against a real server: searches, pages, tokens, silence and refusals."""

import signal
import time
from contextlib import contextmanager

import pytest

from cdshooks.knowledge.export.fhir import resources, transaction
from cdshooks.knowledge.load import load
from tests.peers.charts import cases
from tests.peers.conftest import (
    HTTP,
    SERVICE,
    Advice,
    assert_asks_for_data,
    cds_service,
    free_port,
    request,
    sekmet_server,
)

pytestmark = pytest.mark.peer

BUDGET = 0.4  # seconds, the default of CDSHOOKS_FETCH_BUDGET_MS
SLACK = 1.5  # for a busy machine
TOKEN = "leave-to-read"


def a_case():
    """The patient with the most options."""
    return max(cases(), key=lambda case: list(case.expect.values()).count("offer"))


# ---- the same advice, however the data come -----------------------------------------------------


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_what_was_not_prefetched_is_fetched(case, charts, cds, sekmet, assessed):
    chart = charts[case.name]
    answer = cds.post(request(chart.patient_id, sekmet.base, case))
    assert answer.status_code == 200, answer.text
    assert Advice.of_answer(answer.json()) == assessed(chart)


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_prefetched_or_fetched_is_the_same_to_the_clinician(case, charts, cds, sekmet):
    patient_id = charts[case.name].patient_id
    prefetch = {
        key: sekmet.search(template.replace("{{context.patientId}}", patient_id))
        for key, template in cds.services()[SERVICE]["prefetch"].items()
    }
    sent = cds.post(request(patient_id, sekmet.base, case, prefetch=prefetch)).json()
    fetched = cds.post(request(patient_id, sekmet.base, case)).json()
    assert sent["extension"] == fetched["extension"]
    assert Advice.of_answer(sent) == Advice.of_answer(fetched)


@contextmanager
def chart_elsewhere(chart, folder, **settings):
    """(service, server) with one chart on a server with other `settings`."""
    with (
        sekmet_server(folder / "sekmet", **settings) as server,
        cds_service(folder / "cds", server.base, fetch_budget_ms=20_000) as service,
    ):
        if "server_auth" in settings:
            server.headers["Authorization"] = f"Bearer {TOKEN}"
        server.put(chart)
        yield service, server


def test_references_may_be_whole_urls(charts, assessed, tmp_path):
    """Some vendors' servers answer with the full URL of every reference."""
    chart = charts[a_case().name]
    absolute = {"absolute_references": True}
    with chart_elsewhere(chart, tmp_path, server_behaviour=absolute) as (service, server):
        subject = server.search(f"Condition?patient={chart.patient_id}")["entry"][0]["resource"]
        assert subject["subject"]["reference"].startswith(server.base)
        answer = service.post(request(chart.patient_id, server.base, chart.case))
        assert Advice.of_answer(answer.json()) == assessed(chart)


def test_the_token_of_the_call_opens_the_server(charts, assessed, tmp_path):
    """With the token everything is read; without one, or with a wrong one, 412."""
    chart = charts[a_case().name]
    access = {"token_type": "Bearer", "expires_in": 300, "scope": "patient/*.read", "subject": "us"}
    locked = {"types": ["bearer"], "tokens": [TOKEN]}
    with chart_elsewhere(chart, tmp_path, server_auth=locked) as (service, server):
        body = request(chart.patient_id, server.base, chart.case)
        right = service.post(body | {"fhirAuthorization": access | {"access_token": TOKEN}})
        wrong = service.post(body | {"fhirAuthorization": access | {"access_token": "made-up"}})
        assert Advice.of_answer(right.json()) == assessed(chart)
        assert_asks_for_data(wrong, chart.patient_id, "made-up")
        assert_asks_for_data(service.post(body), chart.patient_id)
        log = service.running.log.read_text()
        assert [secret for secret in (TOKEN, chart.patient_id) if secret in log] == []


# ---- no data ------------------------------------------------------------------------------------


def test_a_patient_that_the_server_does_not_know_is_412(cds, sekmet):
    """Its searches find nothing, which must not read as "nothing to advise"."""
    answer = cds.post(request("no-such-patient", sekmet.base, a_case()))
    assert_asks_for_data(answer, "no-such-patient")


def test_a_server_that_was_not_named_at_the_start_is_not_called(charts, cds, sekmet):
    """The same server by another name would do, and is still refused."""
    other = sekmet.base.replace("127.0.0.1", "localhost")
    assert other != sekmet.base
    patient_id = charts[a_case().name].patient_id
    assert_asks_for_data(cds.post(request(patient_id, other, a_case())), patient_id)


def test_a_server_that_falls_silent_or_ends_costs_the_budget_and_no_more(charts, tmp_path):
    """It is stopped in the middle, goes on, and is then gone: 412, advice, 412; never a 5xx."""
    chart = charts[a_case().name]
    port = free_port()
    with (
        cds_service(tmp_path / "cds", f"http://127.0.0.1:{port}/fhir") as service,
        sekmet_server(tmp_path / "sekmet", port=port) as server,
    ):
        server.put(chart)
        process = server.running.process

        def timed():
            started = time.monotonic()
            answer = service.post(request(chart.patient_id, server.base, chart.case))
            return answer, time.monotonic() - started

        process.send_signal(signal.SIGSTOP)
        try:
            silent, seconds_of_silence = timed()
        finally:
            process.send_signal(signal.SIGCONT)
        assert_asks_for_data(silent, chart.patient_id)
        assert seconds_of_silence < BUDGET + SLACK

        assert answered_within(10, timed)

        process.kill()
        process.wait()
        gone, seconds_gone = timed()
        assert_asks_for_data(gone, chart.patient_id)
        assert seconds_gone < BUDGET + SLACK


def answered_within(seconds, timed):
    """Whether a call gets its cards before `seconds` are over."""
    late = time.monotonic() + seconds
    while time.monotonic() < late:
        if timed()[0].status_code == 200:
            return True
    return False


# ---- the knowledge as FHIR ----------------------------------------------------------------------


def test_the_knowledge_can_be_loaded_and_read_back(tmp_path):
    """A transaction puts every plan, activity, value set and map under its own id, unchanged."""
    listed = list(resources(load()))
    with sekmet_server(tmp_path / "sekmet") as server:
        answer = HTTP.post(server.base, json=transaction(listed), timeout=120)
        assert answer.status_code == 200, answer.text
        statuses = {one["response"]["status"][:3] for one in answer.json()["entry"]}
        assert statuses <= {"200", "201"}
        for one in listed:
            place = f"{server.base}/{one['resourceType']}/{one['id']}"
            found = HTTP.get(place, timeout=60).json()
            assert {key: found.get(key) for key in one} == one
