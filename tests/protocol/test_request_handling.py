"""Rows P28 to P53 as a client sees them: the real engine, its knowledge, a server of functions."""

import json
import os
from dataclasses import replace
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest

from cdshooks.clinical.criterion import leaves
from cdshooks.errors import (
    DataRequired,
    FetchFailed,
    PatientMismatch,
    RequestInvalid,
    RequestRefused,
)
from cdshooks.faces.fixtures import default_root, load_cases
from cdshooks.fhir.extract import Extractor
from cdshooks.fhir.record import patient_ids
from cdshooks.hooks.caller import Caller, sandbox_caller
from cdshooks.hooks.discovery import leaves_out_older, narrowing
from cdshooks.hooks.example import example_request
from cdshooks.hooks.profile import CDS_HOOKS_1
from cdshooks.hooks.request import parse_request
from tests.protocol.conformance import discovery_faults, response_faults
from tests.shipped import ENGINE, KNOWLEDGE

CASES = load_cases(default_root())
CASE = next(case for case in CASES if case.name == "pancreas-g2-progressive-many-options")
IN_THE_PROBLEM_LIST = next(case for case in CASES if case.name == "ileum-g1-progressive-after-ssa")
SERVICE = ENGINE.services["net-patient-view"]
EHR = "https://ehr.example.org/fhir"  # where the fixtures say that they come from
KEYS = [template.key for template in SERVICE.prefetch]
OPTIONAL = [template.key for template in SERVICE.prefetch if not template.required]
REQUIRED = [template.key for template in SERVICE.prefetch if template.required]
FAILURES = {
    "fails": FetchFailed("a search", "the FHIR server answered 503", 503),
    "is forbidden": FetchFailed("a search", "the FHIR server answered 403", 403),
}
ACCESS = {
    "access_token": "SECRET-4711",
    "token_type": "Bearer",
    "expires_in": 300,
    "scope": "patient/*.rs",
    "subject": "cdshooks",
}


def request(case=CASE, **members):
    return {**example_request(case.bundle(), SERVICE, case.as_of, case.jurisdiction), **members}


def answer(body, caller=None):
    caller = caller or sandbox_caller()
    return json.loads(ENGINE.answer(SERVICE.id, json.dumps(body).encode(), caller))


def outcomes(answered):
    document = answered["extension"]["org.cdshooks-net.assessment"]
    return {one["id"]: one["outcome"] for one in document["treatments"]}


class Server:
    """A FHIR server that has what a request would have prefetched, but for the `failing` keys."""

    def __init__(self, whole, failing=(), failure=FAILURES["fails"]):
        self.whole, self.failing, self.failure = whole, failing, failure
        self.asked, self.tokens = {}, []

    def __call__(self, _base, queries, token, _began):
        self.asked |= queries
        self.tokens.append(token)
        return {
            key: ((), self.failure)
            if key in self.failing
            else ((json.dumps(self.whole[key]).encode(),), None)
            for key in queries
        }


def without_ids(answered):
    text = json.dumps(answered["cards"])
    for card in answered["cards"]:
        for one in (card, *card.get("suggestions", ())):
            text = text.replace(one["uuid"], "")
    return text


@pytest.mark.parametrize("missing", [KEYS, *([key] for key in KEYS)], ids=",".join)
def test_p41_what_is_not_prefetched_is_fetched_and_the_advice_is_the_same(missing):
    whole = request()
    prefetch = {key: value for key, value in whole["prefetch"].items() if key not in missing}
    server = Server(whole["prefetch"])
    fetched = answer({**whole, "prefetch": prefetch, "fhirServer": EHR}, sandbox_caller(server))
    assert sorted(server.asked) == sorted(missing)
    assert without_ids(fetched) == without_ids(answer(whole))


FAILING = [keys for count in range(1, 5) for keys in combinations(OPTIONAL, count)]
SUBSETS = FAILING if os.environ.get("SOAK") else FAILING[::6]


