"""The bodies of the benchmark get cards: otherwise its figures would mean nothing."""

import orjson
import pytest
from fhir.resources.R4B.bundle import Bundle

from cdshooks.engine import Engine
from cdshooks.faces.web.http import create_app
from cdshooks.hooks.caller import sandbox_caller
from cdshooks.settings import load_settings
from tests.bench.payload import AS_OF, bodies, bundle, request


@pytest.fixture(scope="module")
def client():
    engine = Engine.load(today=lambda: AS_OF)
    settings = load_settings({}, sandbox=True)
    return create_app(engine, settings, lambda *_: sandbox_caller()).test_client()


@pytest.mark.parametrize("observations", [10, 100, 1000])
def test_a_body_of_any_size_gets_cards(client, observations):
    for body in bodies(3, observations):
        answer = client.post(
            "/cds-services/net-patient-view", data=body, content_type="application/json"
        )
        assert answer.status_code == 200, answer.text
        assert answer.json["cards"] != []


def test_the_observations_are_as_large_as_real_ones():
    """1.5 KB as a mean, half a page of JSON each, as US Core servers send them."""
    (body,) = bodies(1, 1000)
    assert 1_400 < len(body) / 1000 < 1_800


def test_patients_differ_and_a_seed_gives_the_same_one_again():
    first, second = bodies(2, 10)
    assert first != second
    assert bodies(1, 10) == [first]


def test_the_other_reader_accepts_them_too():
    """Otherwise the comparison would time an error."""
    whole = bundle(request(1, 10))
    resources = len(Bundle.model_validate(orjson.loads(orjson.dumps(whole))).entry)
    assert resources == 1 + 8 + 10
