"""A hook request: the rows P29 to P38, P57, P58 and D5 to D7."""

import json
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdshooks.errors import PatientMismatch, RequestInvalid
from cdshooks.hooks.access import FhirAuthorization, NoAccess
from cdshooks.hooks.request import HookRequest, parse_request

# A busy machine, and the tables of characters on the first run, are no fault of the code.
calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

ACCESS = {
    "access_token": "some-opaque.token~+/==",
    "token_type": "Bearer",
    "expires_in": 300,
    "scope": "patient/*.read user/Observation.rs",
    "subject": "cds-service",
}
SECRET = "SECRET-4711"


def body(**changes):
    """A good patient-view request; a change of None takes a member away, `context` is merged."""
    request = {
        "hook": "patient-view",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {"userId": "Practitioner/example", "patientId": "1288992"},
        **changes,
    }
    return json.dumps({key: value for key, value in request.items() if value is not None}).encode()


def context(**changes):
    fields = {"userId": "Practitioner/example", "patientId": "1288992", **changes}
    return {key: value for key, value in fields.items() if value is not None}


def parse(raw, *, sandbox=False):
    return parse_request(raw, hook="patient-view", sandbox=sandbox)


def refusal(raw, **how):
    with pytest.raises(RequestInvalid) as caught:
        parse(raw, **how)
    assert caught.value.status == 400
    assert SECRET not in str(caught.value)
    return str(caught.value)


def test_p28_the_smallest_valid_request_is_read():
    assert parse(body()) == HookRequest(
        hook="patient-view",
        hook_instance="d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        patient_id="1288992",
        user_id="Practitioner/example",
    )


@pytest.mark.parametrize("hook", [None, 1, [], "", "order-sign", "Patient-View", SECRET])
def test_p29_p30_d7_a_hook_that_is_not_the_one_of_this_service_is_refused(hook):
    assert refusal(body(hook=hook)).startswith("hook: ")


@pytest.mark.parametrize("instance", ["x", "é" * 256, "{D1577C69}", "no uuid at all"])
def test_p31_any_bounded_text_will_do_as_hook_instance(instance):
    assert parse(body(hookInstance=instance)).hook_instance == instance


@pytest.mark.parametrize("instance", [None, 7, {}, "", "x" * 257, "a\x00b", "a\nb"])
def test_p31_d5_d7_a_hook_instance_that_is_no_bounded_text_is_refused(instance):
    assert refusal(body(hookInstance=instance)).startswith("hookInstance: ")


@pytest.mark.parametrize("value", [None, [], "x", 3])
def test_p32_a_context_that_is_missing_or_no_object_is_refused(value):
    assert refusal(body(context=value)).startswith("context: ")


@pytest.mark.parametrize(
    "patient", [None, 12, "", "Patient/1", "a b", "ü", "x" * 65, "../x", "a_b", "1\n"]
)
def test_p33_p38_d7_the_patient_is_a_bare_fhir_id(patient):
    assert refusal(body(context=context(patientId=patient))).startswith("context.patientId: ")


@pytest.mark.parametrize("kind", ["Practitioner", "PractitionerRole", "Patient", "RelatedPerson"])
def test_p38_every_kind_of_user_that_may_view_a_patient_is_accepted(kind):
    assert parse(body(context=context(userId=f"{kind}/a.b-1"))).user_id == f"{kind}/a.b-1"


@pytest.mark.parametrize(
    "user",
    [None, 3, "", "example", "Device/1", "Practitioner/", "Practitioner/a/b", "practitioner/1"],
)
def test_p33_p38_d7_any_other_user_is_refused(user):
    assert refusal(body(context=context(userId=user))).startswith("context.userId: ")


def test_p38_an_order_hook_is_for_staff_and_other_hooks_need_no_user():
    raw = body(hook="order-sign", context=context(userId="Patient/1"))
    with pytest.raises(RequestInvalid, match=r"context\.userId"):
        parse_request(raw, hook="order-sign", sandbox=False)
    raw = body(hook="order-dispatch", context=context(userId=None))
    assert parse_request(raw, hook="order-dispatch", sandbox=False).user_id is None


