"""The prefetch contract: rows P41 to P48 and P53, with a FHIR server that is a dictionary."""

import json
import re
from itertools import product

import pytest

from cdshooks.errors import DataRequired, FetchFailed, PatientMismatch
from cdshooks.hooks.discovery import PrefetchTemplate, Service
from cdshooks.hooks.prefetch import collect
from cdshooks.hooks.request import parse_request


def template(key, query, *, required=False):
    return PrefetchTemplate(key, query, required, re.match("[A-Za-z]+", query)[0], "")


SERVICE = Service(
    "net-patient-view",
    "patient-view",
    "NET",
    "NET options",
    "",
    "2.0.1",
    prefetch=(
        template("patient", "Patient/{{context.patientId}}", required=True),
        template("observations", "Observation?patient={{context.patientId}}", required=True),
        template("allergies", "AllergyIntolerance?patient={{context.patientId}}"),
        template("visits", "Encounter/{{context.encounterId}}"),
    ),
)
PATIENT = {"resourceType": "Patient", "id": "p1"}
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error"}]}
EHR = "https://ehr.example/fhir"


def bundle(kind="Observation", count=1, first=0, **members):
    numbers = range(first, first + count)
    entries = [{"resource": {"resourceType": kind, "id": f"r{n}"}} for n in numbers]
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries, **members}


WHOLE = {
    "patient": PATIENT,
    "observations": bundle(),
    "allergies": bundle("AllergyIntolerance", 0),
    "visits": None,
}


def request(prefetch=WHOLE, **members):
    body = {
        "hook": "patient-view",
        "hookInstance": "i",
        "context": {"patientId": "p1", "userId": "Practitioner/1"},
        "prefetch": prefetch,
        **members,
    }
    return parse_request(json.dumps(body).encode(), hook="patient-view", sandbox=False)


def with_odd(bundle, entry):
    """A Bundle with one more entry before and after the others."""
    return {**bundle, "entry": [entry, *bundle["entry"], entry]}


def without(*keys):
    return {key: value for key, value in WHOLE.items() if key not in keys}


class Server:
    """Answers queries from a dictionary, and remembers what it was asked."""

    def __init__(self, **answers):
        self.answers, self.asked = answers, {}

    def __call__(self, base, queries, token, _began):
        self.asked = dict(queries)
        self.base, self.token = base, token
        return {key: self.answers[key] for key in queries}


def pages(*bodies, failure=None):
    return tuple(json.dumps(body).encode() for body in bodies), failure


def never(base, queries, token, began):
    raise AssertionError("nothing may be fetched")


def read(collected):
    return [(key, json.loads(bytes(body))) for key, body in collected.bodies]


def test_a_whole_prefetch_is_taken_as_it_is_and_nothing_is_fetched():
    collected = collect(request(fhirServer=EHR), SERVICE, never)
    assert read(collected) == [
        ("patient", PATIENT),
        ("observations", bundle()),
        ("allergies", bundle("AllergyIntolerance", 0)),
    ]
    assert (collected.not_assessed, collected.problems) == ({}, ())


def test_p41_missing_keys_and_only_those_are_fetched():
    server = Server(observations=pages(bundle()), allergies=pages(bundle("AllergyIntolerance")))
    call = request(without("observations", "allergies"), fhirServer=EHR)
    collected = collect(call, SERVICE, server)
    assert server.asked == {
        "observations": "Observation?patient=p1",
        "allergies": "AllergyIntolerance?patient=p1",
    }
    assert [key for key, _ in collected.bodies] == ["patient", "observations", "allergies"]
    assert collected.not_assessed == {}


def test_p50_the_token_goes_with_the_base_it_came_with():
    access = {
        "access_token": "t",
        "token_type": "Bearer",
        "expires_in": 1,
        "scope": "s",
        "subject": "c",
    }
    server = Server(allergies=pages(bundle("AllergyIntolerance")))
    collect(
        request(without("allergies"), fhirServer=EHR, fhirAuthorization=access), SERVICE, server
    )
    assert (server.base, server.token) == (EHR, "t")


