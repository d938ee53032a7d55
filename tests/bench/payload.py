"""Hook bodies of many different patients, as large and as dull as a real chart.

Each is a compact JSON `patient-view` body: a patient, eight conditions of which one is a NET, and N
observations of about 1.5 KB, ten of which say something about the tumour or the fitness for
treatment. The others are vital signs and laboratory values that no rule reads.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any
from zlib import crc32

import orjson

AS_OF = date(2026, 11, 15)
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
HL7 = "http://terminology.hl7.org/CodeSystem"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"

Resource = dict[str, Any]

CONDITIONS = (
    ("C7A.012", "Malignant carcinoid tumor of the ileum"),
    ("C7B.02", "Secondary carcinoid tumors of liver"),
    ("I10", "Essential (primary) hypertension"),
    ("E11.9", "Type 2 diabetes mellitus without complications"),
    ("E78.5", "Hyperlipidemia, unspecified"),
    ("M17.11", "Unilateral primary osteoarthritis, right knee"),
    ("K21.9", "Gastro-esophageal reflux disease without esophagitis"),
    ("H52.4", "Presbyopia"),
)

# (LOINC, display, unit, lowest, highest): what counts for a treatment
FITNESS = (
    (
        "2164-2",
        "Creatinine renal clearance in 24 hour Urine and Serum or Plasma",
        "mL/min",
        70,
        110,
    ),
    ("777-3", "Platelets [#/volume] in Blood by Automated count", "10*3/uL", 150, 400),
    ("718-7", "Hemoglobin [Mass/volume] in Blood", "g/dL", 12, 16),
    ("6690-2", "Leukocytes [#/volume] in Blood by Automated count", "10*3/uL", 4, 10),
    ("1975-2", "Bilirubin.total [Mass/volume] in Serum or Plasma", "mg/dL", 0, 1),
    ("1751-7", "Albumin [Mass/volume] in Serum or Plasma", "g/dL", 4, 5),
)

# and what does not
DULL = (
    ("8867-4", "Heart rate", "/min", 50, 100),
    ("9279-1", "Respiratory rate", "/min", 12, 20),
    ("8310-5", "Body temperature", "Cel", 36, 37),
    ("29463-7", "Body weight", "kg", 55, 95),
    ("2345-7", "Glucose [Mass/volume] in Serum or Plasma", "mg/dL", 80, 140),
    ("2951-2", "Sodium [Moles/volume] in Serum or Plasma", "mmol/L", 135, 145),
    ("2823-3", "Potassium [Moles/volume] in Serum or Plasma", "mmol/L", 3, 5),
    ("2093-3", "Cholesterol [Mass/volume] in Serum or Plasma", "mg/dL", 150, 240),
    ("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood", "%", 5, 8),
)


def bodies(count: int, observations: int) -> list[bytes]:
    """`count` bodies of different patients with `observations` Observations each."""
    return [orjson.dumps(request(seed, observations)) for seed in range(count)]


def request(seed: int, observations: int) -> Resource:
    """The hook request of one patient; the same seed gives the same body."""
    random = Random(f"{seed}/{observations}")
    patient = f"patient-{seed}-{observations}"
    charted = [*_of_the_tumour(random, patient), *_of_no_interest(random, patient, observations)]
    charted = charted[:observations]
    random.shuffle(charted)  # where in the chart the tumour stands is not known beforehand
    prefetch = {
        "patient": _patient(random, patient),
        "conditions": _searchset(_conditions(random, patient)),
        "observations": _searchset(charted),
    }
    others = ("procedures", "medicationRequests", "medicationStatements")
    others += ("medicationAdministrations", "diagnosticReports", "allergies")
    return {
        "hook": "patient-view",
        "hookInstance": str(_uuid(random)),
        "context": {"userId": "Practitioner/oncologist", "patientId": patient},
        "prefetch": prefetch | {key: _searchset([]) for key in others},
        "extension": {"org.cdshooks-net.asOf": AS_OF.isoformat()},
    }


def bundle(request: Resource) -> Resource:
    """All resources of a request as one Bundle, for a reader that knows no hooks."""
    entries = []
    for one in request["prefetch"].values():
        entries += one.get("entry", []) if one["resourceType"] == "Bundle" else [{"resource": one}]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def _patient(random: Random, patient: str) -> Resource:
    return {
        "resourceType": "Patient",
        "id": patient,
        "meta": _meta(random, "us-core-patient"),
        "name": [
            {"use": "official", "family": f"Example{random.randrange(10**6)}", "given": ["Pat"]}
        ],
        "gender": random.choice(["female", "male"]),
        "birthDate": _day(random, 22_000, 28_000),
    }


def _conditions(random: Random, patient: str) -> list[Resource]:
    return [
        {
            "resourceType": "Condition",
            "id": f"condition-{number}-{random.randrange(10**9)}",
            "meta": _meta(random, "us-core-condition-problems-health-concerns"),
            "clinicalStatus": _concept(f"{HL7}/condition-clinical", "active", "Active"),
            "verificationStatus": _concept(f"{HL7}/condition-ver-status", "confirmed", "Confirmed"),
            "category": [
                _concept(f"{HL7}/condition-category", "problem-list-item", "Problem List")
            ],
            "code": _concept(ICD10CM, code, display) | {"text": display},
            "subject": {"reference": f"Patient/{patient}"},
            "recordedDate": _day(random, 200, 900),
        }
        for number, (code, display) in enumerate(CONDITIONS)
    ]


def _of_the_tumour(random: Random, patient: str) -> Iterator[Resource]:
    ki67 = _quantity(random.randrange(10, 20), "%")
    grade = {
        "valueString": f"Well differentiated NET, G2, Ki-67 {ki67['valueQuantity']['value']} %"
    }
    seen = {"valueString": "Intense uptake above liver in all known lesions, Krenning score 4"}
    ecog = {"valueInteger": random.randrange(2)}
    yield _observation(random, patient, "29593-1", "Cells.Ki-67 nuclear Ag/cells in Tissue", ki67)
    yield _observation(random, patient, "22637-3", "Pathology report final diagnosis", grade)
    yield _observation(random, patient, None, "68Ga-DOTATATE PET/CT, somatostatin receptor", seen)
    yield _observation(random, patient, "89247-1", "ECOG Performance Status score", ecog, 30)
    for code, display, unit, low, high in FITNESS:
        value = _quantity(low + round(random.random() * (high - low), 1), unit)
        yield _observation(random, patient, code, display, value, 30)


def _of_no_interest(random: Random, patient: str, count: int) -> Iterator[Resource]:
    for number in range(count):
        if number % 10 == 9:
            pressure = {
                "component": [_pressure(random, "8480-6", 110), _pressure(random, "8462-4", 70)]
            }
            panel = "Blood pressure panel with all children optional"
            yield _observation(random, patient, "85354-9", panel, pressure)
        else:
            code, display, unit, low, high = random.choice(DULL)
            value = _quantity(random.randrange(low, high), unit)
            yield _observation(random, patient, code, display, value)


def _pressure(random: Random, code: str, low: int) -> Resource:
    value = _quantity(low + random.randrange(30), "mm[Hg]")
    return {"code": _concept(LOINC, code, "Blood pressure")} | value


def _observation(
    random: Random, patient: str, code: str | None, display: str, value: Resource, newest: int = 400
) -> Resource:
    number = random.randrange(10**9)
    of_the_hospital = f"{crc32(display.encode()) % 10**6}"
    local = {"system": "urn:oid:1.2.840.114350.1.13.861.1.7.2.768282", "code": of_the_hospital}
    known = _concept(LOINC, code, display)["coding"] if code else []
    return {
        "resourceType": "Observation",
        "id": f"observation-{number}-{random.randrange(10**9)}",
        "meta": _meta(random, "us-core-observation-lab"),
        "identifier": [
            {
                "use": "official",
                "system": "urn:oid:1.2.840.114350.1.13.861.1.7.2.798268",
                "value": f"{number}-{random.randrange(10**9)}",
            }
        ],
        "basedOn": [{"reference": f"ServiceRequest/order-{number}"}],
        "status": "final",
        "category": [
            _concept(f"{HL7}/observation-category", "laboratory", "Laboratory")
            | {"text": "Laboratory"}
        ],
        "code": {"coding": [*known, local], "text": display},
        "subject": {"reference": f"Patient/{patient}", "display": "Example, Pat"},
        "encounter": {"reference": f"Encounter/encounter-{number}", "display": "Office visit"},
        "effectiveDateTime": f"{_day(random, 0, newest)}T09:{number % 60:02}:00Z",
        "issued": f"{_day(random, 0, 1)}T12:{number % 60:02}:00Z",
        "performer": [
            {"reference": f"Practitioner/practitioner-{number % 97}"},
            {"reference": "Organization/laboratory", "display": "Central Laboratory"},
        ],
        "interpretation": [
            _concept(f"{HL7}/v3-ObservationInterpretation", "N", "Normal") | {"text": "Normal"}
        ],
        "referenceRange": [{"text": "as printed by the laboratory for adults"}],
    } | value


def _quantity(value: float, unit: str) -> Resource:
    return {"valueQuantity": {"value": value, "unit": unit, "system": UCUM, "code": unit}}


def _searchset(resources: list[Resource]) -> Resource:
    base = "https://fhir.example.org/r4"
    entries = [
        {
            "fullUrl": f"{base}/{one['resourceType']}/{one['id']}",
            "resource": one,
            "search": {"mode": "match"},
        }
        for one in resources
    ]
    found: Resource = {"resourceType": "Bundle", "type": "searchset", "total": len(entries)}
    return found | ({"entry": entries} if entries else {})


def _concept(system: str, code: str, display: str) -> Resource:
    return {"coding": [{"system": system, "code": code, "display": display}]}


def _meta(random: Random, profile: str) -> Resource:
    return {
        "versionId": str(random.randrange(1, 5)),
        "lastUpdated": f"{_day(random, 0, 400)}T10:00:00.000Z",
        "profile": [f"http://hl7.org/fhir/us/core/StructureDefinition/{profile}"],
    }


def _day(random: Random, newest: int, oldest: int) -> str:
    """A day between so many days before AS_OF."""
    return (AS_OF - timedelta(random.randrange(newest, oldest))).isoformat()


def _uuid(random: Random) -> str:
    digits = f"{random.getrandbits(128):032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
