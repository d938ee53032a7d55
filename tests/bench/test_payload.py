"""The charts of the benchmark get cards and differ: otherwise its figures would mean nothing."""

import re
from collections import Counter

import orjson
import pytest
from fhir.resources.R4B.bundle import Bundle

from cdshooks.engine import ASSESSMENT
from cdshooks.hooks.caller import sandbox_caller
from tests.bench.payload import DULL, bodies, bundle, request


def answered(engine, body):
    return orjson.loads(engine.answer("net-patient-view", body, sandbox_caller()))


@pytest.mark.parametrize(("observations", "patients"), [(10, 20), (100, 5), (1_000, 2)])
def test_every_chart_of_any_size_gets_a_card(engine, observations, patients):
    for body in bodies(patients, observations):
        assert answered(engine, body)["cards"] != []


def test_several_observations_of_each_are_used_and_the_advice_differs(engine):
    """Otherwise a benchmark of one kind of patient would stand for all."""
    said, used = Counter(), []
    for body in bodies(12, 100):
        answer = answered(engine, body)
        said[answer["cards"][0]["summary"]] += 1
        used.append(len(references(answer)))
    assert len(said) >= 4
    assert min(used) >= 5
    assert max(used) <= 14


def test_what_is_of_no_interest_is_read_by_no_fact(engine):
    (body,) = bodies(1, 200)
    dull = {one[1] for one in DULL}
    entries = orjson.loads(body)["prefetch"]["observations"]["entry"]
    named = {entry["resource"]["id"]: entry["resource"]["code"]["text"] for entry in entries}
    read = {named[one] for one in references(answered(engine, body))}
    assert read & dull == set()
    assert set(named.values()) & dull == dull


def references(answer):
    """The ids of the Observations that the facts were read from."""
    facts = orjson.dumps(answer["extension"][ASSESSMENT]["facts"]).decode()
    return set(re.findall(r"Observation/([-\w]+)", facts))


def test_the_observations_are_as_large_as_real_ones():
    """1.5 KB as a mean, half a page of JSON each, as US Core servers send them."""
    (body,) = bodies(1, 1_000)
    assert 1_400 < len(body) / 1_000 < 1_800


def test_patients_share_no_id_and_no_text_of_their_own():
    """A memory of whole charts, resources or texts meets none of them twice."""
    seen = Counter()
    for seed in range(30):
        for entry in bundle(request(seed, 20))["entry"]:
            resource = entry["resource"]
            seen[resource["id"]] += 1
            seen.update(
                {resource[name] for name in ("valueString", "conclusion") if name in resource}
            )
    assert [one for one, times in seen.items() if times > 1] == []


def test_a_seed_gives_the_same_patient_again_and_later_ones_are_others():
    assert bodies(2, 10) == bodies(2, 10)
    assert bodies(1, 10, first=1) == bodies(2, 10)[1:]
    assert len(set(bodies(40, 10))) == 40


def test_some_of_what_one_would_look_for_is_missing():
    codes = [
        {
            coding["code"]
            for entry in one["prefetch"]["observations"]["entry"]
            for coding in entry["resource"]["code"]["coding"]
        }
        for one in (request(seed, 40) for seed in range(30))
    ]
    having = sum("777-3" in one for one in codes)
    assert 15 < having < 30


def test_the_other_reader_accepts_them_too():
    """Otherwise the comparison would time an error."""
    whole = bundle(request(1, 10))
    assert len(Bundle.model_validate(orjson.loads(orjson.dumps(whole))).entry) > 10
