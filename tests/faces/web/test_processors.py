"""Where the threads of a worker run. The services here are real ones, with granian in front."""

import os
import signal
import time
from collections import Counter
from multiprocessing import get_context
from pathlib import Path

import pytest

from cdshooks.faces.web.processors import Seats
from tests.faces.web.test_server import running

ALL = frozenset(os.sched_getaffinity(0))


def workers_of(service):
    children = Path(f"/proc/{service.process.pid}/task/{service.process.pid}/children")
    return [int(pid) for pid in children.read_text().split()]


def places(pid):
    """The processors that each thread may use."""
    threads = [int(entry.name) for entry in Path(f"/proc/{pid}/task").iterdir()]
    return Counter(frozenset(os.sched_getaffinity(thread)) for thread in threads)


def processor_of(pid):
    """Of the thread with the event loop, once it has begun."""
    deadline = time.monotonic() + 10
    while len(processors := os.sched_getaffinity(pid)) > 1:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return next(iter(processors))


several = pytest.mark.skipif(len(ALL) < 2, reason="has one processor only, so nothing to choose")


@several
def test_threads_that_run_python_keep_to_one_processor_and_those_of_the_web_server_do_not(tmp_path):
    with running(tmp_path / "log") as service:
        assert service.call()[0] == 200  # its thread is there
        (worker,) = workers_of(service)
        one = frozenset({processor_of(worker)})
        found = places(worker)
        assert set(found) == {one, ALL}
        assert found[one] >= 2  # the event loop, and who answers


@several
def test_workers_have_processors_of_their_own_and_one_that_is_replaced_leaves_its_own(tmp_path):
    with running(tmp_path / "log", workers=2) as service:
        first, second = workers_of(service)
        left, kept = processor_of(first), processor_of(second)
        assert left != kept
        os.kill(first, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while set(workers_of(service)) <= {first, second} or len(workers_of(service)) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        (new,) = set(workers_of(service)) - {second}
        assert processor_of(new) == left


@several
def test_with_affinity_off_every_thread_may_run_anywhere(tmp_path):
    with running(tmp_path / "log", cpu_affinity=False) as service:
        assert service.call()[0] == 200
        (worker,) = workers_of(service)
        assert set(places(worker)) == {ALL}


def test_workers_beyond_the_processors_share_them_evenly():
    forks = get_context("fork")
    seats, told = Seats(2 * len(ALL)), forks.SimpleQueue()
    stay = forks.Event()
    workers = [forks.Process(target=sits, args=(seats, told, stay)) for _ in range(2 * len(ALL))]
    for worker in workers:
        worker.start()
    taken = Counter(told.get() for _ in workers)
    stay.set()
    for worker in workers:
        worker.join(10)
    assert taken == {frozenset({processor}): 2 for processor in ALL}


def sits(seats, told, stay):
    seats.take()
    told.put(frozenset(os.sched_getaffinity(0)))
    stay.wait(10)


def test_a_system_that_forbids_it_is_served_all_the_same(monkeypatch):
    def forbidden(*_args):
        raise PermissionError

    for name in ("memfd_create", "sched_setaffinity"):
        with monkeypatch.context() as patched:
            patched.setattr(os, name, forbidden)
            Seats(1).take()
        assert os.sched_getaffinity(0) == ALL
