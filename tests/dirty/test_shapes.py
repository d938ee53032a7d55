"""What is no R4 among the resources of a call: passed over and counted, and the others are used."""

from contextlib import suppress
from copy import deepcopy
from random import Random

import orjson
import pytest

from cdshooks.errors import DataRequired, PatientMismatch, RequestInvalid
from cdshooks.fhir.project import ResourceUnreadable, decode
from tests.dirty.calls import SERVICE, SOAK, answer, call, chart, entry, searchset
from tests.fhir.readers import small

HERE = "ileum-g1-progressive-after-ssa"
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "warning", "code": "x"}]}
HTML = "<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>"
# An entry that is no resource of R4. None has an effect but that it may be named.
ODD_ENTRIES = {
    "null": None,
    "a number": 7,
    "a text": HTML,
    "a list": [],
    "an empty entry": {},
    "no resource": {"fullUrl": "https://ehr.example.org/fhir/Observation/withheld"},
    "null for a resource": {"resource": None},
    "HTML for a resource": {"resource": HTML},
    "a list for a resource": {"resource": [{"resourceType": "Observation"}]},
    "an empty resource": {"resource": {}},
    "no type": {"resource": {"id": "x", "status": "final"}},
    "a number for a type": {"resource": {"resourceType": 7}},
    "null for a type": {"resource": {"resourceType": None}},
    "an empty type": {"resource": {"resourceType": ""}},
    "a type in small letters": {"resource": {"resourceType": "observation", "id": "x"}},
    "an unknown type": {"resource": {"resourceType": "Nonsense", "id": "x"}},
    "a type of DSTU2": {"resource": {"resourceType": "MedicationOrder", "id": "x"}},
    "a type of R5": {"resource": {"resourceType": "GenomicStudy", "id": "x"}},
    "Parameters": {"resource": {"resourceType": "Parameters", "parameter": []}},
    "an OperationOutcome": {"resource": OUTCOME},
    "Binary": {"resource": {"resourceType": "Binary", "data": "PGh0bWw+"}},
    "an Observation of nothing": {"resource": {"resourceType": "Observation"}},
    "a fullUrl that is a number": {"fullUrl": 7, "resource": {"resourceType": "Observation"}},
    "a request": {"request": {"method": "DELETE", "url": "Observation/x"}},
    "a response": {"response": {"status": "404", "outcome": OUTCOME}},
    "prototype": {"resource": {"resourceType": "__proto__", "constructor": {}}},
}
OBSERVED = ("lab.platelets", "tumour.ki67", "patient.ecog", "progression.status")


@pytest.mark.parametrize("odd", ODD_ENTRIES.values(), ids=ODD_ENTRIES)
def test_e5_an_odd_entry_costs_no_other(odd):
    """In each list of the call; what such a list leaves unsaid is no "no" then."""
    own = chart(HERE)
    alone = answer(call(own, own.entries))[1]
    for key in ("observations", "conditions", "diagnosticReports"):
        kind = next(one.resource_type for one in SERVICE.prefetch if one.key == key)
        listed = [one for one in own.entries if one["resource"]["resourceType"] == kind]
        sent = searchset([odd, *listed, odd])
        cards, found = answer(call(own, own.entries, **{key: sent}))
        assert cards
        for name in OBSERVED:
            told = found["facts"][name]
            whole = alone["facts"][name]
            part = told.get("whyAbsent", "").startswith("not assessed: only a part")
            at_least = lows(told) == lows(whole)  # of a highest value
            assert told == whole or part or at_least
        assert known(found) <= known(alone)


OF_NO_TYPE = {
    "MedicationOrder": "MedicationOrder",
    "observation": "observation",
    "Nonsense": "Nonsense",
    "GenomicStudy": "GenomicStudy",
    "__proto__": "Bundle",
    "": "Bundle",
    "Müller, Anna": "Bundle",
    "x" * 65: "Bundle",
}


@pytest.mark.parametrize(("kind", "named"), OF_NO_TYPE.items())
def test_e5_a_type_that_r4_does_not_know_is_named_once_and_counted(kind, named):
    """By its name only where that is spelt like one: what else stands there may be anything."""
    odd = [{"resourceType": kind, "id": f"x{n}"} for n in range(3)]
    _, problems = small.read(*odd)
    (one,) = [one for one in problems if one.path == "resourceType"]
    assert one.reference == named
    assert one.problem.startswith("is no type of FHIR R4; not read (3")
    assert named == kind or not kind or kind not in f"{one}"


