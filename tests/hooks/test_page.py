"""What one prefetched value is: the eight shapes that EHRs send."""

import json

import pytest
from msgspec import structs

from cdshooks.hooks.page import Kind, Prefetched, state

WARNING = {"resourceType": "OperationOutcome", "issue": [{"severity": "warning"}]}
ERROR = {"resourceType": "OperationOutcome", "issue": [{"severity": "error"}]}


def bundle(*resources, **members):
    entries = [{"resource": resource} for resource in resources]
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries, **members}


def observation(number=0):
    return {"resourceType": "Observation", "id": f"o{number}"}


def of(value):
    """What is told of a value, without the value."""
    found = state(json.dumps(value).encode(), "Observation")
    return structs.replace(found, ids=frozenset(), body=None)


def test_p41_a_key_that_was_not_sent_is_absent():
    assert state(None, "Observation") == Prefetched(Kind.ABSENT)


def test_p42_null_is_an_answer_and_not_an_absence():
    assert of(None) == Prefetched(Kind.NULL)


@pytest.mark.parametrize(
    "empty", [bundle(), bundle(total=0), {"resourceType": "Bundle", "type": "searchset"}], ids=str
)
def test_p43_an_empty_searchset_is_a_whole_answer(empty):
    assert of(empty).kind is Kind.OK


def test_a_resource_or_a_bundle_of_the_kind_asked_for_is_fine():
    assert of(observation()).kind is Kind.OK
    assert of(bundle(observation(1), observation(2), total=2)) == Prefetched(Kind.OK, 2, 2)


def test_p44_an_operation_outcome_means_that_the_client_failed():
    assert of(ERROR).kind is Kind.OUTCOME
    assert of(WARNING).kind is Kind.OUTCOME
    assert of(bundle(ERROR)).kind is Kind.OUTCOME
    assert of(bundle({"resourceType": "OperationOutcome"})).kind is Kind.OUTCOME
    assert of(bundle({"resourceType": "OperationOutcome", "issue": 3})).kind is Kind.OUTCOME


def test_p44_a_warning_beside_the_matches_is_no_failure_and_counts_as_no_match():
    assert of(bundle(observation(), WARNING, total=1)) == Prefetched(Kind.OK, 1, 1)
    assert of(bundle(WARNING, total=0)).kind is Kind.OK


def test_p44_an_error_beside_the_matches_makes_them_a_part():
    read = of(bundle(observation(), ERROR))
    assert (read.kind, read.failed_in_part) == (Kind.PARTIAL, True)


def test_p45_f8_a_next_link_or_a_higher_total_makes_it_a_part():
    links = [{"relation": "self", "url": "x"}, {"relation": "next", "url": "http://e/fhir?page=2"}]
    paged = of(bundle(observation(), link=links))
    assert (paged.kind, paged.next_url) == (Kind.PARTIAL, "http://e/fhir?page=2")
    assert of(bundle(observation(), total=2)).kind is Kind.PARTIAL
    assert of(bundle(total=57)).kind is Kind.PARTIAL


@pytest.mark.parametrize("link", [None, {}, "next", [{"relation": "next"}], [{"url": 7}]], ids=str)
def test_f8_a_link_or_a_total_that_cannot_be_read_leads_nowhere_and_leaves_a_part(link):
    """Nobody can tell whether there is more, so silence is no "no"."""
    read = of(bundle(observation(), link=link, total="many"))
    assert (read.kind, read.next_url) == (Kind.PARTIAL, None)


def entry(resource, mode):
    return {"resource": resource, "search": {"mode": mode}}


def test_p45_f8_what_comes_along_is_not_counted_as_a_match():
    """Two included resources do not make up for two matches that are missing."""
    drug = {"resourceType": "Medication", "id": "m"}
    member = {"resourceType": "Observation", "id": "member"}
    for along in (drug, entry(drug, "include")["resource"]):
        assert of(bundle(observation(), along, total=2)).kind is Kind.PARTIAL
    included = {
        **bundle(total=2),
        "entry": [entry(observation(), "match"), entry(member, "include")],
    }
    assert of(included) == Prefetched(Kind.PARTIAL, 1, 2)


