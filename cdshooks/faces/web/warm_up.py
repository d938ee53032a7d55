"""A call that touches everything once, so that no caller waits for what happens only once.

It is made before the workers fork: what it builds, the validators of each resource type above all,
they then share.
"""

from typing import Any

import orjson

from cdshooks.hooks.discovery import Service

_SUBJECT = {"reference": "Patient/nobody"}
_OF_THE_PATIENT = {"subject": _SUBJECT, "status": "completed"}

# One resource of each type, mostly in words: codes are looked up the same way. One code and one
# identifier are in it, because there is a validator of each that every real chart needs.
_CHART: dict[str, dict[str, Any]] = {
    "Patient": {
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": "nobody"}],
        "gender": "female",
        "birthDate": "1960-01-01",
    },
    "Condition": {
        "subject": _SUBJECT,
        "code": {"text": "Neuroendocrine tumor of the ileum with liver metastases"},
    },
    "Observation": {
        "subject": _SUBJECT,
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "29593-1"}], "text": "Ki-67"},
        "valueQuantity": {"value": 5, "unit": "%"},
    },
    "DiagnosticReport": {
        "subject": _SUBJECT,
        "status": "final",
        "code": {"text": "DOTATATE PET/CT"},
        "conclusion": "Intense uptake in all liver metastases. Stable disease.",
    },
    "Procedure": _OF_THE_PATIENT | {"code": {"text": "Radioembolisation"}},
    "MedicationRequest": _OF_THE_PATIENT
    | {"intent": "order", "medicationCodeableConcept": {"text": "octreotide"}},
    "MedicationStatement": _OF_THE_PATIENT | {"medicationCodeableConcept": {"text": "lanreotide"}},
    "MedicationAdministration": _OF_THE_PATIENT
    | {
        "medicationCodeableConcept": {"text": "everolimus"},
        "effectiveDateTime": "2020-01-01",
    },
    "AllergyIntolerance": {"patient": _SUBJECT, "code": {"text": "octreotide"}},
}


def first_call(service: Service) -> bytes:
    """The body of a call about a patient who does not exist."""
    prefetch = {one.key: _prefetched(one.resource_type) for one in service.prefetch}
    return orjson.dumps(
        {
            "hook": service.hook,
            "hookInstance": "warm-up",
            "context": {"patientId": "nobody", "userId": "Practitioner/nobody"},
            "prefetch": prefetch,
        }
    )


def _prefetched(resource_type: str) -> dict[str, Any]:
    resource = {"resourceType": resource_type, "id": "nobody", **_CHART.get(resource_type, {})}
    if resource_type == "Patient":
        return resource
    entry = [{"resource": resource}] if resource_type in _CHART else []
    return {"resourceType": "Bundle", "type": "searchset", "total": len(entry), "entry": entry}
