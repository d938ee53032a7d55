"""Pages and their links, and searches by POST: rows P45, A5, A6 and F8."""

import json
import time

import pytest

from cdshooks.fhir.base import FhirBase
from cdshooks.fhir.client.search import ENTRIES_AT_MOST, PAGES_AT_MOST
from cdshooks.hooks.discovery import PrefetchTemplate, Service
from cdshooks.hooks.prefetch import collect
from cdshooks.hooks.request import parse_request
from cdshooks.outbound.target import Target
from tests import faults
from tests.fake_ehr import FakeEhr
from tests.fhir.client.conftest import PATIENT, QUERY, TOKEN, failure, observations
from tests.shipped import ENGINE

ALL = {"o": "Observation?patient=p1"}


def ids(pages):
    return [entry["resource"]["id"] for page in pages for entry in json.loads(page)["entry"]]


def test_p45_next_links_of_the_same_base_are_followed_with_the_token(ehr, client):
    ehr.page_size = 20
    pages, reason = client(ehr.base, ALL, TOKEN)["o"]
    assert (len(pages), reason) == (3, None)
    assert ids(pages) == [f"o{n}" for n in range(45)]
    assert ehr.tokens == [TOKEN] * 3


def test_p45_a_next_link_may_be_where_a_search_begins(ehr, client):
    ehr.page_size = 20
    first = client(ehr.base, ALL)["o"][0][0]
    following = json.loads(first)["link"][0]["url"]
    pages, reason = client(ehr.base, {"rest": following})["rest"]
    assert ids(pages) == [f"o{n}" for n in range(20, 45)]
    assert reason is None


LEAVING = [
    "http://evil.example/fhir/Observation?page=2",
    "//evil.example/fhir",
    "https://{host}/fhir?page=2",
    "{base}.evil.example/Observation",
    "{origin}/other?page=2",
    "{origin}",
    "{base}2?page=2",
    "{base}/../other",
    "{base}/%2e%2e/other",
    "{base}/..%2fother",
    "{base}/..\\other",
    "{base}/..;/other",
    "{base}/.;x/..;y=1/other",
    "{base}/Patient/..%3b/other",
    "{base}/%252e%252e/other",
    "..;/other",
    "{base}?page=2#fragment",
    "{base}?page=2\r\nX-Evil: 1",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "{base}@evil.example/",
    "http://[::1",
    "\\\\evil.example\\fhir",
]


@pytest.mark.parametrize("link", LEAVING, ids=range(len(LEAVING)))
def test_a5_a_link_that_leaves_the_base_ends_the_search(ehr, client, link):
    told = link.replace("{host}", f"127.0.0.1:{ehr.port}")
    ehr.fault("Observation", faults.next_link(told))
    pages, reason = client(ehr.base, QUERY, TOKEN)["observations"]
    assert len(pages) == 1
    assert "leads elsewhere" in str(reason)
    assert len(ehr.seen) == 1


def test_a5_what_a_search_looks_for_may_hold_what_a_path_may_not(ehr, client):
    following = "{base}/Observation?patient=p1&code=a%3Bb;c%25d&path=/..;/%2e"
    ehr.fault("Observation", faults.next_link(following), times=1)
    pages, reason = client(ehr.base, QUERY)["observations"]
    assert (len(pages), reason) == (2, None)


@pytest.mark.parametrize("code", [200, 401, 403, 404, 500])
@pytest.mark.parametrize("link", ["SECRET/1", "SecretDoe/1", "Patient/SECRET", "SecretDoe?x=1"])
def test_c2_a5_nothing_of_a_next_link_is_told(ehr, client, link, code):
    """It came with a prefetched page, and so it is the words of a caller."""
    ehr.fault("*", faults.status(code))
    for token in (TOKEN, None):
        told = failure(client(ehr.base, {"rest": link}, token)["rest"])
        assert "Secret" not in told


def test_a5_pages_that_go_in_a_circle_end(ehr, client):
    ehr.fault("*", faults.next_link("{base}?page=1"))
    pages, reason = client(ehr.base, QUERY)["observations"]
    assert len(pages) == 2
    assert "links to itself" in str(reason)


def test_a5_endless_pages_end(ehr, client):
    def endless(handler):
        return faults.next_link(f"{{base}}?page={len(ehr.seen)}")(handler)

    ehr.fault("*", endless)
    pages, reason = client(ehr.base, QUERY)["observations"]
    assert len(pages) == len(ehr.seen) == PAGES_AT_MOST
    assert "more than 20 pages" in str(reason)


