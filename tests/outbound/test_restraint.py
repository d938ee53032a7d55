"""When a server is left alone: rows F4 and F6, with a clock that is handed in."""

import pytest

from cdshooks.outbound.restraint import Restraint


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def restraint(clock):
    return Restraint(clock)


def fail(restraint, clock, times, every=1.0):
    for _ in range(times):
        assert restraint.refusal() is None
        restraint.failed()
        clock.now += every


def test_f6_five_failures_within_ten_seconds_open_the_breaker(restraint, clock):
    fail(restraint, clock, 4)
    assert restraint.refusal() is None
    restraint.failed()
    assert "again and again" in restraint.refusal()


def test_f6_five_failures_over_a_longer_time_do_not(restraint, clock):
    fail(restraint, clock, 20, every=2.6)
    assert restraint.refusal() is None


def test_f6_a_success_between_them_begins_the_count_anew(restraint, clock):
    """A server that fails one call in five still serves the other four."""
    for _ in range(20):
        fail(restraint, clock, 4, every=0.1)
        restraint.succeeded()
    assert restraint.refusal() is None


def test_f6_after_five_seconds_one_call_tries_and_the_others_wait(restraint, clock):
    fail(restraint, clock, 5, every=0)
    clock.now += 4.9
    assert restraint.refusal() is not None
    clock.now += 0.1
    assert restraint.refusal() is None
    assert restraint.refusal() is not None
    restraint.failed()
    clock.now += 4.9
    assert restraint.refusal() is not None
    clock.now += 0.1
    assert restraint.refusal() is None
    restraint.succeeded()
    assert [restraint.refusal() for _ in range(3)] == [None] * 3


def test_f6_a_try_that_never_reports_does_not_shut_the_server_out(restraint, clock):
    fail(restraint, clock, 5, every=0)
    clock.now += 5
    assert restraint.refusal() is None
    clock.now += 5
    assert restraint.refusal() is None


@pytest.mark.parametrize(
    ("told", "seconds"),
    [(None, 1), (0, 1), (0.5, 1), (5, 5), (31.5, 31.5), (32, 32), (3600, 32)],
)
def test_f4_a_server_that_asks_for_less_is_left_alone_for_1_to_32_seconds(
    restraint, clock, told, seconds
):
    restraint.pause(told)
    clock.now += seconds - 0.01
    assert "called less" in restraint.refusal()
    assert "called less" in restraint.paused()
    clock.now += 0.01
    assert restraint.refusal() is restraint.paused() is None


def test_f4_it_is_left_alone_for_twice_as_long_each_time(restraint, clock):
    lengths = []
    for _ in range(7):
        restraint.pause(None)
        restraint.pause(None)  # the other searches of that call hear the same
        restraint.succeeded()
        began = clock.now
        while restraint.paused():
            clock.now += 0.5
        lengths.append(clock.now - began)
    assert lengths == [1, 2, 4, 8, 16, 32, 32]
    restraint.succeeded()
    restraint.pause(None)
    clock.now += 1
    assert restraint.paused() is None
