"""Records with a site's own codes: mapped ones are read as the standard code, others by words."""

import copy
import hashlib
import json

import pytest

from cdshooks.engine import Engine
from cdshooks.knowledge.load import load
from tests.fhir.readers.small import AS_OF, concept, observation, patient

LAB = "http://hospital.example/lab"
MAP = f"""
maps:
  - system: {LAB}
    codes:
      KI67: {{display: Ki-67, means: LOINC#29593-1}}
      NET: {{display: NET des Ileums, means: ICD-10-CM#C7A.012}}
      STAB: {{display: stabil, means: SNOMED#359746009}}
"""


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    path = tmp_path_factory.mktemp("site") / "local.yaml"
    path.write_text(MAP, encoding="utf-8")
    return Engine.load(local_codes=path)


@pytest.fixture(scope="module")
def plain_engine():
    return Engine(load())


def coded(*codes, text=None):
    made = {"coding": [{"system": system, "code": code} for system, code in codes]}
    return {**made, "text": text} if text else made


STANDARD = {
    "KI67": ("http://loinc.org", "29593-1"),
    "NET": ("http://hl7.org/fhir/sid/icd-10-cm", "C7A.012"),
    "STAB": ("http://snomed.info/sct", "359746009"),
}


def bundle(local):
    """A NET with Ki-67 and disease status, in the codes of the site or in the standard ones."""

    def of(code):
        return coded((LAB, code) if local else STANDARD[code])

    net = {
        "resourceType": "Condition",
        "id": "net",
        "subject": {"reference": "Patient/1"},
        "code": of("NET"),
        "recordedDate": "2026-01-01",
    }
    ki67 = {
        **observation(on="2026-10-01"),
        "id": "ki67",
        "code": of("KI67"),
        "valueQuantity": {"value": 2, "unit": "%"},
    }
    status = {
        **observation(on="2026-10-01"),
        "id": "status",
        "code": concept("LOINC#97509-4"),
        "valueCodeableConcept": of("STAB"),
    }
    entries = [{"resource": one} for one in (patient(), net, ki67, status)]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def assessed(engine, made):
    return engine.assess_body(json.dumps(made).encode(), AS_OF)[0]


def without_marks(document):
    """The facts, without what was printed and the mark of the code map."""
    facts = copy.deepcopy(document["facts"])
    for fact in facts.values():
        for reading in fact.get("readings", ()):
            reading.pop("throughCodeMap", None)
            reading.pop("printed", None)
    return facts


def test_a_mapped_code_is_read_exactly_as_the_standard_one(engine, plain_engine):
    local, standard = assessed(engine, bundle(True)), assessed(plain_engine, bundle(False))
    assert without_marks(local) == without_marks(standard)
    assert local["treatments"] == standard["treatments"]
    assert local["facts"]["tumour.ki67"]["possible"] == [{"low": "2", "high": "2", "unit": "%"}]
    assert local["facts"]["progression.status"]["possible"] == ["stable"]


def test_a_reading_through_the_map_says_so_in_document_and_card(engine):
    document = assessed(engine, bundle(True))
    assert document["facts"]["tumour.ki67"]["readings"][0]["throughCodeMap"] is True
    assert "Read through the site's code map." in document["cards"][0]["detail"].replace("\\", "")


def test_a_reading_by_a_standard_code_says_nothing_of_a_map(engine):
    document = assessed(engine, bundle(False))
    assert "throughCodeMap" not in json.dumps(document)
    assert "code map" not in json.dumps(document["cards"])


def test_without_a_map_a_local_code_says_nothing(plain_engine):
    assert assessed(plain_engine, bundle(True))["facts"]["net.status"]["possible"] == ["none"]


def ki67_of(engine, code):
    made = bundle(False)
    made["entry"][2]["resource"]["code"] = code
    return assessed(engine, made)["facts"]["tumour.ki67"].get("possible")


TWO = [{"low": "2", "high": "2", "unit": "%"}]


def test_an_unmapped_local_code_beside_a_standard_one_is_ignored(engine):
    assert ki67_of(engine, coded(STANDARD["KI67"], (LAB, "4711"))) == TWO


def test_a_local_code_alone_with_text_is_read_by_its_text(engine):
    assert ki67_of(engine, coded((LAB, "4711"), text="Ki-67")) == TWO
    assert ki67_of(engine, coded((LAB, "4711"), text="Sodium")) is None


def test_a_code_is_the_sites_only_in_the_sites_system(engine):
    assert ki67_of(engine, coded(("http://elsewhere.example", "KI67"))) is None


def test_the_assessment_names_the_map_by_the_digest_of_its_file(engine, plain_engine):
    digest = f"sha256:{hashlib.sha256(MAP.encode()).hexdigest()}"
    assert assessed(engine, bundle(True))["knowledge"]["localCodes"] == digest
    assert "localCodes" not in assessed(plain_engine, bundle(True))["knowledge"]
