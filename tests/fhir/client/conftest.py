"""A fake EHR with one patient, and clients of it."""

import itertools
import os

import pytest

from cdshooks.fhir.client import FhirClient
from tests.fake_ehr import FakeEhr

SOAK = os.environ.get("CDSHOOKS_SOAK") == "1"
TOKEN = "tok.4711-ABC"
QUERY = {"observations": "Observation?patient=SECRET-4711"}
PATIENT = {"resourceType": "Patient", "id": "p1"}


def observations(count):
    subject = {"reference": "Patient/p1"}
    return [
        {"resourceType": "Observation", "id": f"o{n}", "subject": subject} for n in range(count)
    ]


def failure(fetched):
    """Why a search failed; it must have given nothing and may not repeat what was asked."""
    pages, reason = fetched
    assert pages == ()
    assert reason is not None
    assert "SECRET" not in str(reason)
    assert TOKEN not in str(reason)
    return str(reason)


def never_twice_in_ten_seconds():
    """A clock that jumps, so that no breaker opens between the runs of a test."""
    return itertools.count(0, 11).__next__


@pytest.fixture
def ehr():
    with FakeEhr(PATIENT, *observations(45)) as ehr:
        yield ehr


@pytest.fixture
def clients():
    """Makes clients, and closes them."""
    made = []

    def make(*bases, **how):
        made.append(FhirClient(bases, **{"fetch_seconds": 5, **how}))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(ehr, clients):
    return clients(ehr.base)