def test_p44_an_entry_of_mode_outcome_is_no_match():
    told = {**bundle(), "entry": [entry(observation(), "match"), entry(ERROR, "outcome")]}
    assert (of(told).kind, of(told).matches) == (Kind.PARTIAL, 1)
    told = {**bundle(), "entry": [entry(observation(), "match"), entry(WARNING, "outcome")]}
    assert of(told) == Prefetched(Kind.OK, 1)
    assert of({**bundle(), "entry": [entry(ERROR, "outcome")]}).kind is Kind.OUTCOME


@pytest.mark.parametrize("search", [None, 3, [], {"mode": 7}], ids=str)
def test_a_search_mode_that_cannot_be_read_hides_no_resource(search):
    assert of({**bundle(total=1), "entry": [{"resource": observation(), "search": search}]}) == (
        Prefetched(Kind.OK, 1, 1)
    )


def test_p47_a_bundle_of_other_resources_only_is_not_what_was_asked_for():
    """An empty list of observations would be read as "none on file"."""
    assert of(bundle({"resourceType": "Condition", "id": "c"}, total=1)).kind is Kind.JUNK
    assert of({**bundle(), "entry": [entry(observation(), "include")]}).kind is Kind.JUNK


UNREAD = [
    3,
    None,
    "junk",
    {},
    {"fullUrl": "https://ehr.example/fhir/Observation/withheld"},
    {"resource": None},
    {"resource": {"id": "x"}},
    {"resource": {"resourceType": 1}},
    {"resource": {"resourceType": ""}},
    {"resource": None, "search": {"mode": "include"}},
]


@pytest.mark.parametrize("entry", UNREAD, ids=str)
def test_p45_f8_an_entry_without_a_readable_resource_spoils_no_other_and_leaves_a_part(entry):
    """It may be the very one that matters: a server that withholds it still counts it."""
    for listed in ([{"resource": observation()}, entry], [entry]):
        read = of({**bundle(total=len(listed)), "entry": listed})
        assert (read.kind, read.unsure) == (Kind.PARTIAL, True)


@pytest.mark.parametrize("url", [{}, {"url": ""}, {"url": None}, {"url": 7}], ids=str)
def test_p45_f8_a_next_link_that_names_no_page_still_says_that_there_is_one(url):
    for given in (bundle(observation()), bundle(observation(), total=1), bundle()):
        read = of(
            {**given, "link": [{"relation": "self", "url": "x"}, {"relation": "next", **url}]}
        )
        assert (read.kind, read.unsure, read.next_url) == (Kind.PARTIAL, True, None)


def test_f8_the_same_resource_twice_is_one_match():
    """A page that was put together from others may repeat one and lack another."""
    assert of(bundle(observation(1), observation(1), total=2)).kind is Kind.PARTIAL
    assert of(bundle(observation(1), observation(1), total=1)) == Prefetched(Kind.OK, 1, 1)


@pytest.mark.parametrize("own", [{}, {"id": None}, {"id": 7}, {"id": ["x"]}], ids=str)
def test_resources_without_an_id_are_each_one_of_their_own(own):
    bare = {"resourceType": "Observation", **own}
    assert of(bundle(bare, bare, observation(), total=3)) == Prefetched(Kind.OK, 3, 3)


@pytest.mark.parametrize(
    "junk",
    [
        "<html><body>502 Bad Gateway</body></html>",
        "",
        7,
        True,
        [],
        {},
        {"resourceType": None},
        {"resourceType": "Patient"},
        {"resource": observation()},
        {"resourceType": "Bundle", "entry": {"resource": observation()}},
        {"resourceType": "Bundle", "entry": "none"},
    ],
    ids=str,
)
def test_p47_p64_what_is_not_what_was_asked_for_is_junk(junk):
    assert of(junk).kind is Kind.JUNK


def test_d5_a_repeated_key_in_the_bundle_or_resource_makes_it_junk():
    twice = b'{"resourceType":"Bundle","entry":[{"resource":{}}],"entry":[]}'
    assert state(twice, "Observation").kind is Kind.JUNK
    assert state(b'{"resourceType":"Patient","id":"a","id":"b"}', "Patient").kind is Kind.JUNK


def test_what_is_told_of_a_value_holds_nothing_of_the_patient():
    found = state(json.dumps(bundle(observation(4711))).encode(), "Observation")
    assert found.ids == {"o4711"}
    assert found.body is not None
    assert "4711" not in repr(found)