@pytest.mark.parametrize("failing", SUBSETS, ids=",".join)
def test_p47_f5_searches_that_fail_create_no_option_and_are_named(failing):
    """Absent data is never a negative finding: nothing is offered that whole data do not offer."""
    whole = request()
    offered = {name for name, told in outcomes(answer(whole)).items() if told == "offer"}
    server = Server(whole["prefetch"], failing)
    told = answer({**whole, "prefetch": {}, "fhirServer": EHR}, sandbox_caller(server))
    assert {name for name, one in outcomes(told).items() if one == "offer"} <= offered
    problems = told["extension"]["org.cdshooks-net.assessment"]["problems"]
    types = {one.key: one.resource_type for one in SERVICE.prefetch}
    named = {one["reference"] for one in problems if "not assessed" in one["problem"]}
    assert named == {types[key] for key in failing}


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("key", REQUIRED)
def test_p46_p47_f3_required_data_that_cannot_be_had_is_412_with_the_key(key, failure):
    whole = request()
    server = Server(whole["prefetch"], [key], FAILURES[failure])
    with pytest.raises(DataRequired) as refusal:
        answer({**whole, "prefetch": {}, "fhirServer": EHR}, sandbox_caller(server))
    assert (refusal.value.status, refusal.value.keys) == (412, (key,))


def test_p49_f1_the_time_that_fetching_may_take_counts_from_when_the_call_came():
    heard = []
    whole = request()
    server = Server(whole["prefetch"])

    def fetch(base, queries, token, began):
        heard.append(began)
        return server(base, queries, token, began)

    body = json.dumps(request(prefetch={}, fhirServer=EHR)).encode()
    ENGINE.answer(SERVICE.id, body, sandbox_caller(fetch), began=4711.5)
    assert heard == [4711.5]


def test_p52_an_invalid_resource_is_set_aside_and_the_others_are_used():
    """Resources of another version of FHIR, or of none, are named and spoil nothing."""
    whole = request()
    odd = [
        {"resourceType": "Observation", "id": "stu3", "context": {"reference": "Encounter/1"}},
        {"resourceType": "Observation", "id": "odd", "status": 7, "code": "Ki-67"},
        {"resourceType": "Observation"},
    ]
    added = json.loads(json.dumps(whole))
    added["prefetch"]["observations"]["entry"] += [{"resource": one} for one in odd]
    assert outcomes(answer(added)) == outcomes(answer(whole))


def test_a6_what_a_resource_refers_to_is_never_fetched():
    whole = request()
    evil = "https://evil.example/fhir/Observation/1"
    for entry in whole["prefetch"]["observations"]["entry"]:
        entry["resource"]["hasMember"] = [{"reference": evil}, {"reference": "#inner"}]
        entry["resource"]["contained"] = [
            {"resourceType": "Observation", "id": "inner", "derivedFrom": [{"reference": evil}]}
        ]
    server = Server(whole["prefetch"])
    answer({**whole, "prefetch": {}, "fhirServer": EHR}, sandbox_caller(server))
    patient = whole["context"]["patientId"]
    assert len(server.tokens) == 1
    assert all(query.endswith(patient) for query in server.asked.values())


# ---- a client that shows no errors --------------------------------------------------------------


@pytest.mark.parametrize("profile", [Caller("x").profile, CDS_HOOKS_1], ids=["2.0", "1.0"])
def test_p46_a_client_that_shows_no_errors_gets_one_card_that_says_what_to_do(profile):
    told = answer(request(prefetch={}), Caller("x", profile=profile, missing_as_card=True))
    assert response_faults(told, profile.card_members) == []
    (card,) = told["cards"]
    assert card["indicator"] == "info"
    for key in REQUIRED:
        assert key in card["summary"]
        assert f"`prefetch.{key}`: it was not sent." in card["detail"]
    assert "Nothing was assessed" in card["detail"]
    assert "What to do" in card["detail"]
    assert "suggestions" not in card


def test_p46_p53_the_chart_of_another_patient_is_no_card_for_anybody():
    body = request()
    body["context"]["patientId"] = "somebody-else"
    with pytest.raises(PatientMismatch):
        answer(body, Caller("x", missing_as_card=True))


# ---- access to the FHIR server ------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [{"subject": "another"}, {"scope": ""}, {"expires_in": 0}, {"token_type": "mac"}],
    ids=str,
)
def test_p36_a7_a_token_that_may_not_be_used_never_is_and_the_412_says_why(change):
    server = Server(request()["prefetch"])
    caller = replace(sandbox_caller(server), fhir_client_id="cdshooks")
    body = request(prefetch={}, fhirServer=EHR, fhirAuthorization={**ACCESS, **change})
    with pytest.raises(DataRequired, match="access token") as refusal:
        answer(body, caller)
    assert server.asked == {}
    assert ACCESS["access_token"] not in str(refusal.value)


def test_p50_p51_a_good_token_goes_to_the_server_and_into_no_answer():
    server = Server(request()["prefetch"])
    caller = replace(sandbox_caller(server), fhir_client_id="cdshooks")
    told = answer(request(prefetch={}, fhirServer=EHR, fhirAuthorization=ACCESS), caller)
    assert server.tokens == [ACCESS["access_token"]]
    assert ACCESS["access_token"] not in json.dumps(told)