def test_p41_a_template_whose_token_has_no_value_is_not_asked():
    collected = collect(request(without("visits"), fhirServer=EHR), SERVICE, never)
    assert collected.not_assessed == {"visits": "it was not sent"}


def test_p42_null_is_no_data_and_no_reason_to_fetch_or_to_fail():
    everything_null = dict.fromkeys(WHOLE)
    collected = collect(request(everything_null, fhirServer=EHR), SERVICE, never)
    assert (collected.bodies, collected.not_assessed) == ((), {})


def test_p44_a_failure_of_the_client_is_not_asked_again():
    collected = collect(request({**WHOLE, "allergies": OUTCOME}, fhirServer=EHR), SERVICE, never)
    assert "OperationOutcome" in collected.not_assessed["allergies"]
    with pytest.raises(DataRequired) as refusal:
        collect(request({**WHOLE, "observations": OUTCOME}, fhirServer=EHR), SERVICE, never)
    assert refusal.value.keys == ("observations",)


@pytest.mark.parametrize("prefetch", [{}, without("observations"), without("patient"), None])
def test_p46_a_required_key_that_nobody_can_give_is_412_and_named(prefetch):
    with pytest.raises(DataRequired) as refusal:
        collect(request(prefetch), SERVICE)
    assert refusal.value.status == 412
    assert set(refusal.value.keys) == {"patient", "observations"} - set(prefetch or {})
    assert "prefetch." in str(refusal.value)


def test_p46_without_a_server_in_the_call_nothing_is_fetched():
    with pytest.raises(DataRequired):
        collect(request(without("observations")), SERVICE, never)


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ({"SECRET": bundle()}, "; 1 prefetch key that was sent is none of this service's"),
        ({"SECRET": None, "Obs": 7}, "; 2 prefetch keys that were sent are none of this service's"),
        ({}, ""),
    ],
    ids=["one", "two", "none"],
)
def test_p46_p48_keys_of_other_names_are_told_where_a_required_one_is_missing(named, told):
    with pytest.raises(DataRequired) as refusal:
        collect(request({**without("observations"), **named}), SERVICE)
    more = f"{told}: compare with discovery" if told else ""
    assert str(refusal.value).endswith(f"(observations: it was not sent){more}")


def test_p48_keys_of_other_names_are_not_told_where_the_required_one_was_sent_and_failed():
    with pytest.raises(DataRequired) as refusal:
        collect(request({**WHOLE, "observations": OUTCOME, "others": None}), SERVICE)
    assert "discovery" not in str(refusal.value)


def test_p47_a_server_that_fails_is_the_same_412():
    server = Server(observations=((), FetchFailed("Observation", "no answer in time")))
    with pytest.raises(DataRequired, match="no answer in time"):
        collect(request(without("observations"), fhirServer=EHR), SERVICE, server)


@pytest.mark.parametrize("answer", [OUTCOME, PATIENT, "<html>", bundle(kind="OperationOutcome")])
def test_p47_an_answer_that_is_not_what_was_asked_for_is_the_same_412(answer):
    server = Server(observations=pages(answer))
    with pytest.raises(DataRequired):
        collect(request(without("observations"), fhirServer=EHR), SERVICE, server)


@pytest.mark.parametrize("junk", ["<html>502</html>", [], 7, {"resourceType": "Patient"}])
def test_p47_junk_in_the_prefetch_is_named_and_fetched_instead(junk):
    server = Server(observations=pages(bundle()))
    collected = collect(request({**WHOLE, "observations": junk}, fhirServer=EHR), SERVICE, server)
    assert read(collected)[1] == ("observations", bundle())
    (problem,) = collected.problems
    assert (problem.reference, problem.path) == ("prefetch", "observations")


def test_p47_junk_that_cannot_be_fetched_anew_is_no_data():
    with pytest.raises(DataRequired, match="not what was asked for"):
        collect(request({**WHOLE, "observations": "<html>"}), SERVICE)
    collected = collect(request({**WHOLE, "allergies": "<html>"}), SERVICE)
    assert list(collected.not_assessed) == ["allergies"]


