"""Every patient of fixtures/ gets what a clinician wrote down, however the record is shuffled.

`expect` is written by a person and never generated; what the engine says is compared with it here.
"""

import json
import random
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from cdshooks.clinical.weigh import asks_outcomes
from cdshooks.engine import Engine
from cdshooks.faces import fixtures

ROOT = Path(__file__).parents[1]
FIXTURES = ROOT / "fixtures"
BOARD = {"T41", "T42"}
KEYS = {"title", "as_of", "jurisdiction", "synthetic", "valid", "shapes"} | {
    *("expect", "requests", "warnings", "facts", "why")
}
OUTCOMES = {"blocked", "needs-data", "hold", "offer-check", "offer"}

Document = Mapping[str, Any]
Resource = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A folder of fixtures/ with what its case.yaml says."""

    name: str
    told: Mapping[str, Any]
    head: fixtures.Case

    @property
    def bundle(self) -> Resource:
        return self.head.bundle()


def load_cases(root: Path) -> list[Case]:
    return [
        Case(head.name, yaml.safe_load((head.folder / "case.yaml").read_text()), head)
        for head in fixtures.load_cases(root)
    ]


CASES = load_cases(FIXTURES)
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@cache
def engine() -> Engine:
    return Engine.load(ROOT / "mappings")


def assessed(case: Case, bundle: Resource | None = None) -> Document:
    """The one document of a case, or of another bundle in its place."""
    return _assessed(case.name) if bundle is None else _assess(case, bundle)


@cache
def _assessed(name: str) -> Document:
    case = next(case for case in CASES if case.name == name)
    return _assess(case, case.bundle)


def _assess(case: Case, bundle: Resource) -> Document:
    body = json.dumps(bundle).encode()
    (document,) = engine().assess_body(body, case.head.as_of, case.head.jurisdiction)
    return document


def outcomes(document: Document) -> dict[str, str]:
    """Row to outcome, without what is not offered and without the board."""
    return {
        row: treatment["outcome"]
        for treatment in document["treatments"]
        for row in treatment["covers"]
        if treatment["outcome"] != "not-offered" and row not in BOARD
    }


def ids(document: Document, member: str) -> set[str]:
    return {one["id"] for one in document.get(member, ())}


# ---- what a clinician expects -------------------------------------------------------------------


@every_case
def test_h9_case_reaches_the_outcome_a_clinician_expects(case: Case) -> None:
    assert outcomes(assessed(case)) == case.told["expect"]


@every_case
def test_case_asks_for_what_a_clinician_would_ask_for(case: Case) -> None:
    assert ids(assessed(case), "requests") == set(case.told["requests"])


@every_case
def test_case_warns_of_what_a_clinician_would_warn_of(case: Case) -> None:
    assert ids(assessed(case), "warnings") == set(case.told.get("warnings", ()))


@every_case
def test_case_is_read_as_a_clinician_reads_it(case: Case) -> None:
    facts = assessed(case)["facts"]
    told = case.told.get("facts", {})
    assert {name: shown(facts[name]) for name in told} == told


def shown(fact: Document) -> object:
    """The values that a fact may have, in the words of case.yaml."""
    if "possible" not in fact:
        return "unknown"
    (first, *others) = fact["possible"]
    if isinstance(first, dict):
        return as_number(first)
    return " or ".join(sorted((first, *others))) if isinstance(first, str) else first


def as_number(span: Mapping[str, str]) -> object:
    low, high = span.get("low"), span.get("high")
    if low == high and low is not None:
        return float(low)
    return f"<{high}" if low == "0" and span.get("highOpen") else f"{low}-{high}"


@every_case
def test_document_has_the_shape_that_others_rely_on(case: Case) -> None:
    schema = json.loads((ROOT / "cdshooks" / "assessment.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(assessed(case))


@every_case
def test_h9_cards_on_file_are_the_cards_of_today(case: Case) -> None:
    """If this fails: `cdshooks golden`, and read the diff before you keep it."""
    assert case.head.cards.is_file(), "cdshooks golden writes it"
    assert json.loads(case.head.cards.read_text()) == list(assessed(case).get("cards", []))


def test_without_a_tumour_of_ours_there_is_no_card() -> None:
    without = [case for case in CASES if not {*case.told["expect"], *case.told["requests"]}]
    silent = {case.name for case in without if not assessed(case).get("cards")}
    assert silent == {"pancreas-net-refuted", "breast-cancer-only"}


# ---- what a case is -----------------------------------------------------------------------------


@every_case
def test_case_file_says_all_that_the_readme_names(case: Case) -> None:
    told = case.told
    assert set(told) <= KEYS
    assert {"title", "as_of", "synthetic", "shapes", "expect", "requests", "why"} <= set(told)
    assert told["synthetic"] is True
    assert told.get("jurisdiction", "us") in ("us", "eu", "uk-nice")
    assert set(told["expect"].values()) <= OUTCOMES
    assert not BOARD & set(told["expect"])
    assert 2 <= len(told["why"].strip().splitlines()) <= 7
    assert told["shapes"]


@every_case
def test_case_names_rows_and_requests_that_exist(case: Case) -> None:
    knowledge = engine().knowledge
    rows = {row for treatment in knowledge.treatments for row in treatment.covers}
    assert set(case.told["expect"]) <= rows
    assert set(case.told["requests"]) <= {request.id for request in knowledge.requests}
    assert set(case.told.get("warnings", ())) <= {warning.id for warning in knowledge.warnings}


def resources(bundle: Resource) -> Iterator[Resource]:
    return (entry["resource"] for entry in bundle["entry"])


def is_valid(resource: Resource) -> bool:
    try:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    except ValidationError:
        return False
    return True


@every_case
def test_every_resource_is_valid_r4(case: Case) -> None:
    """Except in a case that says `valid: no`, which then has something that is not."""
    bad = [one["id"] for one in resources(case.bundle) if not is_valid(one)]
    assert bool(bad) is (case.told.get("valid") is False), bad


@every_case
def test_every_patient_is_marked_as_a_test(case: Case) -> None:
    patients = [one for one in resources(case.bundle) if one["resourceType"] == "Patient"]
    assert len(patients) == 1
    assert "HTEST" in {label["code"] for label in patients[0]["meta"]["security"]}


def test_records_vary_as_ehrs_vary() -> None:
    """Each of these shapes is in some fixture; take one away and something goes untested."""
    text = "\n".join((case.head.folder / "bundle.json").read_text() for case in CASES)
    for shape in (
        *('"type": "searchset"', '"type": "collection"', "urn:uuid:", '"Patient/', "https://ehr."),
        *(
            "icd-10-cm",
            '"http://hl7.org/fhir/sid/icd-10"',
            "icd-o-3",
            "snomed",
            '"C254"',
            '"C25.4"',
        ),
        *("/us/mcode/", "/us/core/", "C18000", "97509-4", "mcode-tumor-marker-test"),
        *("valueRatio", "valueRange", "valueInteger", "valueString", "valueQuantity", "component"),
        *("presentedForm", '"conclusion"', "referenceRange", "dataAbsentReason", "K/uL", "umol/L"),
        *("MedicationRequest", "MedicationStatement", "MedicationAdministration", "Procedure"),
        *("entered-in-error", "preliminary", "refuted", "provisional", '"85354-9"'),
        *('"type": "document"', '"type": "transaction"', "Composition", "/_history/"),
        *("urn:oid:2.16.840.1.113883.6.", "urn:oid:1.2.276", "http://hospital.example/codes/"),
        *("icd-10-gm-diagnosesicherheit", "bfarm/icd-10-gm", "whocc.no/atc", "HCPCS", "naaccr"),
        *("contained", '"#m1"', "hasMember", '"comparator"', "Specimen", '"77753-2"'),
        *("not-done", "not-taken", "cancelled", "stopped", '"draft"', "statusReason"),
        *("corrected", "amended", "registered", "AllergyIntolerance", "FamilyMemberHistory"),
        *("inactive", "remission", "resolved", "abatementDateTime"),
    ):
        assert shape in text, shape


LANGUAGES = {
    "German": ("neuroendokriner Tumor", "Lebermetastasen", "Anreicherung", "Stabile Erkrankung"),
    "French": ("Tumeur neuroendocrine", "Métastases hépatiques", "fixation", "Maladie stable"),
    "Spanish": ("Tumor neuroendocrino", "Metástasis hepáticas", "Captación", "Enfermedad estable"),
    "Portuguese": ("Tumor neuroendócrino", "metástases hepáticas", "Captação", "Doença estável"),
    "Turkish": ("nöroendokrin tümör", "Karaciğer metastaz", "tutulum", "Stabil hastalık"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_records_are_written_in_the_languages_that_are_read(language: str) -> None:
    """The tumour, its metastases, a scan and the course, each in some fixture of that language."""
    text = "\n".join((case.head.folder / "bundle.json").read_text() for case in CASES)
    assert [words for words in LANGUAGES[language] if words not in text] == []


# ---- what may not matter ------------------------------------------------------------------------


def said(document: Document) -> Document:
    """The document without what names places in the record, and without its cards."""
    kept = deepcopy(dict(document))
    kept.pop("cards", None)
    kept["problems"] = sorted({one["problem"] for one in kept.get("problems", ())})
    for fact in kept["facts"].values():
        for place in fact.get("readings", ()):
            place.pop("reference")
        fact["readings"] = sorted({json.dumps(p, sort_keys=True) for p in fact.get("readings", ())})
        fact["notes"] = sorted(fact.get("notes", ()))
    return kept


def with_entries(case: Case, entries: Iterable[Resource]) -> Resource:
    return {**case.bundle, "entry": list(entries)}


@every_case
@pytest.mark.parametrize("seed", range(3))
def test_e12_h11_the_order_of_the_entries_does_not_matter(case: Case, seed: int) -> None:
    entries = case.bundle["entry"]
    random.Random(seed).shuffle(entries)
    assert said(assessed(case, with_entries(case, entries))) == said(assessed(case))


@every_case
def test_e11_h11_the_same_record_twice_says_nothing_more(case: Case) -> None:
    """The same resources, once under their own id and once more under another."""
    entries = case.bundle["entry"]
    assert said(assessed(case, with_entries(case, [*entries, *entries]))) == said(assessed(case))
    copies = [renamed(entry, "copy") for entry in entries if not is_patient(entry)]
    assert said(assessed(case, with_entries(case, [*entries, *copies]))) == said(assessed(case))


def is_patient(entry: Resource) -> bool:
    return bool(entry["resource"]["resourceType"] == "Patient")


def renamed(entry: Resource, suffix: str) -> Resource:
    copied = deepcopy(entry)
    copied["resource"]["id"] += f"-{suffix}"
    copied["fullUrl"] += f"-{suffix}"
    return copied


@every_case
def test_what_is_entered_in_error_was_never_entered(case: Case) -> None:
    entries = case.bundle["entry"]
    errors = [in_error(entry) for entry in entries if not is_patient(entry)]
    assert said(assessed(case, with_entries(case, [*errors, *entries]))) == said(assessed(case))


_VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"


def in_error(entry: Resource) -> Resource:
    copied = renamed(entry, "in-error")
    resource = copied["resource"]
    if resource["resourceType"] == "Condition":
        coding = {"system": _VERIFICATION, "code": "entered-in-error"}
        resource["verificationStatus"] = {"coding": [coding]}
    else:
        resource["status"] = "entered-in-error"
    return copied


@cache
def without_each(name: str) -> tuple[tuple[str, Document], ...]:
    return tuple(_without_each(next(case for case in CASES if case.name == name)))


def _without_each(case: Case) -> Iterator[tuple[str, Document]]:
    """The document without each resource in turn, the patient apart."""
    entries = case.bundle["entry"]
    for position, entry in enumerate(entries):
        if not is_patient(entry):
            left = [*entries[:position], *entries[position + 1 :]]
            yield entry["resource"]["id"], assessed(case, with_entries(case, left))


SELECTED = {"offer", "offer-check", "hold", "blocked"}

# Where taking a resource away tells something: (case, resource). Two cancers on file make a Ki-67
# unusable that does not say of which it is; without the other cancer it is that of the NET.
TELLING = {
    ("pancreas-net-and-breast-cancer", "breast"),
    # Without the metastasis a tumour that is coded benign is a localised one.
    ("jejunum-benign-code-metastatic", "liver"),
    # Without the corrected version the one that it corrects counts again.
    ("jejunum-g2-untidy-record", "ki67"),
    # The highest grade counts; without its specimen the lower one is all there is.
    ("ileum-specimens-two-grades-apart", "tumour-ki67-liver"),
}


@every_case
def test_h1_taking_a_resource_away_creates_no_offer(case: Case) -> None:
    """Unless it was the record of something that silence denies (an earlier treatment, or what a
    statement asks with "recorded"): then the record says "not recorded". All else only gets wider.
    """
    whole = assessed(case)
    before = by_id(whole)
    for gone, document in without_each(case.name):
        for name, outcome in by_id(document).items():
            if (case.name, gone) in TELLING:
                continue
            if asked_of_the_record(name) & silent(whole, document):
                continue
            if outcome == "offer":
                assert before[name] == "offer", f"without {gone}: {name}"
            if outcome == "offer-check":  # a hold whose value is gone becomes a check to obtain
                assert before[name] in SELECTED, f"without {gone}: {name}"


@every_case
def test_h1_taking_a_resource_away_turns_no_unknown_into_a_value(case: Case) -> None:
    whole = assessed(case)
    unknown = {name for name, fact in whole["facts"].items() if "possible" not in fact}
    for gone, document in without_each(case.name):
        if (case.name, gone) in TELLING or not has_tumour(document):
            continue
        told = {name for name in unknown if "possible" in document["facts"][name]}
        assert told == set(), f"without {gone}"


def by_id(document: Document) -> dict[str, str]:
    return {one["id"]: one["outcome"] for one in document["treatments"]}


def silent(whole: Document, document: Document) -> set[str]:
    """The facts that the whole record tells and what is left of it does not: now unknown, or only
    assumed. One that merely has another value, such as an older one, is none of these.
    """
    told = {name for name, fact in whole["facts"].items() if not is_silent(fact)}
    lost = {name for name in told if is_silent(document["facts"][name])}
    # By its name about the record: it turns false where the status is lost.
    return lost | ({ABOUT_THE_RECORD} if "progression.status" in lost else set())


ABOUT_THE_RECORD = "progression.not_progressive_recorded"


def is_silent(fact: Document) -> bool:
    return "possible" not in fact or bool(fact.get("assumed"))


@cache
def asked_of_the_record(treatment_id: str) -> frozenset[str]:
    """The facts of which a treatment reads silence as a no: closed ones, those under "recorded" or
    "on file", and the one derived fact that is by its name about the record. A treatment that asks
    for the outcome of others reads theirs too."""
    knowledge = engine().knowledge
    treatment = next(one for one in knowledge.treatments if one.id == treatment_id)
    followed = asks_outcomes(treatment)
    asking = [treatment, *(one for one in knowledge.treatments if one.id in followed)]
    statements = [leaf.statement for one in asking for leaf in one.every_leaf()]
    asked = {name for one in statements if one.closed for name in one.facts}
    asked |= {n for one in statements for n in one.facts if knowledge.vocabulary[n].closed}
    return frozenset(asked | {ABOUT_THE_RECORD})


def has_tumour(document: Document) -> bool:
    """Without the diagnosis there is no tumour to know or not to know anything of."""
    return document["facts"]["net.status"]["possible"] != ["none"]


@every_case
def test_h11_an_unrelated_resource_says_nothing(case: Case) -> None:
    patient = next(r for r in resources(case.bundle) if r["resourceType"] == "Patient")
    noise = {
        "fullUrl": "https://ehr.example.org/fhir/Observation/noise",
        "resource": {
            "resourceType": "Observation",
            "id": "noise",
            "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": "8302-2"}]},
            "subject": {"reference": f"Patient/{patient['id']}"},
            "effectiveDateTime": "2026-11-14",
            "valueQuantity": {"value": 172, "unit": "cm"},
        },
    }
    more = with_entries(case, [noise, *case.bundle["entry"]])
    assert said(assessed(case, more)) == said(assessed(case))