def test_p50_p123_a7_the_token_of_one_call_is_not_there_in_the_next():
    server = Server(request()["prefetch"])
    answer(request(prefetch={}, fhirServer=EHR, fhirAuthorization=ACCESS), sandbox_caller(server))
    answer(request(prefetch={}, fhirServer=EHR), sandbox_caller(server))
    assert server.tokens == [ACCESS["access_token"], None]


# ---- templates ----------------------------------------------------------------------------------

OWN = "Observation?patient={{context.patientId}}&_count=200"


def test_p41_the_templates_of_a_client_are_used_to_fetch():
    server = Server(request()["prefetch"])
    caller = replace(sandbox_caller(server), templates={SERVICE.id: {"observations": OWN}})
    answer(request(prefetch={}, fhirServer=EHR), caller)
    patient = request()["context"]["patientId"]
    assert server.asked["observations"] == f"Observation?patient={patient}&_count=200"
    assert server.asked["conditions"] == f"Condition?patient={patient}"


@pytest.mark.parametrize(
    ("template", "parameters"),
    [
        ("Procedure?patient={{context.patientId}}", ()),
        ("Procedure?subject=Patient/{{context.patientId}}&_count=99&_sort=-date", ()),
        ("Procedure?patient={{context.patientId}}&status=completed", ("status",)),
        ("Procedure?patient={{context.patientId}}&date=ge2026&code:in=x", ("date", "code:in")),
        ("Patient/{{context.patientId}}", ()),
    ],
)
def test_f8_a_template_that_leaves_a_part_of_the_record_out_is_known(template, parameters):
    assert narrowing(template) == parameters


NARROW = {
    "procedures": "Procedure?patient={{context.patientId}}&status=completed",
    "medicationRequests": "MedicationRequest?patient={{context.patientId}}&status=active",
}


@pytest.mark.parametrize("case", CASES[::12], ids=lambda case: case.name)
def test_f5_f8_what_a_narrow_template_does_not_bring_is_not_taken_as_absent(case):
    """A past therapy is not "none" because only the running ones were asked for."""
    body = request(case)
    caller = replace(sandbox_caller(), templates={SERVICE.id: NARROW})
    narrow, whole = (answer(body, one) for one in (caller, sandbox_caller()))
    offered = {name for name, told in outcomes(whole).items() if told == "offer"}
    assert {name for name, told in outcomes(narrow).items() if told == "offer"} <= offered
    document = narrow["extension"]["org.cdshooks-net.assessment"]
    read = [
        fact
        for name, fact in document["facts"].items()
        if name.startswith("prior.") and "derivedFrom" not in fact
    ]
    assert read
    assert all("readings" in fact or "possible" not in fact for fact in read)


def test_p45_p46_f8_a_part_of_the_diagnoses_without_a_net_is_a_412_and_no_empty_answer():
    """The NET may stand on the page that did not come; "no cards" would say that there is none."""
    body = request(next(case for case in CASES if case.name == "breast-cancer-only"))
    assert answer(body)["cards"] == []
    body["prefetch"]["conditions"]["total"] += 1
    with pytest.raises(DataRequired, match="only a part of it was sent") as refusal:
        answer(body)
    assert refusal.value.keys == ("conditions",)


def test_f8_a_client_that_asks_for_a_part_of_the_diagnoses_is_answered_by_that_part():
    template = "Condition?patient={{context.patientId}}&category=problem-list-item"
    caller = replace(sandbox_caller(), templates={SERVICE.id: {"conditions": template}})
    body = request(next(case for case in CASES if case.name == "breast-cancer-only"))
    assert answer(body, caller)["cards"] == []


WITHHELD = [
    {"entry": [{"fullUrl": f"{EHR}/Condition/net"}, {"fullUrl": f"{EHR}/Condition/b"}]},
    {"entry": [{"resource": None}]},
    {"entry": [{"resource": {"id": "x"}}]},
    {"entry": ["junk"]},
    {"link": [{"relation": "next"}]},
    {"link": [{"relation": "next", "url": ""}]},
]


PLACE = {"path": "prefetch"}
HOW = pytest.mark.parametrize("how", ["sent", "fetched"])


def with_withheld(key, shape, how):
    """The answer to a call of which a part of one key is withheld, as it was sent or fetched."""
    body = request(IN_THE_PROBLEM_LIST)
    total = len(shape.get("entry", ()))
    page = {"resourceType": "Bundle", "type": "searchset", "total": total, **shape}
    prefetch = {**body["prefetch"], key: page}
    if how == "sent":
        return answer({**body, "prefetch": prefetch})
    return answer({**body, "prefetch": {}, "fhirServer": EHR}, sandbox_caller(Server(prefetch)))