@pytest.mark.parametrize(("encounter", "read"), [("e-1", "e-1"), ("", None), (None, None)])
def test_p38_an_encounter_is_optional_and_may_be_empty_outside_of_one(encounter, read):
    assert parse(body(context=context(encounterId=encounter))).encounter_id == read


def test_p38_an_encounter_that_is_no_id_is_refused():
    assert "context.encounterId" in refusal(body(context=context(encounterId="Encounter/1")))


def test_p34_d7_an_authorization_without_a_server_is_refused():
    assert refusal(body(fhirAuthorization=ACCESS)).startswith("fhirAuthorization: ")
    assert refusal(body(fhirAuthorization={})).startswith("fhirAuthorization: ")


def granted(access, **how):
    raw = body(fhirServer="https://ehr.example/fhir", fhirAuthorization=access)
    return parse_request(raw, hook="patient-view", sandbox=False, **how).authorization


def test_p36_a_complete_authorization_is_read_and_not_shown():
    request = parse(body(fhirServer="https://ehr.example/fhir", fhirAuthorization=ACCESS))
    assert request.fhir_server == "https://ehr.example/fhir"
    assert request.authorization == FhirAuthorization(
        ACCESS["access_token"], 300, ACCESS["scope"], "cds-service"
    )
    assert ACCESS["access_token"] not in repr(request)


@pytest.mark.parametrize(
    "change",
    [
        {"access_token": None},
        {"access_token": ""},
        {"access_token": "a\r\nX-Evil: 1"},
        {"access_token": 7},
        {"token_type": "MAC"},
        {"token_type": None},
        {"expires_in": "300"},
        {"expires_in": None},
        {"scope": None},
        {"subject": None},
    ],
    ids=str,
)
def test_p36_a7_an_incomplete_authorization_is_no_access_and_no_error(change):
    access = {key: value for key, value in {**ACCESS, **change}.items() if value is not None}
    assert isinstance(granted(access), NoAccess)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"scope": ""}, "no scope"),
        ({"scope": "  "}, "no scope"),
        ({"expires_in": 0}, "expired"),
        ({"expires_in": -1}, "expired"),
        ({"token_type": "DPoP"}, "no Bearer token"),
        ({"subject": "another-service"}, "another subject"),
        ({"subject": "CDS-Service"}, "another subject"),
    ],
    ids=str,
)
def test_a7_a_token_that_is_spent_or_of_another_service_is_no_access_and_says_why(change, why):
    access = granted({**ACCESS, **change}, fhir_client_id="cds-service")
    assert isinstance(access, NoAccess)
    assert why in access.why
    assert not any(str(value) in access.why for value in change.values() if str(value).strip("-01"))


def test_a7_the_subject_is_only_compared_where_our_client_id_is_known():
    assert isinstance(granted(ACCESS, fhir_client_id="cds-service"), FhirAuthorization)
    assert isinstance(granted({**ACCESS, "subject": "any"}), FhirAuthorization)


@pytest.mark.parametrize("patient", ["1288992", "Patient/1288992"])
def test_p36_a_token_may_be_limited_to_the_patient_in_context(patient):
    assert isinstance(granted({**ACCESS, "patient": patient}), FhirAuthorization)


@pytest.mark.parametrize("patient", [SECRET, "", "12889921", "Patient/1"])
def test_a7_p53_a_token_for_another_patient_ends_the_call(patient):
    """The call speaks of two patients, and nobody can tell which chart is open."""
    with pytest.raises(PatientMismatch) as refusal:
        granted({**ACCESS, "patient": patient})
    assert refusal.value.status == 412
    assert SECRET not in str(refusal.value)


def test_d5_a_repeated_key_in_the_authorization_is_refused():
    raw = body(fhirServer="https://e.example", fhirAuthorization=ACCESS)
    assert "given twice" in refusal(raw.replace(b'"scope"', b'"scope": "", "scope"'))


@pytest.mark.parametrize("server", ["", "file:///etc/passwd", "junk", "ftp://x", "http://h:99999"])
def test_p35_junk_as_server_is_no_error_since_it_is_never_called(server):
    assert parse(body(fhirServer=server)).fhir_server == server


def test_d6_a_server_that_is_no_text_is_refused():
    assert refusal(body(fhirServer=7)).startswith("fhirServer: ")


