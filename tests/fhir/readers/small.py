"""Small records: a resource in one line, and the facts that are read from a few of them."""

import json
from datetime import date
from functools import cache
from itertools import count

from cdshooks.clinical.value import Choice, Flag, Members, Span
from cdshooks.fhir.extract import Extractor
from cdshooks.knowledge.codes import read_systems
from cdshooks.knowledge.facts import read_facts
from cdshooks.knowledge.load import READERS, default_root

AS_OF = date(2026, 11, 15)
URIS = {
    "LOINC": "http://loinc.org",
    "SNOMED": "http://snomed.info/sct",
    "ICD-10-CM": "http://hl7.org/fhir/sid/icd-10-cm",
    "ICD-10": "http://hl7.org/fhir/sid/icd-10",
    "ICD-O-3": "http://terminology.hl7.org/CodeSystem/icd-o-3",
    "RxNorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "ATC": "http://www.whocc.no/atc",
    "HCPCS": "http://terminology.hl7.org/CodeSystem/HCPCS",
}
_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_VERIFIED = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
_numbers = count(1)


def concept(*names):
    """A CodeableConcept: "LOINC#718-7" is a code, anything else its text."""
    made = {}
    for name in names:
        system, is_code, code = name.partition("#")
        if is_code and system in URIS:
            made.setdefault("coding", []).append({"system": URIS[system], "code": code})
        else:
            made["text"] = name
    return made


def resource(kind, **elements):
    made = {"resourceType": kind, "id": f"{kind.lower()}-{next(_numbers)}", **elements}
    if kind != "Patient":
        made.setdefault("subject", {"reference": "Patient/1"})
    return {name: value for name, value in made.items() if value is not None}


def patient(gender="female", born="1966-03-01", **elements):
    return resource("Patient", **{"id": "1", "gender": gender, "birthDate": born, **elements})


def condition(*names, recorded="2026-10-01", clinical="active", verified=None, **elements):
    return resource(
        "Condition",
        code=concept(*names),
        recordedDate=recorded,
        clinicalStatus={"coding": [{"system": _CLINICAL, "code": clinical}]},
        verificationStatus=verified and {"coding": [{"system": _VERIFIED, "code": verified}]},
        **elements,
    )


def net(*names, recorded="2025-02-01", **elements):
    """The NET itself; names are added to its code."""
    return condition("ICD-10-CM#C7A.012", *names, recorded=recorded, **elements)


def observation(*names, on="2026-11-10", status="final", **elements):
    return resource(
        "Observation", code=concept(*names), effectiveDateTime=on, status=status, **elements
    )


def quantity(value, unit=None, **elements):
    return {"value": value, **({"unit": unit} if unit else {}), **elements}


def measured(name, value, unit=None, on="2026-11-10", **elements):
    """An Observation with a quantity."""
    return observation(name, on=on, valueQuantity=quantity(value, unit), **elements)


def report(conclusion, on="2026-11-01", **elements):
    return resource(
        "DiagnosticReport",
        code=concept("CT abdomen"),
        effectiveDateTime=on,
        status="final",
        conclusion=conclusion,
        **elements,
    )


def procedure(*names, on="2026-10-01", status="completed", **elements):
    return resource(
        "Procedure", code=concept(*names), performedDateTime=on, status=status, **elements
    )


def request(*names, on="2026-10-01", status="active", intent="order", **elements):
    return resource(
        "MedicationRequest",
        medicationCodeableConcept=concept(*names),
        authoredOn=on,
        status=status,
        intent=intent,
        **elements,
    )


def statement(*names, status="active", **elements):
    return resource(
        "MedicationStatement",
        medicationCodeableConcept=concept(*names),
        status=status,
        **elements,
    )


def administration(*names, on="2026-10-01", status="completed", **elements):
    return resource(
        "MedicationAdministration",
        medicationCodeableConcept=concept(*names),
        effectiveDateTime=on,
        status=status,
        **elements,
    )


def allergy(*names, clinical="active", verified="confirmed", **elements):
    system = "http://terminology.hl7.org/CodeSystem/allergyintolerance"
    return resource(
        "AllergyIntolerance",
        code=concept(*names),
        clinicalStatus={"coding": [{"system": f"{system}-clinical", "code": clinical}]},
        verificationStatus={"coding": [{"system": f"{system}-verification", "code": verified}]},
        subject=None,
        patient={"reference": "Patient/1"},
        **elements,
    )


SYSTEMS = read_systems(default_root(), [])


@cache
def knowledge():
    return read_facts(default_root(), SYSTEMS, READERS, [])


@cache
def extractor():
    return Extractor(knowledge(), SYSTEMS)


def record(*resources, unavailable=()):
    """The record of some resources; a female patient of 60 and a NET are added if none is given."""
    kinds = [made["resourceType"] for made in resources]
    given = [*resources]
    if "Patient" not in kinds:
        given.append(patient())
    if not any("C7A" in json.dumps(made) for made in resources):
        given.append(net())
    entries = [{"resource": made} for made in given]
    bundle = json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries})
    return extractor().record_reader.read(
        [("bundle", bundle.encode())], "1", unavailable=frozenset(unavailable)
    )


def opened(*resources, as_of=AS_OF):
    """The chart of a record, and the families of the special readers."""
    return extractor()._opener.open(record(*resources), as_of), knowledge().families


def read(*resources, as_of=AS_OF, unavailable=()):
    """(facts, problems) of a record."""
    return extractor().extract(record(*resources, unavailable=unavailable), as_of)


def facts(*resources, **settings):
    return read(*resources, **settings)[0]


def problems(*resources, **settings):
    return [problem.problem for problem in read(*resources, **settings)[1]]


def plain(fact):
    """The value in a form that a table can hold; None if it is unknown."""
    match fact.value:
        case Span():
            return str(fact.value)
        case Flag(so):
            return so
        case Choice(possible):
            return "/".join(sorted(possible))
        case Members(has, _):
            return set(has)
    return None


def value(name, *resources, **settings):
    """The plain value of one fact."""
    return plain(facts(*resources, **settings)[name])
