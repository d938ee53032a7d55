"""The time of an answer, whatever the FHIR server does: rows F1 and F6."""

import json
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from cdshooks.errors import DataRequired
from cdshooks.fhir.base import FhirBase
from cdshooks.fhir.client.fetch import OWN_WORK_SECONDS
from cdshooks.hooks.caller import Caller
from cdshooks.outbound.target import Target
from tests import faults
from tests.fake_ehr import FakeEhr
from tests.fhir.client.conftest import (
    PATIENT,
    QUERY,
    SOAK,
    TOKEN,
    failure,
    never_twice_in_ten_seconds,
)
from tests.shipped import ENGINE

FIXTURE = Path("fixtures/ileum-carcinoid-analogue-allergy/bundle.json")
ANSWER_SECONDS = 0.45
FETCH_SECONDS = 0.4
ONE = {"p": "Patient/p1"}


@pytest.fixture(scope="module")
def chart():
    entries = json.loads(FIXTURE.read_text())["entry"]
    with FakeEhr(*(entry["resource"] for entry in entries)) as ehr:
        ehr.patient = next(one["id"] for one in ehr.resources if one["resourceType"] == "Patient")
        yield ehr


def answered(chart, client):
    """Seconds from the call to its answer, be it cards or a 412."""
    body = {"hook": "patient-view", "hookInstance": "i", "fhirServer": chart.base}
    body["context"] = {"patientId": chart.patient, "userId": "Practitioner/1"}
    began = time.monotonic()
    try:
        ENGINE.answer("net-patient-view", json.dumps(body).encode(), Caller("c", client), began)
    except DataRequired:
        return time.monotonic() - began, 412
    return time.monotonic() - began, 200


@contextmanager
def metronome(every=0.1):
    """By how many seconds each of many bare waits came late: that is the machine, not we."""
    late, stopped = [0.0], threading.Event()

    def wait():
        began = time.monotonic()
        while not stopped.wait(every):
            late.append(time.monotonic() - began - every)
            began = time.monotonic()

    thread = threading.Thread(target=wait)
    thread.start()
    yield late
    stopped.set()
    thread.join()


SLOW = {
    "silent": faults.silent,
    "hangs": faults.hang_after_head,
    "drips": faults.drip,
    "drips-head": faults.drip_head,
    "0.1s": faults.delay(0.1),
    "0.39s": faults.delay(0.39),
    "0.41s": faults.delay(0.41),
    "1s": faults.delay(1),
    "30s": faults.delay(30),
}


@pytest.mark.parametrize("where", ["*", "Observation", "AllergyIntolerance"])
def test_f1_an_answer_comes_within_450_ms_whatever_the_server_does(chart, clients, where):
    """The whole answer with the shipped knowledge: some tens of runs, or 1,620 (soak).

    In the soak the 450 ms are held to, and what the machine is late with a bare wait is added.
    """
    client = clients(
        FhirBase(Target(chart.base)),
        fetch_seconds=FETCH_SECONDS,
        answer_seconds=ANSWER_SECONDS,
        clock=never_twice_in_ten_seconds(),
    )
    chart.cure()
    answered(chart, client)
    times = []
    with metronome() as late:
        for fault in SLOW.values():
            chart.fault(where, fault)
            times += [answered(chart, client)[0] for _ in range(60 if SOAK else 1)]
    chart.cure()
    worst = sorted(times)[int(len(times) * 0.999)]
    print(
        f"F1 {where}: {len(times)} answers, median {statistics.median(times) * 1000:.0f} ms, "
        f"p99.9 {worst * 1000:.0f} ms; a bare wait was late by {max(late) * 1000:.0f} ms"
    )
    if SOAK:
        assert worst <= ANSWER_SECONDS + max(late)
    assert statistics.median(times) < 2 * ANSWER_SECONDS


