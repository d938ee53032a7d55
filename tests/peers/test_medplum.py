"""A CDS Hooks client that others wrote opens the fixture patients of a real FHIR server."""

import pytest

from cdshooks.engine import ASSESSMENT
from tests.peers.charts import cases, chart_of
from tests.peers.conftest import SERVICE, Advice

pytestmark = pytest.mark.peer

# The default page of SEKMET holds 20, and this client sends the first page as the whole prefetch.
PAGE = 20


def heart_rate(number):
    code = {"system": "http://loinc.org", "code": "8867-4", "display": "Heart rate"}
    return {
        "resourceType": "Observation",
        "id": f"heart-rate-{number}",
        "status": "final",
        "code": {"coding": [code]},
        "effectiveDateTime": f"2026-01-{number % 28 + 1:02}",
        "valueQuantity": {
            "value": 60 + number,
            "unit": "/min",
            "system": "http://unitsofmeasure.org",
            "code": "/min",
        },
    }


@pytest.fixture(scope="module")
def long_chart(sekmet):
    """The patient with the most options, after two pages of heart rates."""
    richest = max(cases(), key=lambda case: list(case.expect.values()).count("offer"))
    dull = [heart_rate(number) for number in range(2 * PAGE)]
    chart = chart_of(richest.before(dull, "long-chart"))
    sekmet.put(chart)
    return chart


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_the_client_gets_what_assess_says_of_the_same_patient(
    case, charts, medplum, sekmet, assessed
):
    chart = charts[case.name]
    answer = medplum.view(chart.patient_id, fhirServer=sekmet.base, extension=case.circumstances)
    assert Advice.of_answer(answer["response"]) == assessed(chart)


def test_the_client_fills_every_prefetch_key_that_is_announced(charts, medplum):
    answer = medplum.view(next(iter(charts.values())).patient_id)
    announced = next(one for one in answer["services"] if one["id"] == SERVICE)
    assert list(answer["request"]["prefetch"]) == list(announced["prefetch"])
    assert None not in answer["request"]["prefetch"].values()


def test_a_chart_longer_than_a_page_is_read_to_its_end(long_chart, medplum, sekmet, assessed):
    """The client sends the first page; the others are fetched by their links."""
    answer = medplum.view(
        long_chart.patient_id, fhirServer=sekmet.base, extension=long_chart.case.circumstances
    )
    observations = answer["request"]["prefetch"]["observations"]
    assert len(observations["entry"]) == PAGE < observations["total"]
    assert Advice.of_answer(answer["response"]) == assessed(long_chart)


def test_a_first_page_without_a_server_to_ask_is_named_and_never_taken_for_the_chart(
    long_chart, medplum, assessed
):
    """Nothing is offered on it that the whole chart does not offer, and none is ruled out."""
    answer = medplum.view(long_chart.patient_id, extension=long_chart.case.circumstances)
    document = answer["response"]["extension"][ASSESSMENT]
    assert ("Observation", "prefetch") in {
        (one["reference"], one.get("path")) for one in document["problems"]
    }
    whole = assessed(long_chart).outcomes
    partly = Advice.of_answer(answer["response"]).outcomes
    assert {name for name, outcome in partly.items() if outcome == "offer"} <= {
        name for name, outcome in whole.items() if outcome == "offer"
    }
    assert [name for name in whole if whole[name] == "offer" and partly[name] == "blocked"] == []
