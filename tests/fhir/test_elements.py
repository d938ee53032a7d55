"""The quick verdict on a resource, element by element, against the model that decides on the whole.

Whatever the quick one calls valid fhir.resources has to call valid; of the rest it is asked itself.
"""

import os
import random
from copy import deepcopy
from decimal import Decimal

import pytest

from cdshooks.fhir.bundle import resources
from cdshooks.fhir.models import REMEMBERED, TYPES, Elements, faults
from cdshooks.fhir.project import ELEMENTS, _complete, _pruned, decode
from tests.test_fixtures import CASES

SOAK = os.environ.get("SOAK") == "1"
JUNK = ("", " ", " x", "x ", "a  b", 5, -1, 1.5, Decimal("1.50"), Decimal("1E+400"), True, [], {})
JUNK += ([{}], ["x"], {"x": 1}, {"coding": [{"code": "a b "}]}, "2026-13", {"value": "12"}, [[]])


def projections():
    """Every resource of the fixtures that may be read, as far as it is read."""
    for case in CASES:
        for one in resources((("b", case.head.body()),), lambda *_: None):
            kind = one.peek.resourceType
            if kind in ELEMENTS:
                resource = decode(bytes(one.raw))
                yield kind, {key: resource[key] for key in resource if key in ELEMENTS[kind]}


ALL = list(projections())


def places(value, before=()):
    """Where each value stands in an element, at every depth."""
    inner = value.items() if isinstance(value, dict) else ()
    inner = enumerate(value) if isinstance(value, list) else inner
    for key, one in inner:
        yield (*before, key)
        yield from places(one, (*before, key))


def with_junk(projection, place, junk):
    changed = deepcopy(projection)
    holder = changed
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = deepcopy(junk)
    return changed


def is_valid(kind, projection):
    return not faults(_complete(kind, projection))


@pytest.fixture(scope="module")
def elements():
    known = Elements(ELEMENTS)
    for kind, projection in ALL:
        if is_valid(kind, projection):
            known.learn(kind, projection)
    return known


def test_what_was_found_valid_is_known_to_be(elements):
    assert all(elements.know(kind, one) for kind, one in ALL if is_valid(kind, one))


def test_e5_e6_no_element_is_called_valid_that_fhir_resources_refuses(elements):
    """One value after the other is replaced by each piece of junk."""
    distinct = {(kind, str(sorted(one))): one for kind, one in ALL}.items()
    order = random.Random(5)
    asked = [
        (kind, with_junk(one, place, junk))
        for (kind, _), one in distinct
        for place in places(one)
        if place != ("resourceType",)
        for junk in JUNK
    ]
    for kind, one in asked if SOAK else order.sample(asked, 1_500):
        changed = _pruned(one)
        if elements.know(kind, changed):
            assert is_valid(kind, changed), (kind, changed)


def test_elements_that_may_not_stand_together_are_not_known(elements):
    kind, one = next((kind, one) for kind, one in ALL if "valueQuantity" in one)
    both = one | {"valueString": "12 %"}
    assert not elements.know(kind, both)
    assert not is_valid(kind, both)


@pytest.mark.parametrize("lacking", ["status", "code"])
def test_an_element_less_is_another_shape(elements, lacking):
    """R4 may require it, so the model is asked about the whole."""
    fresh = Elements(ELEMENTS)
    kind, one = next((kind, one) for kind, one in ALL if kind == "Observation")
    fresh.learn(kind, one)
    assert fresh.know(kind, one)
    assert not fresh.know(kind, {key: one[key] for key in one if key != lacking})


def test_d12_made_up_elements_do_not_fill_the_memory():
    known = Elements(ELEMENTS)
    shape = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}
    known.learn("Observation", shape)
    for number in range(REMEMBERED + 100):
        assert known.know("Observation", shape | {"code": {"text": f"made up {number}"}})
    assert known.know("Observation", shape | {"code": {"text": "long " * 1_000}})
    remembered = known._valid, known._shapes, known._types.values, known._types.shapes
    assert max(map(len, remembered)) <= REMEMBERED
    assert max(map(len, known._valid)) < 1_100
    assert max(len(written) for _, _, written in known._types.values) < 200


def test_a_model_is_loaded_of_each_type_that_is_read_and_of_no_other():
    assert ELEMENTS.keys() == TYPES