@pytest.mark.parametrize(
    ("fetch", "answer", "ago", "left"),
    [
        (0.4, 0.45, 0.0, 0.4),
        (0.4, 0.45, 0.1, 0.3),
        (0.4, 2.0, 0.1, 0.4),
        (0.4, None, 0.1, 0.3),
        (0.2, 0.45, 0.0, 0.2),
        (0.4, 0.45, 9.0, 0.0),
    ],
)
def test_f1_the_time_is_the_least_of_fetching_and_answering(clients, fetch, answer, ago, left):
    client = clients("http://127.0.0.1:9", fetch_seconds=fetch, answer_seconds=answer)
    now = time.monotonic()
    assert client._deadline(now - ago) - now == pytest.approx(
        left or 0.45 - OWN_WORK_SECONDS - ago, abs=0.02
    )


def test_f1_searches_run_at_once_and_what_came_in_time_is_kept(chart, clients):
    client = clients(chart.base, fetch_seconds=0.4)
    chart.fault("*", faults.delay(0.08))
    queries = {kind: f"{kind}?patient=x" for kind in ("Condition", "Observation", "Procedure", "A")}
    client(chart.base, queries)
    times = []
    for _ in range(20 if SOAK else 5):
        began = time.monotonic()
        assert all(reason is None for _, reason in client(chart.base, queries).values())
        times.append(time.monotonic() - began)
    print(f"F1: four searches of 80 ms took {statistics.median(times) * 1000:.0f} ms")
    assert statistics.median(times) < 0.2
    chart.fault("A", faults.silent)
    answer = client(chart.base, queries)
    assert "in time" in failure(answer["A"])
    assert all(answer[kind][1] is None for kind in queries if kind != "A")
    chart.cure()


@pytest.mark.parametrize(
    "fault",
    [faults.silent, faults.hang_after_head, faults.drip, faults.drip_head],
    ids=["silent", "hangs", "drips", "drips-head"],
)
def test_f1_a_server_that_hangs_keeps_no_thread(chart, clients, fault):
    client = clients(chart.base, fetch_seconds=0.1, threads=4)
    chart.fault("*", fault)
    for _ in range(2):
        for fetched in client(chart.base, dict.fromkeys("abcdef", "Patient/x")).values():
            assert "in time" in failure(fetched)
    began = time.monotonic()
    client._threads.shutdown(wait=True)
    assert time.monotonic() - began < 1, "they would be busy for as long as the server pleases"
    chart.cure()


def test_f1_a_caller_whose_server_hangs_costs_another_caller_nothing(chart, clients):
    with FakeEhr(PATIENT) as other:
        hanging = clients(chart.base, fetch_seconds=2, threads=2)
        quick = clients(other.base, fetch_seconds=2, threads=2)
        chart.fault("*", faults.silent)
        with ThreadPoolExecutor(4) as callers:
            stuck = [
                callers.submit(hanging, chart.base, dict.fromkeys("abcdef", "Patient/x"))
                for _ in range(4)
            ]
            time.sleep(0.05)
            began = time.monotonic()
            assert quick(other.base, ONE)["p"][1] is None
            assert time.monotonic() - began < 0.5
            assert not any(one.done() for one in stuck)
            chart.stopped.set()
        chart.stopped.clear()
        chart.cure()


def test_f1_a_name_server_that_hangs_costs_the_time_and_no_thread(clients):
    healed = threading.Event()

    def resolve(_host, _port):
        healed.wait(10)
        return ["127.0.0.1"]

    with FakeEhr(PATIENT) as ehr:
        base = f"http://ehr.example:{ehr.port}/fhir"
        client = clients(
            FhirBase(Target(base, private=True)),
            fetch_seconds=0.1,
            threads=2,
            resolve=resolve,
            clock=never_twice_in_ten_seconds(),
        )
        for _ in range(6):
            began = time.monotonic()
            assert "in time" in failure(client(base, QUERY)["observations"])
            assert time.monotonic() - began < 0.3
        healed.set()
        assert client(base, ONE)["p"][1] is None


# ---- a dead host -------------------------------------------------------------------------------


