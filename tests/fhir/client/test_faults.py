"""A FHIR server that refuses, errs or babbles: rows P47, F2, F3, F4 and F7."""

import gc
import json
import time
from pathlib import Path

import pytest

from cdshooks.fhir.base import FhirBase
from cdshooks.outbound.target import Target
from tests import faults
from tests.fhir.client.conftest import PATIENT, QUERY, SOAK, TOKEN, failure

ONE = {"p": "Patient/p1"}
STATUS = Path("/proc/self/status")


@pytest.mark.parametrize("code", [201, 204, 400, 401, 403, 404, 409, 410, 422, 429, 501, 505])
def test_p47_f3_a_refusal_is_a_failure_after_one_call(ehr, client, code):
    ehr.fault("*", faults.status(code))
    fetched = client(ehr.base, QUERY, TOKEN)["observations"]
    assert f"answered {code}" in failure(fetched)
    assert fetched[1].status == code
    assert len(ehr.seen) == 1


def test_f3_a_401_and_a_403_name_the_token_and_the_scope_and_not_their_text(ehr, client):
    ehr.token, ehr.scopes = TOKEN, {"Patient"}
    assert "access token" in failure(client(ehr.base, QUERY, "another")["observations"])
    told = failure(client(ehr.base, QUERY, TOKEN)["observations"])
    assert told.endswith("no scope to read Observation")
    assert client(ehr.base, ONE, TOKEN)["p"][1] is None
    assert len(ehr.seen) == 3


@pytest.mark.parametrize("code", [401, 403])
def test_f3_p50_a_refusal_of_a_call_without_a_token_says_that_it_brought_none(ehr, client, code):
    ehr.fault("*", faults.status(code))
    told = failure(client(ehr.base, QUERY)["observations"])
    assert told.endswith(f"{code}, and the call brought no access token (fhirAuthorization)")
    assert "brought no" not in failure(client(ehr.base, QUERY, TOKEN)["observations"])


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (faults.html, "a web page"),
        (faults.body(b"<html>", "application/fhir+json"), "not FHIR JSON"),
        (faults.body(b""), "not FHIR JSON"),
        (faults.body([]), "not FHIR JSON"),
        (faults.body({"resourceType": 7}), "not FHIR JSON"),
        (faults.body({"resourceType": "Bundle", "entry": {}}), "not FHIR JSON"),
        (faults.body(b'{"resourceType": "Bundle", "x": "\xff"}'), "not FHIR JSON"),
        (faults.body(b'{"resourceType": "Bundle", "x": ' + b"[" * 100_000), "not FHIR JSON"),
        (faults.body(b"\xef\xbb\xbf{}"), "not FHIR JSON"),
        (faults.outcome, "OperationOutcome"),
        (faults.body({"resourceType": "Patient"}), "another kind"),
        (faults.body(b"{}", **{"Content-Encoding": "gzip"}), "no answer"),
        (faults.body(b"{}", **{"Content-Encoding": "br"}), "not FHIR JSON"),
    ],
    ids=range(13),
)
def test_p47_e5_an_answer_that_is_not_what_was_asked_for_is_a_failure(ehr, client, answer, reason):
    ehr.fault("*", answer)
    assert reason in failure(client(ehr.base, QUERY)["observations"])
    assert len(ehr.seen) == 1


PASSING = [
    *(faults.status(code) for code in (500, 502, 503, 504)),
    faults.reset,
    faults.truncate,
    faults.babble,
]
NAMES = ["500", "502", "503", "504", "reset", "truncated", "babble"]


@pytest.mark.parametrize("search", ["get", "post"])
@pytest.mark.parametrize("fault", PASSING, ids=NAMES)
def test_f2_a_passing_fault_is_asked_about_once_more(ehr, clients, fault, search):
    client = clients(FhirBase(Target(ehr.base), search=search))
    ehr.fault("*", fault, times=1)
    pages, reason = client(ehr.base, {"o": "Observation?patient=p1"}, TOKEN)["o"]
    assert (len(pages), reason) == (1, None)
    assert ehr.tokens == [TOKEN] * 2
    assert {one.method for one in ehr.seen} == {search.upper()}


@pytest.mark.parametrize("fault", PASSING, ids=NAMES)
def test_f2_p47_a_lasting_fault_is_a_failure_after_two_calls(ehr, client, fault):
    ehr.fault("*", fault)
    assert failure(client(ehr.base, QUERY)["observations"]).startswith("Observation: ")
    assert len(ehr.seen) == 2


def test_f2_a_search_of_many_pages_has_one_second_try(ehr, client):
    ehr.page_size = 20
    ehr.fault("", faults.status(500))
    ehr.fault("Observation", faults.status(500), times=1)
    pages, reason = client(ehr.base, {"o": "Observation?patient=p1"})["o"]
    assert (len(pages), reason.status) == (1, 500)
    assert len(ehr.seen) == 3


def test_f2_nothing_is_asked_again_when_the_time_is_nearly_over(ehr, clients):
    client = clients(ehr.base, fetch_seconds=0.2)

    def late_fault(handler):
        ehr.stopped.wait(0.19)
        faults.status(500)(handler)

    ehr.fault("*", late_fault)
    began = time.monotonic()
    failure(client(ehr.base, QUERY)["observations"])
    assert time.monotonic() - began < 0.3
    time.sleep(0.1)
    assert len(ehr.seen) == 1