def test_p48_keys_that_were_not_asked_for_are_ignored():
    collected = collect(request({**WHOLE, "others": OUTCOME, "more": "<html>"}), SERVICE)
    assert "others" not in dict(collected.bodies)
    assert (collected.not_assessed, collected.problems) == ({}, ())


NEXT = {"link": [{"relation": "next", "url": f"{EHR}?page=2"}]}


def test_p45_f8_a_page_is_used_and_its_key_is_not_assessed():
    collected = collect(request({**WHOLE, "observations": bundle(**NEXT)}), SERVICE)
    assert "observations" in dict(collected.bodies)
    assert collected.not_assessed == {"observations": "only a part of it was sent"}


def test_p45_f8_the_rest_of_a_page_is_fetched_by_its_link():
    server = Server(observations=pages(bundle(count=2, first=1)))
    first = bundle(total=3, **NEXT)
    collected = collect(request({**WHOLE, "observations": first}, fhirServer=EHR), SERVICE, server)
    assert server.asked == {"observations": f"{EHR}?page=2"}
    assert [key for key, _ in collected.bodies].count("observations") == 2
    assert collected.not_assessed == {}


@pytest.mark.parametrize(
    "answer",
    [
        pages(failure=FetchFailed("the next page", "no answer in time")),
        pages(bundle(**NEXT), failure=FetchFailed("the next page", "no answer in time")),
        pages(bundle(count=1, first=1)),
        pages(OUTCOME),
    ],
    ids=["nothing", "stops half-way", "falls short of the total", "outcome"],
)
def test_f5_f8_a_rest_that_stays_out_leaves_the_key_not_assessed(answer):
    first = bundle(total=3, **NEXT)
    call = request({**WHOLE, "observations": first}, fhirServer=EHR)
    collected = collect(call, SERVICE, Server(observations=answer))
    assert read(collected)[1] == ("observations", first)
    assert list(collected.not_assessed) == ["observations"]


UNREAD = [
    {"entry": [{"fullUrl": f"{EHR}/AllergyIntolerance/9"}]},
    {"entry": [{"resource": None}]},
    {"entry": [{"resource": {"id": "x"}}]},
    {"entry": ["junk"]},
    {"total": "many"},
    {"link": [{"relation": "next"}]},
    {"link": [{"relation": "next", "url": ""}]},
]


@pytest.mark.parametrize("fetched", [False, True], ids=["sent", "fetched"])
@pytest.mark.parametrize("members", UNREAD, ids=str)
def test_p45_f8_what_cannot_be_read_of_a_page_leaves_its_key_not_assessed(members, fetched):
    page = {"resourceType": "Bundle", "type": "searchset", "total": 1, **members}
    prefetch = without("allergies") if fetched else {**WHOLE, "allergies": page}
    server = Server(allergies=pages(page)) if fetched else None
    collected = collect(request(prefetch, fhirServer=EHR), SERVICE, server)
    assert collected.not_assessed == {"allergies": "a part of it cannot be read"}
    assert collected.states["allergies"] == "partial"


def test_p45_f8_the_same_entry_on_two_pages_is_one_and_another_is_missing():
    page = bundle(count=1, total=2)
    server = Server(observations=pages(page, page))
    call = request(without("observations"), fhirServer=EHR)
    collected = collect(call, SERVICE, server)
    assert collected.not_assessed == {"observations": "fewer entries came than the server counts"}
    first = request({**WHOLE, "observations": {**page, **NEXT}}, fhirServer=EHR)
    assert list(collect(first, SERVICE, server).not_assessed) == ["observations"]


@pytest.mark.parametrize("failing", list(product([False, True], repeat=2)))
def test_f5_each_search_fails_for_itself(failing):
    keys = ("observations", "allergies")
    kinds = {"observations": "Observation", "allergies": "AllergyIntolerance"}
    answers = {
        key: ((), FetchFailed(kinds[key], "the FHIR server answered 503"))
        if fails
        else pages(bundle(kinds[key]))
        for key, fails in zip(keys, failing, strict=True)
    }
    call = request(without(*keys), fhirServer=EHR)
    if failing[0]:
        with pytest.raises(DataRequired):
            collect(call, SERVICE, Server(**answers))
    else:
        collected = collect(call, SERVICE, Server(**answers))
        assert ("allergies" in collected.not_assessed) is failing[1]
        assert ("allergies" in dict(collected.bodies)) is not failing[1]


