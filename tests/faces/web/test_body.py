"""What anybody can make the service keep in memory: little of a stranger, and so much of all."""

import asyncio
import threading

import pytest

from cdshooks.errors import CallerUnknown
from cdshooks.faces.web import rsgi
from cdshooks.faces.web.answers import refused
from cdshooks.faces.web.body import LARGEST_AT_ONCE, STRANGERS_AT_MOST
from cdshooks.faces.web.rsgi import AwaitedBody
from cdshooks.settings import Settings
from tests.faces.web.test_rsgi import BREAKS_OFF, Exchange, call, chunk, echo, scope

SERVICE = "/cds-services/net"
LARGE = b"x" * (STRANGERS_AT_MOST // 2 + 1)
SERVED = {"sandbox": False, "max_body_bytes": 10 * STRANGERS_AT_MOST}


# ---- strangers -----------------------------------------------------------------------------------


def two_chunks():
    return Exchange(chunk(LARGE, more=True), chunk(LARGE))


@pytest.mark.parametrize("path", [SERVICE, f"/{SERVICE}//", "/cds-services/other/feedback"])
def test_d1_p119_a_large_body_without_a_token_is_401_like_a_small_one(path):
    announced = call(two_chunks(), scope(path, content_length=str(2 * len(LARGE))), **SERVED)
    sent = call(two_chunks(), scope(path), **SERVED)
    for exchange in (announced, sent):
        assert (exchange.status, exchange.headers["www-authenticate"]) == (401, "Bearer")
        assert exchange.body == refused(CallerUnknown("absent")).body
    assert (announced.received, sent.received) == (0, 2)


@pytest.mark.parametrize("path", ["/nowhere", "/", "/cds-services", "/healthz", "/cds-servicesx/a"])
@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer x"}])
def test_d1_where_no_body_is_taken_a_large_one_is_413_whoever_sends_it(path, headers):
    assert call(two_chunks(), scope(path, **headers), **SERVED).status == 413


def test_d1_a_body_up_to_the_limit_of_strangers_is_read_and_answered_by_the_application():
    largest = Exchange(chunk(b"x" * STRANGERS_AT_MOST))
    assert call(largest, scope("/nowhere"), **SERVED).status == 200


def test_d1_a_call_with_a_token_may_have_a_large_body_and_so_may_any_in_a_sandbox():
    known = call(two_chunks(), scope(SERVICE, authorization="Bearer x"), **SERVED)
    assert (known.status, len(known.body)) == (200, 2 * len(LARGE))
    assert call(two_chunks(), scope(), **{**SERVED, "sandbox": True}).status == 200


# ---- all together --------------------------------------------------------------------------------

AT_MOST = 1_024


class Open(Exchange):
    """A caller whose next chunks come when the test says so."""

    def __init__(self):
        super().__init__()
        self.queue, self.task = asyncio.Queue(), None

    async def receive(self):
        return await self.queue.get()

    async def send_chunk(self, size, *, more=True):
        self.queue.put_nowait(chunk(b"x" * size, more=more))
        for _ in range(5):
            await asyncio.sleep(0)


def opened(application, count, **headers):
    exchanges = [Open() for _ in range(count)]
    for one in exchanges:
        one.task = asyncio.create_task(application(scope(**headers), one))
    return exchanges


def service(application=echo, **given):
    return AwaitedBody(application, Settings(sandbox=True, max_body_bytes=AT_MOST, **given))


def test_d1_d9_where_memory_is_short_the_largest_unfinished_body_is_given_up():
    """A few callers that never end cannot keep out the small calls of others."""

    async def crowd():
        application = service()
        idle = opened(application, LARGEST_AT_ONCE)
        for number, one in enumerate(idle):
            await one.send_chunk(AT_MOST - number)
        small = opened(application, 3)
        for one in small:
            await one.send_chunk(AT_MOST // 4, more=False)
            await one.task
        await idle[0].task
        await idle[1].send_chunk(0, more=False)
        await idle[1].task
        for one in idle[2:]:
            one.task.cancel()
        return [one.status for one in small], idle[0], idle[1].status

    small, largest, other = asyncio.run(crowd())
    assert small == [200, 200, 200]
    assert (largest.status, largest.headers["retry-after"]) == (503, "1")
    assert largest.issue["code"] == "throttled"
    assert other == 200


def test_d1_d9_nobody_takes_the_room_of_others_by_announcing_a_large_body():
    """However many do: what has not come counts only as long as there is plenty of room."""

    async def crowd():
        application, largest = service(), {"content_length": str(AT_MOST)}
        idle = opened(application, 5 * LARGEST_AT_ONCE, **largest)
        await asyncio.sleep(0)
        for one in opened(application, 3 * LARGEST_AT_ONCE, **largest):
            await one.send_chunk(AT_MOST // 2)
            await one.send_chunk(AT_MOST // 2, more=False)
            await one.task
            assert one.status == 200
        for one in idle:
            await one.send_chunk(AT_MOST, more=False)
            await one.task
        return {one.status for one in idle}

    assert asyncio.run(crowd()) == {200}


def test_d1_d9_one_that_announced_its_length_is_given_up_too():
    async def crowd():
        application = service()
        (announced,) = opened(application, 1, content_length=str(AT_MOST))
        await announced.send_chunk(1)
        small = opened(application, 7)
        for one in small:
            await one.send_chunk(AT_MOST // 2)
        await announced.task
        for one in small:
            await one.send_chunk(1, more=False)
            await one.task
        return announced, {one.status for one in small}

    announced, small = asyncio.run(crowd())
    assert (announced.status, announced.issue["code"]) == (503, "throttled")
    assert small == {200}


def test_d1_where_no_body_is_announced_none_is_waited_for():
    exchange, request = Exchange(), scope("/healthz", "GET")
    request.headers.items = list
    assert (call(exchange, request).status, exchange.received) == (200, 0)


def test_d1_g9_all_bodies_of_a_worker_are_never_more_than_four_of_the_largest():
    """Also those that wait or are worked on; and what was kept is free when they are answered."""
    gate = threading.Event()

    def slow(environ, start_response):
        gate.wait(20)
        return echo(environ, start_response)

    async def crowd():
        application = service(slow, threads=LARGEST_AT_ONCE)
        working = opened(application, LARGEST_AT_ONCE)
        for one in working:
            await one.send_chunk(AT_MOST, more=False)
        (late,) = opened(application, 1)
        await late.send_chunk(1, more=False)
        await late.task
        gate.set()
        await asyncio.gather(*(one.task for one in working))
        again = opened(application, LARGEST_AT_ONCE)
        for one in again:
            await one.send_chunk(AT_MOST, more=False)
        await asyncio.gather(*(one.task for one in again))
        return [one.status for one in (*working, late, *again)]

    assert asyncio.run(crowd()) == [200] * 4 + [503] + [200] * 4


def test_g9_a_body_that_is_refused_or_breaks_off_leaves_no_memory_taken():
    async def one_after_another():
        application = service(body_seconds=0.01)
        for messages in (
            [chunk(b"x" * AT_MOST, more=True)],
            [chunk(b"x" * (AT_MOST + 1))],
            [chunk(b"x" * AT_MOST, more=True), BREAKS_OFF],
        ) * (2 * LARGEST_AT_ONCE):
            exchange = Exchange(*messages)
            await application(scope(), exchange)
            assert exchange.status in (400, 408, 413)
        last = Exchange(chunk(b"x" * AT_MOST))
        await application(scope(), last)
        return last.status

    assert asyncio.run(one_after_another()) == 200


# ---- too late ------------------------------------------------------------------------------------


def test_d9_f1_a_call_that_waited_too_long_is_503_and_costs_no_work(monkeypatch):
    gate, begun, worked_on = threading.Event(), threading.Event(), []

    def slow(environ, start_response):
        worked_on.append(environ["PATH_INFO"])
        begun.set()
        gate.wait(20)
        return echo(environ, start_response)

    async def one_behind_the_other():
        application = service(slow, threads=1)
        first, second = opened(application, 2)
        await first.send_chunk(1, more=False)
        await asyncio.to_thread(begun.wait, 20)
        await second.send_chunk(1, more=False)
        monkeypatch.setattr(rsgi, "WAITED_AT_MOST", -1.0)  # as if that time had passed
        gate.set()
        await asyncio.gather(first.task, second.task)
        monkeypatch.undo()
        (third,) = opened(application, 1)
        await third.send_chunk(1, more=False)
        await third.task
        return first, second, third

    first, second, third = asyncio.run(one_behind_the_other())
    assert [one.status for one in (first, second, third)] == [200, 503, 200]
    assert second.headers["retry-after"] == "1"
    assert len(worked_on) == 2
    assert rsgi.WAITED_AT_MOST == 1.0
