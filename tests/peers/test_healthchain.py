"""A second CDS client that others wrote, with models of its own for what a service may answer."""

import json
import os
import subprocess
from contextlib import ExitStack

import pytest

from tests.peers.charts import cases
from tests.peers.conftest import (
    HERE,
    INSTALLED,
    SERVICE,
    Advice,
    cds_service,
    end,
    require,
)

pytestmark = pytest.mark.peer

SEEN = cases() if os.environ.get("SOAK") == "1" else cases()[::8]

# Its models demand these two, which CDS Hooks leaves to the service.
OPTIONAL = {("missing", "isRecommended"), ("missing", "autoLaunchable")}


@pytest.fixture(scope="module")
def send(tmp_path_factory):
    """send(chart, patient_id): the client posts a prefetch; without an id about whom it likes."""
    python = require("HealthChain", INSTALLED["HealthChain"])
    folder = tmp_path_factory.mktemp("healthchain")
    with ExitStack() as ending:
        service = ending.enter_context(cds_service(folder / "cds"))
        client = ending.enter_context(
            subprocess.Popen(
                [
                    str(python),
                    str(HERE / "healthchain_client.py"),
                    f"{service.root}/cds-services/{SERVICE}",
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        )
        ending.callback(end, client)
        templates = service.services()[SERVICE]["prefetch"]

        def sent(chart, patient_id=None):
            file = folder / "prefetch.json"
            file.write_text(json.dumps(chart.prefetch(templates)))
            client.stdin.write(json.dumps({"prefetch": str(file), "patientId": patient_id}) + "\n")
            client.stdin.flush()
            return json.loads(client.stdout.readline())

        yield sent


@pytest.mark.parametrize("case", SEEN, ids=lambda case: case.name)
def test_the_cards_are_those_of_assess_and_keep_to_the_models_of_the_client(
    case, charts, send, engine
):
    """It has no way to say as of which day it asks, so both answer as of today."""
    chart = charts[case.name]
    answer = send(chart, chart.patient_id)
    assert answer["complaints"] == []
    (document,) = engine.assess_body(chart.body)
    cards = Advice.of(document, document.get("cards", ())).cards
    assert Advice.of(document, answer["response"]["cards"]).cards == cards
    broken = {(kind, place[-1]) for kind, *place in answer["invalid"]}
    assert broken <= OPTIONAL


def test_p53_e1_a_patient_in_context_who_is_not_the_prefetched_one_is_412_and_no_card(charts, send):
    """Left alone this client makes up the patient that it asks about."""
    chart = next(iter(charts.values()))
    answer = send(chart)
    made_up = answer["request"]["context"]["patientId"]
    assert made_up != chart.patient_id
    assert answer["response"] == {}
    (complaint,) = answer["complaints"]
    assert "Error response 412" in complaint
    assert [secret for secret in (made_up, chart.patient_id) if secret in complaint] == []