@pytest.mark.parametrize(
    "patient",
    [
        {"resourceType": "Patient", "id": "SECRET"},
        bundle("Patient"),
        {**PATIENT, "id": "P1"},
        {**PATIENT, "id": "SECRET", "entry": 5},
        with_odd(bundle("Patient"), 5),
        with_odd(bundle("Patient"), {"resource": {"resourceType": 7}}),
        with_odd(bundle("Patient"), {"resource": {"resourceType": "Patient", "id": 7}}),
    ],
    ids=["resource", "bundle", "other case", "entry is 5", "odd entry", "odd type", "odd id"],
)
def test_p53_e1_the_patient_of_another_context_is_412(patient):
    with pytest.raises(PatientMismatch) as refusal:
        collect(request({**WHOLE, "patient": patient}), SERVICE)
    assert refusal.value.status == 412
    assert str(refusal.value) == "prefetch.patient.id: is not the patient of context.patientId"


@pytest.mark.parametrize("patient", [{"resourceType": "Patient"}, {**PATIENT, "id": 7}], ids=str)
def test_p53_a_patient_without_an_id_proves_nothing_and_is_named(patient):
    (problem,) = collect(request({**WHOLE, "patient": patient}), SERVICE).problems
    assert (problem.reference, problem.path) == ("Patient", "id")


def test_p53_the_fetched_patient_is_checked_too():
    server = Server(patient=pages({"resourceType": "Patient", "id": "p2"}))
    with pytest.raises(PatientMismatch):
        collect(request(without("patient"), fhirServer=EHR), SERVICE, server)


STATES = [
    ("sent", bundle("AllergyIntolerance"), None),
    ("sent", bundle("AllergyIntolerance", 0), None),
    ("null", None, None),
    ("fetched", ..., pages(bundle("AllergyIntolerance"))),
    ("fetched", "<html>", pages(bundle("AllergyIntolerance"))),
    ("partial", bundle("AllergyIntolerance", total=9), None),
    ("partial", ..., pages(bundle("AllergyIntolerance"), failure=FetchFailed("x", "too late"))),
    ("failed", OUTCOME, None),
    ("failed", ..., pages(failure=FetchFailed("AllergyIntolerance", "no answer in time"))),
    ("failed", ..., pages(bundle("Condition"))),
    ("absent", ..., None),
    ("absent", "<html>", None),
]


@pytest.mark.parametrize(("state", "sent", "fetched"), STATES)
def test_p41_to_p48_c2_the_log_may_name_what_came_of_each_key_and_nothing_else(
    state, sent, fetched
):
    prefetch = without("allergies") if sent is ... else {**WHOLE, "allergies": sent}
    server = None if fetched is None else Server(allergies=fetched)
    collected = collect(request(prefetch, fhirServer=EHR), SERVICE, server)
    assert collected.states == {
        "patient": "sent",
        "observations": "sent",
        "allergies": state,
        "visits": "null",
    }
    assert ("allergies" in collected.not_assessed) is (state in ("partial", "failed", "absent"))


def test_p47_other_resources_than_were_asked_for_are_named_as_such():
    server = Server(allergies=pages(bundle("Condition")))
    collected = collect(request(without("allergies"), fhirServer=EHR), SERVICE, server)
    assert collected.not_assessed == {
        "allergies": "what the FHIR server sent is not what was asked for"
    }


def test_p36_p41_a7_without_access_nothing_is_fetched_and_the_key_says_why():
    spent = {
        "access_token": "t",
        "token_type": "Bearer",
        "expires_in": 0,
        "scope": "s",
        "subject": "c",
    }
    call = request(without("allergies"), fhirServer=EHR, fhirAuthorization=spent)
    collected = collect(call, SERVICE, never)
    assert collected.not_assessed == {"allergies": "it was not sent; the access token has expired"}
