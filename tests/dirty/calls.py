"""Hook calls about the shipped patients, put together resource by resource, and their answers."""

import json
import os
from dataclasses import dataclass
from datetime import date
from functools import cache

import orjson

from cdshooks.faces.fixtures import default_root, load_cases
from cdshooks.hooks.caller import sandbox_caller
from cdshooks.hooks.example import example_request
from tests.shipped import ENGINE

SOAK = bool(os.environ.get("SOAK"))  # the whole figure of a row; else a short form
SERVICE = ENGINE.services["net-patient-view"]
CASES = load_cases(default_root())
MRN = "urn:oid:1.2.3"
AS_OF, JURISDICTION = date(2026, 11, 15), "us"


@dataclass(frozen=True, eq=False)
class Chart:
    """A shipped patient as its server delivers it: the Patient, of MRN 7, and the rest."""

    patient: dict
    entries: tuple
    base: str
    as_of: date
    jurisdiction: str

    @property
    def id(self):
        return self.patient["id"]


@cache
def chart(name):
    case = next(case for case in CASES if case.name == name)
    body = example_request(case.bundle(), SERVICE, case.as_of, case.jurisdiction)
    sets = [one for one in body["prefetch"].values() if one["resourceType"] == "Bundle"]
    sent = [one for listed in sets for one in listed.get("entry", ())]
    bases = [one["fullUrl"].rsplit("/", 2)[0] for one in sent if "fullUrl" in one]
    patient = body["prefetch"]["patient"]
    identifiers = [*patient.get("identifier", ()), {"system": MRN, "value": "7"}]
    return Chart(
        {**patient, "identifier": identifiers},
        tuple(sent),
        (*bases, "https://ehr.example.org/fhir")[0],
        case.as_of,
        case.jurisdiction or JURISDICTION,
    )


def entry(resource, base):
    return {"fullUrl": f"{base}/{resource['resourceType']}/{resource['id']}", "resource": resource}


def call(of, entries, **prefetch):
    """A call about the patient of a Chart with these entries, each under the key of its type."""
    keys = {one.resource_type: one.key for one in SERVICE.prefetch}
    sets = {key: [] for kind, key in keys.items() if kind != "Patient"}
    for one in entries:  # what no key asks for comes along with the observations
        sets.get(keys.get(one["resource"].get("resourceType")), sets["observations"]).append(one)
    bundles = {key: searchset(listed) for key, listed in sets.items()}
    body = {
        "hook": "patient-view",
        "hookInstance": "1b671a64-40d5-491e-99b0-da01ff1f3341",
        "fhirServer": of.base,
        "context": {"userId": "Practitioner/1", "patientId": of.id},
        "prefetch": {"patient": of.patient, **bundles, **prefetch},
        "extension": {
            "org.cdshooks-net.asOf": of.as_of.isoformat(),
            "org.cdshooks-net.jurisdiction": of.jurisdiction,
        },
    }
    return json.dumps(body).encode()  # which escapes what is no UTF-8, such as half a character


def searchset(entries):
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries}


def answer(body, engine=ENGINE):
    """(cards without their random ids, assessment) of a call."""
    found = orjson.loads(engine.answer(SERVICE.id, body, sandbox_caller()))
    return without_uuids(found["cards"]), found["extension"]["org.cdshooks-net.assessment"]


def without_uuids(cards):
    for card in cards:
        del card["uuid"]
        for suggestion in card.get("suggestions", ()):
            del suggestion["uuid"]
    return cards


def topic(card):
    return card["source"]["topic"]["code"]


def but_for_problems(assessment):
    return {name: told for name, told in assessment.items() if name != "problems"}


def copied(value):
    return json.loads(json.dumps(value))