@HOW
@pytest.mark.parametrize("shape", WITHHELD, ids=str)
def test_p45_p46_f8_diagnoses_that_are_withheld_are_a_412_and_no_empty_answer(shape, how):
    with pytest.raises(DataRequired) as refusal:
        with_withheld("conditions", shape, how)
    assert refusal.value.reasons == {"conditions": "a part of it cannot be read"}


@HOW
@pytest.mark.parametrize("shape", WITHHELD, ids=str)
def test_f5_f8_allergies_that_are_withheld_are_not_none(shape, how):
    told = with_withheld("allergies", shape, how)
    document = told["extension"]["org.cdshooks-net.assessment"]
    assert "possible" not in document["facts"]["risk.hypersensitivity"]
    problem = "not assessed: a part of it cannot be read"
    assert {**PLACE, "reference": "AllergyIntolerance", "problem": problem} in document["problems"]


def narrowed(**templates):
    """A caller whose templates end in one more parameter than ours."""
    ours = {one.key: one.template for one in SERVICE.prefetch}
    own = {key: f"{ours[key]}&{parameter}" for key, parameter in templates.items()}
    return replace(sandbox_caller(), templates={SERVICE.id: own})


@pytest.mark.parametrize(
    "parameter", ["category=laboratory", "code=x", "date=lt2026", "status=final"]
)
def test_f5_f8_of_a_narrow_template_an_older_value_is_not_taken_as_current(parameter):
    """A newer value may be what the template left out, and a higher one too."""
    told = answer(request(), narrowed(observations=parameter))
    document = told["extension"]["org.cdshooks-net.assessment"]
    whole = answer(request())["extension"]["org.cdshooks-net.assessment"]["facts"]
    assert "possible" in whole["lab.platelets"]
    assert "possible" not in document["facts"]["lab.platelets"]
    (ki67,) = document["facts"]["tumour.ki67"]["possible"]
    assert ("low" in ki67, "high" in ki67) == (True, False)
    name = parameter.partition("=")[0]
    problem = f"what {name} of the template leaves out is not assessed"
    assert {**PLACE, "reference": "Observation", "problem": problem} in document["problems"]
    assert problem in "".join(one["detail"] for one in told["cards"])


@pytest.mark.parametrize("parameter", ["date=ge2020-01-01", "date=gt2020"])
def test_f8_a_lower_bound_of_the_date_keeps_the_newest_and_may_lose_the_highest(parameter):
    told = answer(request(), narrowed(observations=parameter))
    facts = told["extension"]["org.cdshooks-net.assessment"]["facts"]
    whole = answer(request())["extension"]["org.cdshooks-net.assessment"]["facts"]
    assert facts["lab.platelets"] == whole["lab.platelets"]
    assert "high" in whole["tumour.ki67"]["possible"][0]
    assert "high" not in facts["tumour.ki67"]["possible"][0]


@pytest.mark.parametrize(
    ("parameters", "only_older"),
    [
        ("", False),
        ("&_count=99", False),
        ("&date=ge2020&_sort=-date", True),
        ("&date=gt2020", True),
        ("&date=le2020", False),
        ("&date=2020", False),
        ("&date=sa2020", False),
        ("&date:missing=ge", False),
        ("&date=ge2020&date=lt2024", False),
        ("&date=ge2020&category=laboratory", False),
        ("&code=ge2020", False),
    ],
)
def test_f8_it_is_known_which_templates_leave_out_nothing_but_what_is_older(parameters, only_older):
    template = f"Observation?patient={{{{context.patientId}}}}{parameters}"
    assert leaves_out_older(template) is only_older


def test_f8_a_net_that_a_narrow_template_finds_counts():
    told = answer(request(), narrowed(conditions="category=problem-list-item"))
    document = told["extension"]["org.cdshooks-net.assessment"]
    assert document["facts"]["net.status"]["possible"] == ["active"]
    assert told["cards"]


@pytest.mark.parametrize("key", ["observations", "procedures"])
def test_p46_e1_f8_only_a_narrow_template_of_the_diagnoses_lets_their_patient_be_unknown(key):
    """Nobody can tell whose the diagnoses are: no other template explains an empty answer."""
    body = request(IN_THE_PROBLEM_LIST)
    del body["prefetch"]["patient"]
    for entry in body["prefetch"]["conditions"]["entry"]:
        entry["resource"]["subject"] = {"identifier": {"system": "urn:x", "value": "1"}}
    with pytest.raises(DataRequired, match="nobody can tell") as refusal:
        answer(body, narrowed(**{key: "category=laboratory"}))
    assert "conditions" in refusal.value.keys


