"""Hook bodies of many different patients, as large and as dull as a real chart.

Each is a compact JSON `patient-view` body: a patient, some conditions of which one or two are a NET
and its spread, medication, a receptor scan, and N observations of about 1.5 KB, seven to eleven of
which say something about the tumour or the fitness for treatment (tumour.py). The others are vital
signs and laboratory values that no rule reads. No two patients share a resource or a text of their
own, so that nothing that remembers those can flatter a figure.
"""

from collections.abc import Iterator
from random import Random

import orjson

from tests.bench import tumour
from tests.bench.resources import ICD10CM, LOINC, Chart, Resource, concept, quantity

HOSPITALS = 7  # each with its own codes beside those of LOINC

OTHER_CONDITIONS = (
    ("I10", "Essential (primary) hypertension"),
    ("E11.9", "Type 2 diabetes mellitus without complications"),
    ("E78.5", "Hyperlipidemia, unspecified"),
    ("M17.11", "Unilateral primary osteoarthritis, right knee"),
    ("K21.9", "Gastro-esophageal reflux disease without esophagitis"),
    ("H52.4", "Presbyopia"),
)

# (LOINC, display, unit, lowest, highest) of what no rule reads
DULL = (
    ("8867-4", "Heart rate", "/min", 50, 100),
    ("9279-1", "Respiratory rate", "/min", 12, 20),
    ("8310-5", "Body temperature", "Cel", 36, 37),
    ("29463-7", "Body weight", "kg", 55, 95),
    ("8302-2", "Body height", "cm", 150, 195),
    ("39156-5", "Body mass index (BMI) [Ratio]", "kg/m2", 19, 34),
    ("59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry", "%", 93, 100),
    ("2345-7", "Glucose [Mass/volume] in Serum or Plasma", "mg/dL", 80, 140),
    ("2951-2", "Sodium [Moles/volume] in Serum or Plasma", "mmol/L", 135, 145),
    ("2823-3", "Potassium [Moles/volume] in Serum or Plasma", "mmol/L", 3, 5),
    ("2075-0", "Chloride [Moles/volume] in Serum or Plasma", "mmol/L", 96, 106),
    ("17861-6", "Calcium [Mass/volume] in Serum or Plasma", "mg/dL", 8, 10),
    ("3094-0", "Urea nitrogen [Mass/volume] in Serum or Plasma", "mg/dL", 7, 20),
    ("2093-3", "Cholesterol [Mass/volume] in Serum or Plasma", "mg/dL", 150, 240),
    ("2085-9", "Cholesterol in HDL [Mass/volume] in Serum or Plasma", "mg/dL", 35, 80),
    ("2571-8", "Triglyceride [Mass/volume] in Serum or Plasma", "mg/dL", 60, 250),
    ("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood", "%", 5, 8),
    ("3016-3", "Thyrotropin [Units/volume] in Serum or Plasma", "mU/L", 1, 4),
    ("2276-4", "Ferritin [Mass/volume] in Serum or Plasma", "ng/mL", 20, 250),
    ("1988-5", "C reactive protein [Mass/volume] in Serum or Plasma", "mg/L", 0, 12),
)


def bodies(count: int, observations: int, first: int = 0) -> list[bytes]:
    """`count` bodies of different patients with `observations` Observations each."""
    return [orjson.dumps(request(seed, observations)) for seed in range(first, first + count)]


def request(seed: int, observations: int) -> Resource:
    """The hook request of one patient; the same seed gives the same body."""
    random = Random(f"{seed}/{observations}")
    chart = Chart(random, serial(seed), random.randrange(HOSPITALS))
    site, conditions = tumour.diagnoses(chart)
    charted = [*tumour.observations(chart, site), *_of_no_interest(chart, observations)]
    charted = charted[:observations]
    random.shuffle(charted)  # where in the chart the tumour stands is not known beforehand
    found = {
        "conditions": conditions + [chart.condition((ICD10CM, a), b) for a, b in OTHER_CONDITIONS],
        "observations": charted,
        "medicationRequests": tumour.medications(chart),
        "diagnosticReports": tumour.reports(chart),
    }
    nothing = ("procedures", "medicationStatements", "medicationAdministrations", "allergies")
    prefetch = {key: _searchset(found.get(key, [])) for key in (*found, *nothing)}
    return {
        "hook": "patient-view",
        "hookInstance": _uuid(random),
        "context": {"userId": "Practitioner/oncologist", "patientId": chart.patient},
        "prefetch": {"patient": _patient(chart)} | prefetch,
    }


def serial(number: int) -> str:
    """Ten digits that stand for one patient, always as long."""
    return f"{number:010}"


def bundle(request: Resource) -> Resource:
    """All resources of a request as one Bundle, for a reader that knows no hooks."""
    entries = []
    for one in request["prefetch"].values():
        entries += one.get("entry", []) if one["resourceType"] == "Bundle" else [{"resource": one}]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def _patient(chart: Chart) -> Resource:
    family = f"Example{chart.random.randrange(10**6)}"
    return {
        "resourceType": "Patient",
        "id": chart.patient,
        "meta": chart.meta("us-core-patient"),
        "name": [{"use": "official", "family": family, "given": ["Pat"]}],
        "gender": chart.one_of(["female", "male"]),
        "birthDate": chart.day(14_000, 28_000),
    }


def _of_no_interest(chart: Chart, count: int) -> Iterator[Resource]:
    for number in range(count):
        if number % 10 == 9:
            pressure = {
                "component": [_pressure(chart, "8480-6", 110), _pressure(chart, "8462-4", 70)]
            }
            panel = "Blood pressure panel with all children optional"
            yield chart.observation((LOINC, "85354-9"), panel, pressure)
        else:
            code, display, unit, low, high = chart.random.choice(DULL)
            value = quantity(chart.random.randrange(low, high), unit)
            yield chart.observation((LOINC, code), display, value)


def _pressure(chart: Chart, code: str, low: int) -> Resource:
    value = quantity(low + chart.random.randrange(30), "mm[Hg]")
    return {"code": concept((LOINC, code), "Blood pressure")} | value


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


def _uuid(random: Random) -> str:
    digits = f"{random.getrandbits(128):032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
