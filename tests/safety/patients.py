"""The patients of fixtures/, assessed as a whole or with their record changed."""

import os
from functools import cache

import orjson

from cdshooks.engine import Setting
from cdshooks.faces.fixtures import default_root, load_cases
from cdshooks.fhir.record import patient_ids
from cdshooks.hooks.caller import DEFAULT_JURISDICTION
from tests.fhir.readers import small
from tests.shipped import ENGINE

SOAK = os.environ.get("SOAK") == "1"
CASES = load_cases(default_root())
CASE = {case.name: case for case in CASES}


def assessed(case, bundle=None):
    """The one document of a patient; of another Bundle in the place of the patient's own."""
    return _own(case.name) if bundle is None else _document(case, orjson.dumps(bundle))


@cache
def _own(name):
    return _document(CASE[name], CASE[name].body())


def _document(case, body):
    (found,) = ENGINE.assess_body(body, case.as_of, case.jurisdiction)
    return found


def outcomes(document):
    """Treatment to outcome."""
    return {one["id"]: one["outcome"] for one in document["treatments"]}


def body(card):
    """The detail of a card without its list of sources."""
    return card["detail"].partition("**Sources**")[0]


def card_of(document, topic):
    """The card of a topic, or None."""
    cards = {card["source"]["topic"]["code"]: card for card in document.get("cards", ())}
    return cards.get(topic)


def some(everything, stride):
    """All of it with SOAK=1, else one in `stride`, from the middle of the first stride on."""
    everything = list(everything)
    return everything if SOAK else everything[stride // 2 :: stride]


@cache
def facts_of(case):
    """The facts of a patient, the derived ones too."""
    setting = Setting(case.as_of, case.jurisdiction or DEFAULT_JURISDICTION)
    bodies = (("Bundle", case.body()),)
    return ENGINE._assessing.of_bodies(bodies, patient_ids(bodies)[0], setting).facts


def tumour(*, graded=True):
    """A metastatic pancreatic NET, receptor-positive and progressive, with its grade or without."""
    found = [
        small.patient(gender="male"),
        small.condition("ICD-10-CM#C7A.8", "Neuroendocrine tumour of the pancreas"),
        small.report(
            "CT: liver metastases of the neuroendocrine tumour, progressive disease."
            " Non-functioning tumour. Somatostatin receptor PET: intense uptake in all lesions."
        ),
    ]
    return [*found, small.measured("LOINC#29593-1", 5, "%")] if graded else found


def assess_resources(*resources, as_of=small.AS_OF):
    """The document of a record of these resources."""
    entries = [{"resource": one} for one in resources]
    body = orjson.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries})
    (found,) = ENGINE.assess_body(body, as_of, "us")
    return found


def assessed_on(case, day):
    """The document of a patient on another day."""
    (found,) = ENGINE.assess_body(case.body(), day, case.jurisdiction)
    return found


def titles_named(card):
    """The treatments that a card names in bold at the beginning of a line."""
    starts = [line for line in card["detail"].splitlines() if line.startswith("**")] if card else []
    return {title for title in TITLES for line in starts if line.startswith(f"**{title}**")}


TITLES = {one.title for one in ENGINE.knowledge.treatments}
