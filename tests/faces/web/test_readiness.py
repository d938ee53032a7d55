"""Readiness: what is known for a second, however many ask for it."""

import threading
from concurrent.futures import ThreadPoolExecutor

from cdshooks.faces.web.readiness import GOOD_FOR, Readiness


class Clock:
    now = 1_000.0

    def __call__(self):
        return self.now


class Store:
    """Says `ready`, once it is let; counts how often it was asked."""

    def __init__(self):
        self.ready, self.asked = True, 0
        self.let, self.reached = threading.Event(), threading.Event()
        self.let.set()

    def __call__(self):
        self.asked += 1
        self.reached.set()
        assert self.let.wait(20)
        return self.ready


def test_g2_a_flood_of_probes_asks_the_store_once_a_second():
    store, clock = Store(), Clock()
    ready = Readiness(store, clock)
    for _ in range(3):
        assert all(ready() for _ in range(100))
        clock.now += GOOD_FOR / 2
    assert store.asked == 2


def test_g2_an_outage_and_its_end_are_told_within_a_second():
    store, clock = Store(), Clock()
    ready = Readiness(store, clock)
    for state in (True, False, True):
        store.ready = state
        clock.now += GOOD_FOR
        assert ready() is state


def test_g2_while_one_asks_a_store_that_hangs_the_others_do_not_wait():
    store, clock = Store(), Clock()
    ready = Readiness(store, clock)
    assert ready()
    store.let.clear()
    store.reached.clear()
    clock.now += GOOD_FOR
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(ready)
        assert store.reached.wait(20)
        assert all(ready() for _ in range(40))
        store.ready = False
        store.let.set()
        assert asking.result() is False
    assert (ready(), store.asked) == (False, 2)


def test_g2_at_the_start_nobody_is_told_that_all_is_well_before_it_is_known():
    store = Store()
    store.ready = False
    store.let.clear()
    ready = Readiness(store, Clock())
    with ThreadPoolExecutor(8) as pool:
        asking = [pool.submit(ready) for _ in range(8)]
        assert store.reached.wait(20)
        store.let.set()
        assert not any(one.result() for one in asking)
    assert store.asked == 1
