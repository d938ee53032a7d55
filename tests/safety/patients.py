"""The patients of fixtures/, assessed as a whole or with their record changed."""

import os
from functools import cache

import orjson

from cdshooks.faces.fixtures import default_root, load_cases
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