def test_e5_a_flood_of_made_up_types_is_told_in_a_few_lines():
    odd = [{"resourceType": "Odd" + "x" * n} for n in range(50)]
    _, problems = small.read(*odd)
    assert len(problems) == 21
    assert problems[0].problem == "is no type of FHIR R4; not read (30, of any name)"


@pytest.mark.parametrize(
    "kind", ["Encounter", "Location", "Practitioner", "OperationOutcome", "Binary", "Medication"]
)
def test_e5_a_type_of_r4_that_nothing_is_read_from_is_passed_over_in_silence(kind):
    assert small.read({"resourceType": kind, "id": "x"})[1] == small.read()[1]


@pytest.mark.parametrize("kind", ["MedicationOrder", "medicationRequest", "MEDICATIONSTATEMENT"])
def test_e5_h1_a_therapy_under_a_type_that_r4_does_not_know_is_no_silence(kind):
    """It may be the very drug that would be denied."""
    facts, _ = small.read({"resourceType": kind, "id": "x", "status": "active"})
    assert small.plain(facts["prior.ssa"]) is None
    assert small.plain(small.read()[0]["prior.ssa"]) == "none"


def known(assessment):
    return {name for name, told in assessment["facts"].items() if "possible" in told}


def lows(fact):
    return [span.get("low") for span in fact.get("possible", ()) if isinstance(span, dict)]


FAILED = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "x"}]}
INSTEAD = [HTML, "", 7, True, [], {}, OUTCOME, {"resourceType": "Nonsense"}, FAILED]
INSTEAD += [{"resourceType": "Bundle", "entry": HTML}, {"resourceType": "Bundle", "entry": {}}]
INSTEAD += [searchset([{"resource": FAILED}]), searchset([{"resource": HTML}]), [OUTCOME]]
NOT_REQUIRED = [one.key for one in SERVICE.prefetch if not one.required]


@pytest.mark.parametrize("instead", INSTEAD, ids=lambda one: orjson.dumps(one).decode()[:120])
def test_e5_what_stands_for_a_bundle_leaves_its_facts_unknown_and_the_others_as_they_are(instead):
    own = chart(HERE)
    for key in NOT_REQUIRED:
        cards, found = answer(call(own, own.entries, **{key: instead}))
        assert cards
        assert found["facts"]["tumour.ki67"]["possible"]
        if key == "allergies":
            assert "possible" not in found["facts"]["risk.hypersensitivity"]
    for key in ("conditions", "observations", "patient"):
        with suppress(DataRequired):
            assert answer(call(own, own.entries, **{key: instead}))[0]


def test_e5_p10_random_junk_anywhere_is_answered_or_refused():
    """No crash: any place of a call may hold anything."""
    own, random = chart(HERE), Random(5)
    body = orjson.loads(call(own, own.entries))
    junk = [None, 0, -1, 1.5, True, "", HTML, [], {}, [[]], {"a": 1}, [None], OUTCOME]
    for _ in range(5_000 if SOAK else 60):
        changed = orjson.loads(orjson.dumps(body))
        for _ in range(random.randint(1, 4)):
            replace_one(changed["prefetch"], random, deepcopy(random.choice(junk)))
        with suppress(RequestInvalid, DataRequired, PatientMismatch):  # 400 or 412
            answer(orjson.dumps(changed))


def replace_one(node, random, junk):
    """Put `junk` at some place below `node`."""
    while True:
        key = random.choice([*node]) if isinstance(node, dict) else random.randrange(len(node))
        inner = node[key]
        if not (isinstance(inner, (dict, list)) and inner) or random.random() < 0.15:
            node[key] = junk
            return
        node = inner


@pytest.mark.parametrize("text", ["5", "null", "[1]", "true", "x", ""])
def test_e5_a_text_in_place_of_an_extension_is_named_and_costs_nothing_else(text):
    """fhir.resources takes such a text for JSON, and stumbles over what it finds in it."""
    code = small.concept("LOINC#777-3")
    code["coding"][0]["_code"] = text
    made = small.resource(
        "Observation",
        code=code,
        status="final",
        effectiveDateTime="2026-11-10",
        valueQuantity=small.quantity(60, "10*9/L") | {"_value": text},
    )
    facts, problems = small.read(made)
    assert small.plain(facts["lab.platelets"]) == "60 x10^9/L"
    assert {one.path for one in problems} == {"code.coding[0]._code", "valueQuantity._value"}


