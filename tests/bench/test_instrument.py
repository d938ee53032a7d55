"""The parts of the benchmark that count, told what came without any clock."""

import socket
import threading
from collections import Counter
from io import BytesIO
from itertools import count, islice

import orjson
import pytest

from tests.bench import bare, floor, load
from tests.bench.connection import fault_of
from tests.bench.load import Job, Schedule
from tests.bench.payload import bodies, bundle
from tests.bench.percentile import percentile
from tests.bench.profiling import LIBRARIES, profiled, room_of
from tests.bench.readers import READERS, two_steps, whole
from tests.bench.stages import OTHER, STAGES, costs

GOOD = b"HTTP/1.1 200 OK\r\ncontent-length: 22\r\n\r\n"


@pytest.mark.parametrize(
    ("times", "percent", "expected"),
    [
        ([5], 50, 5),
        ([5], 99, 5),
        ([3, 1, 2], 50, 2),
        (range(1, 101), 99, 99),
        (range(1, 101), 50, 50),
        (range(1, 1001), 99, 990),
    ],
)
def test_a_percentile_is_a_time_that_was_measured(times, percent, expected):
    assert percentile(times, percent) == expected


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (GOOD + b'{"cards":[{"summary":1}', None),
        (GOOD + b'{"cards":[]}', "no card"),
        (b"HTTP/1.1 503 Service Unavailable\r\n\r\n", "status 503"),
        (b"", "no answer"),
    ],
)
def test_only_a_200_with_a_card_counts(answer, fault):
    assert fault_of(answer) == fault


def test_a_closed_loop_ends_with_its_time_or_its_calls():
    schedule = Schedule(seconds=2, calls=2, rate=None)
    assert schedule.next_due(0.5) == 0.5
    schedule.given()
    assert schedule.next_due(2.5) is None
    schedule.given()
    assert schedule.next_due(1.0) is None


def test_an_open_loop_is_due_in_even_steps_whatever_the_time_is():
    schedule, due = Schedule(seconds=1, calls=None, rate=4), []
    while (one := schedule.next_due(17.0)) is not None:
        due.append(one)
        schedule.given()
    assert due == [0.0, 0.25, 0.5, 0.75]


@pytest.fixture
def served(monkeypatch):
    """serve(answers): a port of a server in this process that gives them one after another."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve(answers):
        def run():
            room = memoryview(bytearray(floor.LARGEST))
            connection, _ = listening.accept()
            with connection:
                for answer in answers:
                    if floor.received(connection, room) is None:
                        return
                    connection.sendall(answer)

        threading.Thread(target=run, daemon=True).start()
        return listening.getsockname()[1]

    monkeypatch.setattr(load, "cpu_seconds", lambda _pid: 0.0)
    yield serve
    listening.close()


def job(port, **given):
    fixed = {"path": "/", "observations": 10, "patients": 2, "connections": 1, "seconds": 60}
    return Job(port=port, pid=0, **{**fixed, **given})


def test_the_load_times_each_answer_and_names_what_is_none(served):
    good = floor.HEAD + floor.ANSWER
    bad = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n" + b'{"cards":[]}'
    outcome = load.done(job(served([good, good, bad]), calls=3))
    assert len(outcome.times) == 2
    assert outcome.mistakes == {"no card": 1}


def test_calls_that_warm_up_do_not_count(served):
    good = floor.HEAD + floor.ANSWER
    outcome = load.done(job(served([good] * 5), calls=2, warm_up=3))
    assert len(outcome.times) == 2


def test_the_load_sends_each_chart_whole_and_each_token_once(monkeypatch, tmp_path):
    listening, sent = socket.create_server(("127.0.0.1", 0)), []
    port, take = listening.getsockname()[1], lambda body: sent.append(bytes(body))
    threading.Thread(target=floor.serve, args=(listening, take), daemon=True).start()
    monkeypatch.setattr(load, "cpu_seconds", lambda _pid: 0.0)
    tokens = tmp_path / "tokens.txt"
    tokens.write_text("one\ntwo\nthree\n")
    outcome = load.done(job(port, calls=3, patients=2, tokens=str(tokens)))
    first, second = bodies(2, 10)
    assert sent == [first, second, first]
    assert len(outcome.times) == 3
    heads = islice(load._calls(job(port, tokens=str(tokens))), 3)
    assert [head.count(b"Bearer one\r\n") for head, _ in heads] == [1, 0, 0]


def test_strangers_are_new_in_each_resource_and_each_text():
    job_of = {"patients": 1, "observations": 20, "strangers": True}
    (_, one), (_, other) = (
        (head, bytes(body)) for head, body in islice(load._calls(job(1, **job_of)), 2)
    )
    assert len(one) == len(other)
    before, after = (bundle(orjson.loads(body))["entry"] for body in (one, other))
    assert [a for a, b in zip(before, after, strict=True) if a["resource"] == b["resource"]] == []
    assert set(texts(before)) & set(texts(after)) == set()
    known = next(load._calls(job(1, **job_of | {"strangers": False})))[1]
    assert known == bodies(1, 20)[0]


def texts(entries):
    for entry in entries:
        for name in ("valueString", "conclusion"):
            if name in entry["resource"]:
                yield entry["resource"][name]


def test_every_stage_of_the_engine_is_counted_once_and_nothing_is_lost(engine):
    """A clock that goes on by one with each look shows which stages were looked at."""
    ticks = count(step=1_000)
    looks = Counter()

    def clock():
        looks["all"] += 1
        return next(ticks)

    (found,) = costs(engine, bodies(1, 10), clock)
    assert found.keys() == {*STAGES, OTHER}
    assert {found[stage] for stage in STAGES} == {1.0}
    assert looks["all"] == 2 * len(STAGES) + 2
    assert sum(found.values()) == looks["all"] - 1


def test_an_answer_without_a_card_is_no_figure(engine, monkeypatch):
    monkeypatch.setattr(engine, "answer", lambda *_given: b'{"cards":[]}')
    with pytest.raises(RuntimeError, match="no card"):
        costs(engine, bodies(1, 10))


def test_the_other_readers_read_the_same_charts():
    (body,) = bodies(1, 30)
    assert {one["resourceType"] for one in two_steps(body)} == {"Observation"}
    for name, read in READERS.items():
        read(whole(body) if name.startswith("Bundle") else body)


def test_the_bare_reader_reads_the_body_and_answers_as_the_floor_does(monkeypatch):
    (body,), read, heads = bodies(1, 10), [], []
    monkeypatch.setattr(bare, "two_steps", read.append)
    call = {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}
    length = ("Content-Length", str(len(floor.ANSWER)))
    answer = b"".join(bare.application(call, lambda *head: heads.append(head)))
    assert (answer, read, heads) == (floor.ANSWER, [body], [("200 OK", [length])])


def test_a_profile_knows_every_room_of_a_call_and_leaves_no_time_out(engine):
    found = profiled(engine, bodies(2, 10))
    assert {"engine", "fhir", "fhir/readers", "clinical", "hooks"} <= found.shares.keys()
    assert found.calls.keys() <= found.shares.keys()
    assert sum(found.shares.values()) == pytest.approx(1.0)
    assert found.calls["engine"] >= 2
    assert found.empty_call > 0


def test_what_is_not_ours_is_of_a_library():
    assert room_of(pytest.__file__) == LIBRARIES