@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_f2_at_any_rate_of_faults_each_search_is_had_or_named(ehr, clients, share):
    """Of two tries both must fail: at one fault in ten, one search in a hundred is lost."""
    runs = 2_000 if SOAK else 100
    for fault in (faults.status(503), faults.reset):
        ehr.fault("*", fault, share=share)
        ehr.seen.clear()
        lost = 0
        for _ in range(runs):
            client = clients(ehr.base)  # anew, so that no breaker opens
            [(pages, reason)] = client(ehr.base, ONE, TOKEN).values()
            assert bool(pages) != bool(reason)
            lost += reason is not None
            client.close()
        assert len(ehr.seen) <= 2 * runs
        assert lost / runs == pytest.approx(share**2, abs=0.15 if share < 1 else 0)


def test_f2_p47_a_host_that_is_not_there_is_a_failure(clients):
    nowhere = "http://127.0.0.1:9/fhir"
    no_name = "http://no-such-host.invalid/fhir"
    client = clients(nowhere, no_name)
    for base in (nowhere, no_name):
        assert "no answer" in failure(client(base, QUERY)["observations"])


def test_f2_a_name_server_that_fails_once_is_asked_again(ehr, clients):
    answers = iter([OSError("no name server"), ["127.0.0.1"]])

    def resolve(_host, _port):
        answer = next(answers)
        if isinstance(answer, OSError):
            raise answer
        return answer

    base = f"http://ehr.example:{ehr.port}/fhir"
    client = clients(FhirBase(Target(base, private=True)), resolve=resolve)
    assert client(base, ONE)["p"][1] is None


@pytest.mark.parametrize(
    "fault",
    [
        faults.status(429),
        faults.status(429, Retry_After="5"),
        faults.status(429, Retry_After="3600"),
        faults.status(429, Retry_After="Wed, 21 Oct 2099 07:28:00 GMT"),
        faults.status(429, Retry_After="soon"),
        faults.status(503, Retry_After="5"),
    ],
    ids=["429", "5", "3600", "date", "soon", "503"],
)
def test_f4_who_asks_for_less_is_left_alone_and_nobody_waits_for_it(ehr, clients, fault):
    """The clock stands still, so only asking less keeps the number of requests at one."""
    client = clients(ehr.base, clock=lambda: 1000.0)
    ehr.fault("*", fault)
    began = time.monotonic()
    assert "answered" in failure(client(ehr.base, QUERY)["observations"])
    for _ in range(20):
        assert "called less" in failure(client(ehr.base, QUERY)["observations"])
    assert time.monotonic() - began < 0.45
    assert len(ehr.seen) == 1


def test_f4_afterwards_it_is_asked_again(ehr, clients):
    now = [1000.0]
    client = clients(ehr.base, clock=lambda: now[0])
    ehr.fault("*", faults.status(429, Retry_After="5"), times=1)
    failure(client(ehr.base, QUERY)["observations"])
    now[0] += 4.9
    failure(client(ehr.base, QUERY)["observations"])
    now[0] += 0.2
    assert client(ehr.base, ONE)["p"][1] is None
    assert len(ehr.seen) == 2


def test_f4_one_base_that_asks_for_less_is_not_another(ehr, clients):
    other = ehr.base + "/r4"
    client = clients(ehr.base, other)
    ehr.fault("*", faults.status(429), times=1)
    failure(client(ehr.base, QUERY)["observations"])
    assert "called less" in failure(client(ehr.base, QUERY)["observations"])
    assert "called less" not in str(client(other, QUERY)["observations"][1])


# ---- size --------------------------------------------------------------------------------------


def peak_rss():
    """KiB since the last `forget_peak`, by the kernel's account of this process."""
    [line] = [line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1])


def forget_peak():
    (STATUS.parent / "clear_refs").write_text("5")


def test_f7_an_answer_over_the_cap_is_cut_off(ehr, clients):
    client = clients(ehr.base, bytes_at_most=100_000)
    ehr.fault("*", faults.oversize(200_000))
    assert "too large" in failure(client(ehr.base, QUERY)["observations"])


def test_f7_the_cap_is_for_all_searches_of_a_call_together(ehr, clients):
    client = clients(ehr.base, bytes_at_most=300_000)
    ehr.fault("*", faults.oversize(100_000))
    answer = client(ehr.base, {key: f"Observation?n={key}" for key in "abcde"})
    had = sum(reason is None for _, reason in answer.values())
    assert had <= 2, "two answers fit; of those that come at the same time fewer may be whole"
    assert client(ehr.base, {"f": "Observation?n=f"})["f"][1] is None, "the next call has its own"


@pytest.mark.skipif(not STATUS.exists(), reason="memory is measured on Linux")
@pytest.mark.parametrize(
    "flood",
    [faults.gzip_bomb(300_000_000), faults.oversize(300_000_000), faults.oversize(15_000_000)],
    ids=["bomb", "flood", "just-allowed"],
)
def test_f7_a_flood_costs_less_than_64_mb(ehr, clients, flood):
    """With the default cap. The fake EHR is a thread of this process, and holds next to nothing."""
    client = clients(ehr.base)
    ehr.fault("*", flood)
    gc.collect()
    forget_peak()
    before = peak_rss()
    client(ehr.base, {key: f"Observation?n={key}" for key in "abcd"})
    grown = peak_rss() - before
    print(f"F7: RSS grew by {grown / 1024:.0f} MiB")
    assert grown < 64 * 1024


def test_f7_ten_megabytes_come_whole(ehr, client):
    ehr.fault("*", faults.oversize(10_000_000))
    pages, reason = client(ehr.base, QUERY)["observations"]
    assert reason is None
    assert len(json.loads(pages[0])["x"]) == 10_000_000


def test_a_patient_is_read_through_it_all(ehr, client):
    assert json.loads(client(ehr.base, ONE)["p"][0][0]) == PATIENT
