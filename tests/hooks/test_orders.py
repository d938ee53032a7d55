"""Every draft order of mappings/, completed as for a patient: R4, a draft, and of that patient."""

import uuid
from dataclasses import replace
from datetime import date

import orjson
import pytest
from fhir.resources.R4B import get_fhir_model_class

from cdshooks.clinical.assess import Assessment
from cdshooks.clinical.fact import Fact, Facts, Provenance
from cdshooks.clinical.treatment import DraftOrder
from cdshooks.clinical.value import Choice
from cdshooks.hooks.consult import Consult
from cdshooks.hooks.orders import of_patient, suggestions
from tests.shipped import KNOWLEDGE

ORDERS = [
    pytest.param(order, id=f"{one.id}: {order.label}")
    for one in (*KNOWLEDGE.treatments, *KNOWLEDGE.requests)
    for order in one.orders
]
# What a template may say. Who, why, status and intent are added for the patient.
KINDS = {"MedicationRequest", "ServiceRequest"}
ADDED = {"status", "intent", "subject", "reasonReference"}


@pytest.fixture(scope="module")
def consult() -> Consult:
    tumour = Provenance("Condition/net", "code", "2026-01-01", "C7A.012")
    entity = Fact("net.entity", Choice(frozenset({"NEN"})), readings=(tumour,))
    facts = Facts({fact_type.name: Fact(fact_type.name) for fact_type in KNOWLEDGE.vocabulary})
    assessment = Assessment(facts.having([entity]), (), (), ())
    return Consult(assessment, KNOWLEDGE, "patient-1", date(2026, 11, 15), uuid.uuid4)


@pytest.mark.parametrize("order", ORDERS)
def test_a_draft_order_is_valid_r4_and_says_whose_it_is_and_why(order, consult):
    resource = {**order.resource, **of_patient(consult)}
    get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    assert (resource["status"], resource["intent"]) == ("draft", "proposal")
    assert resource["subject"] == {"reference": "Patient/patient-1"}
    assert resource["reasonReference"] == [{"reference": "Condition/net"}]


@pytest.mark.parametrize("order", ORDERS)
def test_a_draft_that_is_written_before_the_patient_comes_is_the_same_draft(order, consult):
    [drafted] = suggestions([replace(order, unless=None)], consult)
    [action] = drafted.actions
    assert action.resource == {**order.resource, **of_patient(consult)}
    assert orjson.loads(action.written) == action.as_json()


def test_a_template_that_says_what_is_of_the_patient_has_it_once_in_the_draft(consult):
    order = DraftOrder("Draft it", {"resourceType": "ServiceRequest", "status": "active"})
    [drafted] = suggestions([order], consult)
    told = drafted.as_json(written=True)
    assert orjson.dumps(told).count(b'"status"') == 1
    assert told["actions"][0]["resource"]["status"] == "draft"


@pytest.mark.parametrize("order", ORDERS)
def test_a_template_leaves_to_the_service_what_is_of_the_patient(order):
    assert order.resource["resourceType"] in KINDS
    assert not ADDED & set(order.resource)


# The standard doses of the labels; every other dose is the prescriber's.
DOSED = {
    ("Everolimus", "10 mg daily"),
    ("Sunitinib", "37.5 mg daily"),
    ("Cabozantinib", "60 mg daily"),
    ("Lanreotide", "120 mg every 28 days"),
}


@pytest.mark.parametrize("order", ORDERS)
def test_a_dose_stands_only_where_the_label_has_a_standard_one(order):
    drug = order.resource.get("medicationCodeableConcept", {}).get("text")
    told = [one["text"] for one in order.resource.get("dosageInstruction", ())]
    assert {(drug, text) for text in told if any(map(str.isdigit, text))} <= DOSED


@pytest.mark.parametrize("order", ORDERS)
def test_every_code_of_an_order_has_a_known_system(order):
    concept = order.resource.get("code") or order.resource["medicationCodeableConcept"]
    known = {system.uri for system in KNOWLEDGE.systems.by_name.values()}
    assert {coding["system"] for coding in concept.get("coding", ())} <= known
    assert concept["text"]