def test_p37_unknown_members_and_foreign_extensions_are_tolerated():
    raw = body(futureMember={"a": []}, extension={"com.example.x": 1, "org.cdshooks-net.asOf": 9})
    assert parse(raw).as_of is None


@pytest.mark.parametrize("extension", [[], "x", 1])
def test_p37_an_extension_is_an_object(extension):
    assert refusal(body(extension=extension)).startswith("extension: ")


@pytest.mark.parametrize("name", ["prefetch", "extension", "fhirServer", "fhirAuthorization"])
def test_d6_an_optional_member_that_is_null_is_as_good_as_absent(name):
    raw = body().replace(b'"hook"', f'"{name}": null, "hook"'.encode(), 1)
    assert parse(raw) == parse(body())


@pytest.mark.parametrize("prefetch", [[], "<html>", 1, True])
def test_p64_a_prefetch_that_is_no_object_is_refused(prefetch):
    assert refusal(body(prefetch=prefetch)).startswith("prefetch: ")


def test_prefetch_values_stay_unread_and_no_prefetch_is_empty():
    prefetch = {"a": None, "b": {"resourceType": "Patient"}, "c": "<html>"}
    read = parse(body(prefetch=prefetch)).prefetch
    assert {key: json.loads(bytes(raw)) for key, raw in read.items()} == prefetch
    assert parse(body()).prefetch == {}


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"null", b"{}", b'{"hook":', b"\xff", b"hook=patient-view", b"{" * 100_000]
)
def test_p57_p58_d1_d4_a_body_that_is_no_request_is_refused(raw):
    refusal(raw)


@pytest.mark.parametrize(
    ("place", "repeat"),
    [
        ("body", b'"hook": "patient-view", "hook"'),
        ("context", b'"patientId": "SECRET-4711", "patientId"'),
        ("prefetch", b'"patient": null, "patient"'),
    ],
)
def test_d5_a_repeated_key_in_envelope_context_or_prefetch_is_refused(place, repeat):
    name = repeat.rpartition(b", ")[2]
    raw = body(prefetch={"patient": None}).replace(name, repeat, 1)
    assert refusal(raw) == f"{place}: a key is given twice"


def test_the_sandbox_reads_date_and_jurisdiction_and_nobody_else_does():
    raw = body(
        extension={"org.cdshooks-net.asOf": "2026-11-15", "org.cdshooks-net.jurisdiction": "eu"}
    )
    assert parse(raw, sandbox=True).as_of == date(2026, 11, 15)
    assert parse(raw, sandbox=True).jurisdiction == "eu"
    assert (parse(raw).as_of, parse(raw).jurisdiction) == (None, None)


@pytest.mark.parametrize(
    "extension",
    [
        {"org.cdshooks-net.asOf": "2026-02-30"},
        {"org.cdshooks-net.asOf": "20261115"},
        {"org.cdshooks-net.asOf": "2026-W01-1"},
        {"org.cdshooks-net.asOf": "٢٠٢٦-١١-١٥"},
        {"org.cdshooks-net.asOf": 20261115},
        {"org.cdshooks-net.jurisdiction": "US"},
        {"org.cdshooks-net.jurisdiction": SECRET},
        {"org.cdshooks-net.jurisdiction": ["us"]},
    ],
    ids=str,
)
def test_d6_the_sandbox_refuses_a_date_or_jurisdiction_that_it_cannot_read(extension):
    (name,) = extension
    assert refusal(body(extension=extension), sandbox=True).startswith(f"extension.{name}: ")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
MEMBERS = (
    "hook",
    "hookInstance",
    "context",
    "fhirServer",
    "fhirAuthorization",
    "prefetch",
    "extension",
)


@calm
@given(st.dictionaries(st.sampled_from(MEMBERS), json_values), st.booleans())
def test_d6_p64_whatever_the_members_hold_the_answer_is_a_request_or_a_refusal(members, sandbox):
    good = json.loads(body())
    try:
        request = parse(json.dumps({**good, **members}).encode(), sandbox=sandbox)
    except RequestInvalid:
        return
    assert request.patient_id == (members.get("context") or good["context"])["patientId"]


@calm
@given(st.binary())
def test_p57_p64_whatever_the_bytes_are_the_answer_is_a_refusal(raw):
    refusal(raw)
