"""Small FHIR resources for tests, and what one reader makes of them."""

import json
from datetime import date

from cdshooks.fhir.extract import SPECIAL_READERS, named_concepts, picker
from cdshooks.fhir.opener import ChartOpener
from cdshooks.fhir.record import Reader

AS_OF = date(2026, 11, 15)
SYSTEMS = {
    "LOINC": "http://loinc.org",
    "SNOMED": "http://snomed.info/sct",
    "ICD-10-CM": "http://hl7.org/fhir/sid/icd-10-cm",
    "ICD-10": "http://hl7.org/fhir/sid/icd-10",
    "ICD-O-3": "http://terminology.hl7.org/CodeSystem/icd-o-3",
    "NCIt": "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl",
    "NAACCR": "http://terminology.hl7.org/CodeSystem/naaccr",
    "RxNorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
}


def concept(*codes, text=None):
    """A CodeableConcept from "SYSTEM#code" strings."""
    codings = [
        {"system": SYSTEMS[code.split("#")[0]], "code": code.split("#")[1]} for code in codes
    ]
    return ({"coding": codings} if codings else {}) | ({"text": text} if text else {})


def condition(*codes, text=None, clinical=None, verification=None, **more):
    resource = {"resourceType": "Condition", "code": concept(*codes, text=text)}
    if clinical:
        resource["clinicalStatus"] = {"coding": [{"code": clinical}]}
    if verification:
        resource["verificationStatus"] = {"coding": [{"code": verification}]}
    return resource | more


def observation(*codes, text=None, date="2026-10-01", **more):
    resource = {
        "resourceType": "Observation",
        "status": "final",
        "code": concept(*codes, text=text),
    }
    return resource | ({"effectiveDateTime": date} if date else {}) | more


def report(conclusion, date="2026-10-01", **more):
    return {
        "resourceType": "DiagnosticReport",
        "status": "final",
        "code": {"text": "Report"},
        "conclusion": conclusion,
        "effectiveDateTime": date,
    } | more


def bundle(*resources, patient="p", birth="1966-05-01", gender="male"):
    """A collection Bundle of one patient; each resource without a subject is the patient's."""
    own = {"resourceType": "Patient", "id": patient, "birthDate": birth, "gender": gender}
    listed = [own]
    for position, resource in enumerate(resources):
        subject = "patient" if resource["resourceType"] == "AllergyIntolerance" else "subject"
        defaults = {"id": f"r{position}", subject: {"reference": f"Patient/{patient}"}}
        listed.append(defaults | resource)
    entries = [{"resource": resource} for resource in listed]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def encoded(document):
    return json.dumps(document).encode()


_OPENED = {}  # by knowledge base: compiling its words takes longer than most tests


def _opened(knowledge):
    if id(knowledge) not in _OPENED:
        names, prose = named_concepts(knowledge.facts)
        reader = Reader(picker(names, prose, knowledge.systems), knowledge.systems)
        _OPENED[id(knowledge)] = knowledge, reader, ChartOpener(names, prose, knowledge.systems)
    return _OPENED[id(knowledge)][1:]


def readings_of(knowledge, readers, *resources, as_of=AS_OF):
    """(facts read whole, readings by fact name, problems) of some special readers, in order."""
    reader, opener = _opened(knowledge)
    record = reader.read((("Bundle", encoded(bundle(*resources))),), "p")
    chart = opener.open(record, as_of)
    whole, readings = {}, {}
    for name in readers:
        for found in SPECIAL_READERS[name](chart, knowledge.facts.families[name], readings):
            if hasattr(found, "name"):
                whole[found.name] = found
            else:
                readings.setdefault(found.fact, []).append(found)
    return whole, readings, chart.problems
