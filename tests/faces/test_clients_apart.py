"""Clients of one service: each gets its own templates, setting and answers, and nothing else."""

import json

import pytest

from cdshooks.clients.client import Client
from cdshooks.engine import ASSESSMENT, Engine
from cdshooks.faces.admission import _caller
from cdshooks.faces.fixtures import default_root, load_cases
from cdshooks.fhir.base import FhirBase
from cdshooks.fhir.client import FhirClient
from cdshooks.hooks.example import example_request
from cdshooks.hooks.profile import Profile
from cdshooks.outbound.target import Target
from tests.faces.trusted import DISCOVERY, SERVICE, Served, client, issuer, token

ID = "net-patient-view"
OWN = "Observation?patient={{context.patientId}}&_count=200"
CASE = next(case for case in load_cases(default_root()) if case.name.startswith("ileum-g1-pro"))


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    folder = tmp_path_factory.mktemp("apart")
    ehr = client(
        folder,
        "ehr",
        prefetch={ID: {"observations": OWN}},
        jurisdiction="eu",
        gets_assessment=True,
        missing_as_card=True,
    )
    lab = client(folder, "lab", profile=Profile(suggestions=False))
    out = client(folder, "out", services=frozenset({"another"}))
    served = Served(Engine.load(today=lambda: CASE.as_of), (ehr, lab, out), folder)
    yield served
    served.close()


def discovered(service, name):
    return service.call(DISCOVERY, token(name, DISCOVERY) if name else None, "GET").json["services"]


def answered(service, name, request):
    return service.call(SERVICE, token(name, SERVICE), data=json.dumps(request))


@pytest.fixture(scope="module")
def request_of_a_patient(service):
    (found,) = service.engine.services.values()
    return example_request(CASE.bundle(), found, CASE.as_of, "us")


def test_p11_c6_each_caller_sees_its_own_templates_and_a_stranger_ours(service):
    ours = "Observation?patient={{context.patientId}}"
    seen = {name: discovered(service, name) for name in ("ehr", "lab", None)}
    templates = {name: one["prefetch"]["observations"] for name, (one,) in seen.items()}
    assert templates == {"ehr": OWN, "lab": ours, None: ours}
    conditions = {one["prefetch"]["conditions"] for (one,) in seen.values()}
    assert len(conditions) == 1


def test_p6_c6_a_caller_is_shown_what_it_may_use_and_nothing_else(service):
    assert discovered(service, "out") == []
    assert service.call(SERVICE, token("out", SERVICE)).status_code == 403


def test_c6_the_assessment_goes_to_the_client_that_has_asked_for_it(service, request_of_a_patient):
    to_ehr = answered(service, "ehr", request_of_a_patient).json
    to_lab = answered(service, "lab", request_of_a_patient).json
    assert to_ehr["extension"][ASSESSMENT]["jurisdiction"] == "eu"
    assert "extension" not in to_lab
    assert to_lab["cards"]


def test_c6_no_client_chooses_the_day_or_the_country_by_itself(service, request_of_a_patient):
    """Only a sandbox lets a request say so: the extension of the example is ignored here."""
    assert "us" in json.dumps(request_of_a_patient["extension"])
    assert answered(service, "ehr", request_of_a_patient).json["extension"][ASSESSMENT][
        "jurisdiction"
    ] == "eu"  # fmt: skip


def test_c6_a_profile_shapes_the_cards_of_its_client_alone(service, request_of_a_patient):
    to_ehr, to_lab = (
        answered(service, name, request_of_a_patient).json["cards"] for name in ("ehr", "lab")
    )
    assert any("suggestions" in card for card in to_ehr)
    assert not any("suggestions" in card for card in to_lab)


def test_p46_c6_missing_data_are_a_card_for_one_and_a_412_for_the_other(
    service, request_of_a_patient
):
    bare = {**request_of_a_patient, "prefetch": {}}
    assert answered(service, "ehr", bare).status_code == 200
    assert answered(service, "lab", bare).status_code == 412


def test_a7_c6_each_client_has_connections_of_its_own():
    base = FhirBase(Target("https://fhir.example/r4"))
    ehr = Client("ehr", issuer("ehr"), fhir_servers=(base,), fhir_client_id="net")
    callers = [_caller(ehr, FhirClient(ehr.fhir_servers)), _caller(ehr, None)]
    assert callers[0].fetch is not None
    assert callers[1].fetch is None
    assert {caller.fhir_client_id for caller in callers} == {"net"}
