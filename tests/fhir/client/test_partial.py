"""A record of which a part could not be had: rows F2 and F5, from the FHIR server to the cards."""

import json
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest

from cdshooks.errors import DataRequired
from cdshooks.hooks.caller import Caller
from tests import faults
from tests.fake_ehr import FakeEhr
from tests.fhir.client.conftest import SOAK, never_twice_in_ten_seconds
from tests.shipped import ENGINE

ABOUT_THE_RECORD = {"progression.not_progressive_recorded"}  # "recorded" is no finding
OPTIONAL = ("Patient", "AllergyIntolerance", "Procedure", "MedicationRequest")
REQUIRED = ("Condition", "Observation", "AllergyIntolerance", "DiagnosticReport")
BUNDLES = sorted(Path("fixtures").glob("*/bundle.json"))
WITH_MUCH = [
    "ileum-carcinoid-analogue-allergy",
    "colon-nec-after-platinum",
    "caecum-g2-prrt-on-hold",
    "ileum-prrt-running-platelets-60",
    "rectum-g1-12-mm",
]
ASKED = [one for one in BUNDLES if SOAK or one.parent.name in WITH_MUCH]


def call(ehr, client):
    """The answer with its assessment document, or None where it is a 412."""
    ids = [one["id"] for one in ehr.resources if one["resourceType"] == "Patient"]
    body = {"hook": "patient-view", "hookInstance": "i", "fhirServer": ehr.base}
    body["context"] = {"patientId": ids[0], "userId": "Practitioner/1"}
    caller = Caller("c", client, gets_assessment=True)
    try:
        answer = json.loads(ENGINE.answer("net-patient-view", json.dumps(body).encode(), caller))
    except DataRequired:
        return None
    return answer["extension"]["org.cdshooks-net.assessment"] | {"cards": answer["cards"]}


def leaves_open(part, whole):
    """Does a fact of a part of the record leave open what the whole record says?"""
    if "possible" not in part or part["possible"] == whole.get("possible"):
        return True
    return all(
        any(_within(one, other) for other in part["possible"])
        for one in whole.get("possible", [{}])
    )


def _within(one, other):
    """Values are texts and flags; ranges have bounds, and one that is left out is no bound."""
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return one == other
    none = Decimal("Infinity")
    low, high = Decimal(one.get("low", -none)), Decimal(one.get("high", none))
    return Decimal(other.get("low", -none)) <= low and high <= Decimal(other.get("high", none))


def outcomes(document, outcome):
    return {one["id"] for one in document["treatments"] if one["outcome"] == outcome}


def served(path):
    entries = json.loads(path.read_text())["entry"]
    return FakeEhr(*(entry["resource"] for entry in entries if "id" in entry["resource"]))


@pytest.fixture(params=ASKED, ids=lambda path: path.parent.name)
def ehr(request):
    with served(request.param) as ehr:
        if not any(one["resourceType"] == "Patient" for one in ehr.resources):
            pytest.skip("a record without its patient: nobody can be asked for")
        yield ehr


def fail(ehr, types):
    ehr.cure()
    for kind in types:
        ehr.fault(kind, faults.status(500))


def subsets(types):
    for chosen in product((False, True), repeat=len(types)):
        yield {kind for kind, fails in zip(types, chosen, strict=True) if fails}


def test_f5_in_16_subsets_of_failing_searches_absent_data_is_never_a_no(ehr, clients):
    """What fails is named, and each fact leaves open whatever the whole record says."""
    client = clients(ehr.base, clock=never_twice_in_ten_seconds())
    whole = call(ehr, client)
    for failing in subsets(OPTIONAL):
        fail(ehr, failing)
        part = call(ehr, client)
        named = {
            one["reference"]
            for one in part.get("problems", [])
            if one["problem"].startswith("not assessed: ") and one["reference"] in OPTIONAL
        }
        assert named == failing
        denied = {
            name
            for name, fact in part["facts"].items()
            if not leaves_open(fact, whole["facts"][name])
        }
        assert denied <= ABOUT_THE_RECORD
        assert outcomes(part, "offer") <= outcomes(whole, "offer")


def test_f5_a_failing_search_that_is_required_is_412_in_each_of_16_subsets(ehr, clients):
    client = clients(ehr.base, clock=never_twice_in_ten_seconds())
    for failing in subsets(REQUIRED):
        fail(ehr, failing)
        needed = bool(failing & {"Condition", "Observation"})
        assert (call(ehr, client) is None) == needed


def test_f5_with_the_allergies_not_had_no_option_counts_on_there_being_none(clients):
    """The counterpart that shows the law bites: an allergy on file blocks, a failed search asks."""
    with served(Path(f"fixtures/{WITH_MUCH[0]}/bundle.json")) as ehr:
        client = clients(ehr.base)
        whole = call(ehr, client)
        ehr.fault("AllergyIntolerance", faults.status(500))
        part = call(ehr, client)
    blocked = outcomes(whole, "blocked") - outcomes(part, "blocked")
    assert blocked, "the fixture has an allergy that blocks"
    assert not blocked & outcomes(part, "offer")


def test_f5_a_therapy_is_not_over_because_its_running_order_was_not_had(clients):
    with served(Path("fixtures/ileum-prrt-running-platelets-60/bundle.json")) as ehr:
        client = clients(ehr.base)
        assert call(ehr, client)["facts"]["prior.prrt"]["possible"] == ["current"]
        ehr.fault("MedicationRequest", faults.status(500))
        assert call(ehr, client)["facts"]["prior.prrt"]["possible"] == ["current", "past"]


def test_f5_what_names_its_patient_by_an_identifier_is_not_denied_without_the_patient(clients):
    """Nobody can tell whose it is then; that is not to say that it is another's."""
    with served(Path("fixtures/colon-nec-after-platinum/bundle.json")) as ehr:
        client = clients(ehr.base)
        ehr.fault("Patient", faults.status(500))
        facts = call(ehr, client)["facts"]
    assert "possible" not in facts["net.status"]
    assert "possible" not in facts["prior.platinum_etoposide"]


@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_f2_at_any_rate_of_faults_the_answer_is_cards_or_a_412(clients, share):
    """Anything else raised here would be a 5xx."""
    with served(Path(f"fixtures/{WITH_MUCH[0]}/bundle.json")) as ehr:
        client = clients(ehr.base, clock=never_twice_in_ten_seconds())
        for fault in (faults.status(503), faults.reset, faults.html, faults.truncate):
            ehr.fault("*", fault, share=share)
            answers = [call(ehr, client) for _ in range(100 if SOAK else 5)]
            assert share < 1 or answers == [None] * len(answers)