def test_p47_a_template_that_brings_other_data_than_we_read_is_412_and_no_silence():
    """Conditions under the key of the observations would be read as "no observation on file"."""
    whole = request()
    wrong = {**whole["prefetch"], "observations": whole["prefetch"]["conditions"]}
    for body, fetch in (
        (request(prefetch=wrong), None),
        (request(prefetch={}, fhirServer=EHR), Server(wrong)),
    ):
        with pytest.raises(DataRequired, match="not what") as refusal:
            answer(body, sandbox_caller(fetch))
        assert refusal.value.keys == ("observations",)


@pytest.mark.parametrize("key", KEYS)
def test_c5_what_is_asked_for_is_read_by_a_rule(key):
    """Some patient has a fact that was read from it, and some treatment or request names it."""
    kind = next(one.resource_type for one in SERVICE.prefetch if one.key == key)
    asked = named_by_rules()
    assert any(
        place.reference.startswith(f"{kind}/")
        for case in CASES
        for fact in facts_of(case)
        if fact.name in asked
        for place in fact.readings
    )


@cache
def named_by_rules():
    """The facts that a rule names, or a table that a rule asks."""
    rules = [*KNOWLEDGE.treatments, *KNOWLEDGE.requests, *KNOWLEDGE.warnings]
    criteria = [
        criterion
        for rule in rules
        for name in ("consider", "block", "hold", "caution", "ask_when", "never_when", "when_any")
        for criterion in getattr(rule, name, ())
    ]
    criteria += [row.when for table in KNOWLEDGE.derivations for row in getattr(table, "rows", ())]
    found = (name for one in criteria for leaf in leaves(one) for name in leaf.statement.facts)
    return frozenset(found)


EXTRACTOR = Extractor(KNOWLEDGE.facts, KNOWLEDGE.systems)


@cache
def facts_of(case):
    bodies = (("Bundle", case.body()),)
    record = EXTRACTOR.record_reader.read(bodies, patient_ids(bodies)[0])
    return EXTRACTOR.extract(record, case.as_of)[0]


# ---- public examples ----------------------------------------------------------------------------

# What our reader says of each; the services of these hooks are not ours yet.
EXAMPLES = {
    "patient-view-good": None,
    "pv-good": None,
    "order-sign-good": None,
    "order-select-good": None,
    "order-select-extensions": None,  # without draftOrders: that member is for the order services
    # Before 1.0 ids came as Type/id, and prefetch values as {response, resource}.
    "patient-view-bad": "context.patientId",
    "order-select-bad": "context.patientId",
    "order-sign-bad-1": "context.patientId",
    "order-sign-bad-2": "context.patientId",
}


def example(name):
    if "CORPORA" not in os.environ:
        pytest.skip("CORPORA does not name a folder with cds-hooks/")
    return (Path(os.environ["CORPORA"]) / "cds-hooks" / f"cdshooks-{name}.json").read_bytes()


@pytest.mark.parametrize("name", EXAMPLES)
def test_p28_p33_p37_p38_the_public_requests_are_read_or_refused_for_a_reason(name):
    body = example(f"request-{name}")
    hook = json.loads(body)["hook"]
    if EXAMPLES[name] is None:
        assert parse_request(body, hook=hook, sandbox=False).hook == hook
        return
    with pytest.raises(RequestInvalid) as refusal:
        parse_request(body, hook=hook, sandbox=False)
    assert refusal.value.path == EXAMPLES[name]


@pytest.mark.parametrize("name", EXAMPLES)
def test_p28_p30_p46_a_public_request_to_our_service_is_a_4xx_and_never_an_empty_answer(name):
    """None of them brings what the service needs, and a foreign key of prefetch is no data."""
    with pytest.raises(RequestRefused) as refusal:
        ENGINE.answer(SERVICE.id, example(f"request-{name}"), sandbox_caller())
    accepted = EXAMPLES[name] is None and b'"patient-view"' in example(f"request-{name}")
    assert refusal.value.status == (412 if accepted else 400)


@pytest.mark.parametrize("name", ["good", "order-select-extensions"])
def test_p6_to_p13_p16_to_p18_p21_the_public_discoveries_are_conforming(name):
    assert discovery_faults(json.loads(example(f"services-{name}"))) == []