def test_a5_too_many_entries_end_the_search(ehr, client):
    half = [{}] * (ENTRIES_AT_MOST // 2 + 1)
    ehr.fault("Observation", faults.next_link("{base}?page=1", *half))
    ehr.fault("", faults.next_link("{base}?page=2", *half))
    pages, reason = client(ehr.base, QUERY)["observations"]
    assert len(pages) == 1
    assert "entries" in str(reason)


def test_a5_p45_a_page_that_fails_leaves_the_pages_before_it(ehr, client):
    ehr.page_size = 20
    ehr.fault("", faults.status(404))
    pages, reason = client(ehr.base, ALL)["o"]
    assert len(pages) == 1
    assert reason.status == 404


def test_a6_references_to_other_hosts_are_not_dereferenced(ehr):
    """Whatever a resource refers to, in whichever way, nobody goes there."""
    with FakeEhr() as other:
        record = [
            {"resourceType": "Condition", "id": "c1", "subject": {"reference": "Patient/p1"}}
            | {"recorder": {"reference": f"{other.base}/Practitioner/1"}}
            | {"evidence": [{"detail": [{"reference": f"{other.base}/Observation/1"}]}]},
            {"resourceType": "Observation", "id": "o1", "status": "final"}
            | {
                "subject": {"reference": f"{other.base}/Patient/p1"},
                "specimen": {"reference": "#s"},
            }
            | {"contained": [{"resourceType": "Specimen", "id": "s"}]}
            | {"derivedFrom": [{"reference": f"//127.0.0.1:{other.port}/x"}]},
            {"resourceType": "DiagnosticReport", "id": "d1", "status": "final"}
            | {"presentedForm": [{"contentType": "text/plain", "url": f"{other.base}/Binary/1"}]},
        ]
        bundle = {"resourceType": "Bundle", "type": "collection"}
        bundle["entry"] = [{"fullUrl": f"{other.base}/x", "resource": one} for one in record]
        ENGINE.assess_body(json.dumps(bundle).encode())
        assert other.connections == 0


# ---- searching by POST -------------------------------------------------------------------------

LONG = {"o": "Observation?patient=p1&code=http%3A%2F%2Floinc.org%7C1-2,3-4"}


def test_p45_a_base_that_is_searched_by_post_is(ehr, clients):
    ehr.page_size = 20
    client = clients(FhirBase(Target(ehr.base), search="post"))
    answer = client(ehr.base, {**LONG, "p": "Patient/p1"}, TOKEN)
    assert ids(answer["o"][0]) == [f"o{n}" for n in range(45)]
    assert answer["p"][1] is None
    [post] = [one for one in ehr.seen if one.method == "POST"]
    assert (post.path, post.token) == ("/fhir/Observation/_search", TOKEN)
    assert post.parameters == {"patient": ["p1"], "code": ["http://loinc.org|1-2,3-4"]}
    assert post.headers["content-type"] == "application/x-www-form-urlencoded"
    assert len([one for one in ehr.seen if one.method == "GET"]) == 3, (
        "the read, and two next links"
    )


def refusing_get(code):
    refuse = faults.status(code)
    return lambda handler: refuse(handler) if handler.command == "GET" else faults.GO_ON


@pytest.mark.parametrize("code", [405, 414])
def test_a_search_that_get_does_not_allow_is_posted(ehr, client, code):
    ehr.fault("Observation", refusing_get(code))
    pages, reason = client(ehr.base, LONG, TOKEN)["o"]
    assert (len(ids(pages)), reason) == (45, None)
    assert [one.method for one in ehr.seen] == ["GET", "POST"]
    assert ehr.tokens == [TOKEN] * 2


def test_a_search_that_neither_allows_fails_and_a_read_is_not_posted(ehr, client):
    ehr.fault("*", faults.status(405))
    assert "405" in failure(client(ehr.base, QUERY)["observations"])
    assert "405" in failure(client(ehr.base, {"p": "Patient/SECRET"})["p"])
    assert [one.method for one in ehr.seen] == ["GET", "POST", "GET"]


# ---- a prefetch that is only a part ------------------------------------------------------------

SERVICE = Service(
    "net",
    "patient-view",
    "NET",
    "NET",
    "",
    "2.0.1",
    prefetch=(
        PrefetchTemplate(
            "observations", "Observation?patient={{context.patientId}}", True, "Observation", ""
        ),
    ),
)


def collected(ehr, client, bundle):
    body = {"hook": "patient-view", "hookInstance": "i", "fhirServer": ehr.base}
    body["context"] = {"patientId": "p1", "userId": "Practitioner/1"}
    body["prefetch"] = {"observations": bundle}
    request = parse_request(json.dumps(body).encode(), hook="patient-view", sandbox=True)
    return collect(request, SERVICE, client, time.monotonic())


def test_f8_the_rest_of_a_prefetched_page_is_fetched(ehr, client):
    ehr.page_size = 20
    first = json.loads(client(ehr.base, ALL)["o"][0][0])
    got = collected(ehr, client, first)
    assert ids(bytes(body) for _, body in got.bodies) == [f"o{n}" for n in range(45)]
    assert got.not_assessed == {}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"total": 45}, "only a part"),
        ({"link": [{"relation": "next", "url": "http://evil.example/2"}]}, "leads elsewhere"),
        ({"link": [{"relation": "next", "url": "{base}?page=999"}]}, "only a part"),
    ],
    ids=["total", "link-elsewhere", "link-dead"],
)
def test_f8_what_cannot_be_fetched_of_a_part_is_not_assessed(ehr, client, change, reason):
    entry = [{"resource": one} for one in observations(20)]
    part = {"resourceType": "Bundle", "type": "searchset", "entry": entry, **change}
    ehr.fault("", faults.status(404))
    part = json.loads(json.dumps(part).replace("{base}", ehr.base))
    got = collected(ehr, client, part)
    assert reason in got.not_assessed["observations"]
    assert len(got.bodies) == 1


def test_f8_a_patient_alone_is_whole(ehr, client):
    assert client(ehr.base, {"p": "Patient/p1"})["p"] == ((json.dumps(PATIENT).encode(),), None)