@pytest.mark.parametrize("depth", [50, 400, 900, 5_000])
@pytest.mark.parametrize("null", [{}, {"note": None}])
def test_e5_a_resource_that_is_nested_too_deep_is_read_or_named(depth, null):
    deep = b'{"a":' * depth + b"1" + b"}" * depth
    raw = orjson.dumps({"resourceType": "Observation"} | null)[:-1] + b',"x":%b}' % deep
    try:
        assert decode(raw)["resourceType"] == "Observation"
    except ResourceUnreadable:
        assert depth > 50


# ---- other versions of FHIR ----------------------------------------------------------------------

LANREOTIDE = {"text": "lanreotide 120 mg"}
UNGIVEN = "says in the words of an older FHIR that it may not be so"


@pytest.mark.parametrize(
    ("kind", "elements"),
    [
        ("MedicationStatement", {"taken": "n"}),
        ("MedicationStatement", {"taken": "unk"}),
        ("MedicationStatement", {"taken": "na"}),
        ("MedicationStatement", {"wasNotTaken": True}),
        ("MedicationAdministration", {"notGiven": True}),
        ("MedicationAdministration", {"wasNotGiven": True}),
        ("Procedure", {"notDone": True}),
        ("Procedure", {"notPerformed": True}),
    ],
)
def test_e5_h1_a_treatment_that_an_older_fhir_takes_back_is_neither_given_nor_denied(
    kind, elements
):
    status = {"MedicationStatement": "active"}.get(kind, "completed")
    about = {"code": {"text": "PRRT"}} if kind == "Procedure" else {
        "medicationCodeableConcept": {"text": "Lutathera"}}  # fmt: skip
    facts, problems = small.read(small.resource(kind, status=status, **about, **elements))
    assert small.plain(facts["prior.prrt"]) is None
    assert [one.problem for one in problems] == [UNGIVEN]


@pytest.mark.parametrize("elements", [{"taken": "y"}, {"wasNotTaken": False}])
def test_e5_a_treatment_that_an_older_fhir_confirms_counts(elements):
    assert small.value("prior.ssa", small.statement("lanreotide", **elements)) == "current"


@pytest.mark.parametrize("kind", ["MedicationRequest", "MedicationStatement"])
@pytest.mark.parametrize(
    "named",
    [
        {"medication": {"concept": LANREOTIDE}},
        {"medication": {"reference": {"reference": "Medication/m"}}},
        {"medication": LANREOTIDE},
        {},
    ],
    ids=["concept of R5", "reference of R5", "before R4", "not at all"],
)
def test_e5_h1_a_drug_that_is_not_named_as_in_r4_is_named_and_is_no_silence(kind, named):
    made = small.resource(kind, status="active", intent="order", authoredOn="2026-03-01", **named)
    facts, problems = small.read(made)
    assert small.plain(facts["prior.ssa"]) is None
    assert [one.problem for one in problems] == ["points to a drug that was not sent"]


def test_e5_results_of_r5_and_stu3_are_read_where_they_say_what_r4_says():
    """Elements that R4 does not have cost nothing."""
    r5 = {
        "triggeredBy": [{"type": "reflex"}],
        "instantiatesCanonical": "urn:x",
        "bodyStructure": {},
    }
    stu3 = {"context": {"reference": "Encounter/1"}, "related": [{"target": {"reference": "x"}}],
            "comment": "Ki-67: 90 %"}  # fmt: skip
    for more in (r5, stu3):
        made = small.measured("LOINC#29593-1", 12, "%", **more)
        assert small.value("tumour.ki67", made) == "12 %"
    old = small.net() | {"clinicalStatus": "active", "verificationStatus": "confirmed"}
    assert small.value("net.status", old) == "active"


def test_e5_an_entry_of_another_type_in_a_list_is_read_as_what_it_is():
    """A server may include a Procedure with the observations."""
    own = chart(HERE)
    made = {"resourceType": "Procedure", "id": "prrt", "status": "completed"}
    made |= {"code": {"text": "PRRT"}, "performedDateTime": "2026-05-01"}
    made |= {"subject": {"reference": f"Patient/{own.id}"}}
    of = [one for one in own.entries if one["resource"]["resourceType"] == "Observation"]
    sent = searchset([*of, entry(made, own.base)])
    found = answer(call(own, own.entries, observations=sent))[1]
    assert found["facts"]["prior.prrt"]["possible"] == ["past"]