def test_f6_a_dead_host_is_given_up_at_once_and_found_again(clients):
    now = [1000.0]
    with FakeEhr(PATIENT) as ehr:
        client = clients(ehr.base, fetch_seconds=2, clock=lambda: now[0])
        assert client(ehr.base, ONE, TOKEN)["p"][1] is None
        base, port = ehr.base, ehr.port
    for _ in range(5):
        assert "no answer" in failure(client(base, ONE, TOKEN)["p"])
        now[0] += 1
    times = []
    for _ in range(100):
        began = time.perf_counter()
        assert "again and again" in failure(client(base, ONE, TOKEN)["p"])
        times.append(time.perf_counter() - began)
    print(f"F6: fails fast in {statistics.median(times) * 1000:.3f} ms")
    assert statistics.median(times) < 0.005
    with FakeEhr(PATIENT, port=port) as ehr:
        assert "again and again" in failure(client(base, ONE, TOKEN)["p"])
        now[0] += 5
        assert client(base, ONE, TOKEN)["p"][1] is None
        assert client(base, ONE, TOKEN)["p"][1] is None
        assert len(ehr.seen) == 2


def test_f6_while_it_is_half_open_one_call_tries(clients):
    now = [1000.0]
    with FakeEhr(PATIENT) as ehr:
        client = clients(ehr.base, clock=lambda: now[0])
        ehr.fault("*", faults.status(502))
        for _ in range(5):
            failure(client(ehr.base, ONE)["p"])
        now[0] += 5
        ehr.seen.clear()
        with ThreadPoolExecutor(8) as callers:
            told = list(callers.map(lambda _: client(ehr.base, ONE)["p"], range(8)))
        assert sum("again and again" in failure(one) for one in told) == 7
        assert len(ehr.seen) == 2, "the one that tried, with its second try"


def test_f6_one_call_that_is_late_with_all_it_asks_opens_nothing(chart, clients):
    """A patient with much on file is not a dead host."""
    client = clients(chart.base, fetch_seconds=0.1)
    chart.fault("*", faults.silent)
    client(chart.base, dict.fromkeys("abcdefghi", "Patient/x"))
    chart.cure()
    assert client(chart.base, {"p": f"Patient/{chart.patient}"})["p"][1] is None


def test_f6_calls_that_reach_us_late_say_nothing_about_the_server(chart, clients):
    """What is left of their time is too short for any server, however many they are."""
    client = clients(chart.base, fetch_seconds=0.4, answer_seconds=0.45)
    chart.fault("*", faults.silent)
    for _ in range(6):
        late = client(chart.base, ONE, TOKEN, began=time.monotonic() - 0.35)
        assert "in time" in failure(late["p"])
    chart.cure()
    assert client(chart.base, {"p": f"Patient/{chart.patient}"})["p"][1] is None


def test_f6_a_server_that_is_silent_for_most_of_the_time_is_given_up(chart, clients):
    client = clients(chart.base, fetch_seconds=0.4, answer_seconds=0.45)
    chart.fault("*", faults.silent)
    for _ in range(5):
        late = client(chart.base, ONE, TOKEN, began=time.monotonic() - 0.1)
        assert "in time" in failure(late["p"])
    assert "again and again" in failure(client(chart.base, ONE, TOKEN)["p"])
    chart.cure()


def test_f6_a_server_that_refuses_is_alive(chart, clients):
    client = clients(chart.base)
    for code in (400, 401, 403, 404):
        chart.fault("*", faults.status(code))
        for _ in range(6):
            assert str(code) in failure(client(chart.base, ONE)["p"])
    chart.cure()


def test_f6_requests_that_we_cannot_send_say_nothing_about_the_server(chart, clients):
    client = clients(chart.base)
    for _ in range(10):
        assert "no answer" in failure(client(chart.base, ONE, "a token\r\nof two lines")["p"])
    assert client(chart.base, {"p": f"Patient/{chart.patient}"})["p"][1] is None


def test_f6_one_dead_base_is_not_another(clients):
    with FakeEhr(PATIENT) as ehr:
        dead = "http://127.0.0.1:9/fhir"
        client = clients(dead, ehr.base)
        for _ in range(6):
            failure(client(dead, ONE)["p"])
        assert "again and again" in failure(client(dead, ONE)["p"])
        assert client(ehr.base, ONE)["p"][1] is None
