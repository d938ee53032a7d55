"""FHIR resources as hospitals send them: about 1.5 KB an Observation, most of it of no interest."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any
from zlib import crc32

AS_OF = date(2026, 11, 15)
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
SNOMED = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
HL7 = "http://terminology.hl7.org/CodeSystem"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"

Resource = dict[str, Any]
Code = tuple[str, str]  # a system and a code


@dataclass(frozen=True)
class Chart:
    """Makes the resources of one patient; two charts of one seed are the same.

    `serial` stands in the id of the patient, and so in every resource, and in every text.
    """

    random: Random
    serial: str
    hospital: int

    @property
    def patient(self) -> str:
        return f"patient-{self.serial}"

    def number(self) -> int:
        return self.random.randrange(10**9)

    def day(self, newest: int, oldest: int) -> str:
        """A day between so many days before AS_OF."""
        return (AS_OF - timedelta(self.random.randrange(newest, oldest))).isoformat()

    def one_of(self, choices: Iterable[Any]) -> Any:
        return self.random.choice(list(choices))

    def observation(
        self, code: Code | None, display: str, value: Resource, newest: int = 0, oldest: int = 400
    ) -> Resource:
        number = self.number()
        of_the_hospital = f"{crc32(f'{self.hospital} {display}'.encode()) % 10**6}"
        local = {"system": "urn:oid:1.2.840.114350.1.13.861.1.7.2.768282", "code": of_the_hospital}
        known = concept(code, display)["coding"] if code else []
        return {
            "resourceType": "Observation",
            "id": f"observation-{number}-{self.number()}",
            "meta": self.meta("us-core-observation-lab"),
            "identifier": [
                {
                    "use": "official",
                    "system": "urn:oid:1.2.840.114350.1.13.861.1.7.2.798268",
                    "value": f"{number}-{self.number()}",
                }
            ],
            "basedOn": [{"reference": f"ServiceRequest/order-{number}"}],
            "status": "final",
            "category": [
                concept((f"{HL7}/observation-category", "laboratory"), "Laboratory")
                | {"text": "Laboratory"}
            ],
            "code": {"coding": [*known, local], "text": display},
            "subject": {"reference": f"Patient/{self.patient}", "display": "Example, Pat"},
            "encounter": {"reference": f"Encounter/encounter-{number}", "display": "Office visit"},
            "effectiveDateTime": f"{self.day(newest, oldest)}T09:{number % 60:02}:00Z",
            "issued": f"{self.day(0, 1)}T12:{number % 60:02}:00Z",
            "performer": [
                {"reference": f"Practitioner/practitioner-{number % 97}"},
                {"reference": "Organization/laboratory", "display": "Central Laboratory"},
            ],
            "interpretation": [
                concept((f"{HL7}/v3-ObservationInterpretation", "N"), "Normal") | {"text": "Normal"}
            ],
            "referenceRange": [{"text": "as printed by the laboratory for adults"}],
        } | value

    def condition(self, code: Code, display: str) -> Resource:
        confirmed = concept((f"{HL7}/condition-ver-status", "confirmed"), "Confirmed")
        listed = concept((f"{HL7}/condition-category", "problem-list-item"), "Problem List")
        return {
            "resourceType": "Condition",
            "id": f"condition-{self.number()}",
            "meta": self.meta("us-core-condition-problems-health-concerns"),
            "clinicalStatus": concept((f"{HL7}/condition-clinical", "active"), "Active"),
            "verificationStatus": confirmed,
            "category": [listed],
            "code": concept(code, display) | {"text": display},
            "subject": {"reference": f"Patient/{self.patient}"},
            "recordedDate": self.day(200, 900),
        }

    def medication(self, code: Code, display: str, status: str) -> Resource:
        return {
            "resourceType": "MedicationRequest",
            "id": f"medication-{self.number()}",
            "meta": self.meta("us-core-medicationrequest"),
            "status": status,
            "intent": "order",
            "medicationCodeableConcept": concept(code, display) | {"text": display},
            "subject": {"reference": f"Patient/{self.patient}"},
            "authoredOn": self.day(20, 500),
        }

    def report(self, name: str, conclusion: str, oldest: int) -> Resource:
        return {
            "resourceType": "DiagnosticReport",
            "id": f"report-{self.number()}",
            "meta": self.meta("us-core-diagnosticreport-note"),
            "status": "final",
            "code": {"text": name},
            "subject": {"reference": f"Patient/{self.patient}"},
            "effectiveDateTime": self.day(5, oldest),
            "conclusion": conclusion,
        }

    def meta(self, profile: str) -> Resource:
        return {
            "versionId": str(self.random.randrange(1, 5)),
            "lastUpdated": f"{self.day(0, 400)}T10:00:00.000Z",
            "profile": [f"http://hl7.org/fhir/us/core/StructureDefinition/{profile}"],
        }


def quantity(value: float, unit: str) -> Resource:
    return {"valueQuantity": {"value": value, "unit": unit, "system": UCUM, "code": unit}}


def concept(code: Code, display: str) -> Resource:
    system, symbol = code
    return {"coding": [{"system": system, "code": symbol, "display": display}]}
