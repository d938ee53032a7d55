"""Who waits, who is sent away and who is next, with threads that work when the test says so."""

import asyncio
import threading

import pytest

from cdshooks.faces.web import rsgi
from cdshooks.faces.web.answers import OverShare, Saturated
from cdshooks.faces.web.lanes import STRANGERS, Lanes
from cdshooks.faces.web.rsgi import AwaitedBody
from cdshooks.faces.web.turns import Turns, away
from cdshooks.settings import Settings
from tests.faces.web.test_rsgi import Exchange, chunk, echo, scope
from tests.faces.web.trusted import SERVICE, client, issuer, token


class Gate:
    """Work that ends when it is let through; `began` lists who has begun, in order."""

    def __init__(self, turns):
        self.turns, self.began, self._open = turns, [], threading.Semaphore(0)

    def call(self, lane):
        def work():
            self.began.append(lane)
            assert self._open.acquire(timeout=20)
            return lane

        return asyncio.create_task(self.turns.take(lane, work))

    async def settle(self, begun):
        while len(self.began) < begun:  # noqa: ASYNC110  a thread appends to it
            await asyncio.sleep(0)

    def release(self, count):
        self._open.release(count)


def run(scenario, *, threads, queue, share):
    async def all_of_it():
        turns = Turns(threads, queue, share)
        try:
            return await scenario(Gate(turns))
        finally:
            turns.close()

    return asyncio.run(all_of_it())


def test_d9_a_client_over_its_share_is_sent_away_and_others_still_wait_their_turn():
    async def scenario(gate):
        noisy = [gate.call("noisy") for _ in range(6)]
        quiet = gate.call("quiet")
        await gate.settle(2)
        gate.release(7)
        return await asyncio.gather(*noisy, quiet, return_exceptions=True)

    *noisy, quiet = run(scenario, threads=2, queue=9, share=3)
    assert noisy[:4] == ["noisy"] * 4  # one is worked on, three wait
    assert [type(one) for one in noisy[4:]] == [OverShare] * 2
    assert quiet == "quiet"


def test_d9_when_the_queue_of_all_is_full_everybody_is_told_to_come_back():
    async def scenario(gate):
        calls = [gate.call(f"client-{number}") for number in range(5)]
        await gate.settle(2)
        gate.release(5)
        return await asyncio.gather(*calls, return_exceptions=True)

    *served, late = run(scenario, threads=2, queue=2, share=2)
    assert served == [f"client-{number}" for number in range(4)]
    assert isinstance(late, Saturated)


def test_d9_a_client_computes_one_call_at_a_time_in_their_order():
    """Each thread that computes slows the others, of this client and of the rest."""

    async def scenario(gate):
        noisy = [gate.call("noisy") for _ in range(3)]
        await gate.settle(1)
        quiet = gate.call("quiet")
        await gate.settle(2)
        began = [list(gate.began)]
        gate.release(1)
        await gate.settle(3)
        began.append(list(gate.began))
        gate.release(3)
        await asyncio.gather(*noisy, quiet)
        return began

    began = run(scenario, threads=4, queue=9, share=9)
    assert began == [["noisy", "quiet"], ["noisy", "quiet", "noisy"]]


class Panic(BaseException):
    """As a library in Rust raises where it gives up."""


@pytest.mark.parametrize("error", [ValueError, StopIteration, Panic, SystemExit])
def test_whatever_ends_a_call_its_caller_hears_and_the_thread_goes_on(error):
    def broken():
        raise error

    async def scenario(gate):
        found = [gate.turns.take(lane, broken) for lane in ("one", "one", "other", "third")]
        ended = await asyncio.gather(*found, return_exceptions=True)
        return ended, await gate.turns.take("one", lambda: "well")

    ended, after = run(scenario, threads=2, queue=9, share=9)
    assert {type(one) for one in ended} == {ValueError if error is ValueError else RuntimeError}
    assert after == "well"


def test_d9_a_call_that_waits_for_a_server_lets_the_next_of_its_client_compute():
    """But never on the last free thread, which is kept for another client."""
    began, back = [], threading.Semaphore(0)

    def fetching():
        with away():
            began.append("fetching")
            assert back.acquire(timeout=20)

    async def scenario(gate):
        waiting = [asyncio.create_task(gate.turns.take("noisy", fetching)) for _ in range(5)]
        while len(began) < 3 or gate.turns._computing:  # noqa: ASYNC110  threads change them
            await asyncio.sleep(0)
        beside = len(began)
        gate.release(1)
        quiet = await gate.call("quiet")
        back.release(5)
        await asyncio.gather(*waiting)
        return beside, quiet, len(began), dict(gate.turns._computing)

    assert run(scenario, threads=4, queue=9, share=9) == (3, "quiet", 5, {})


def test_to_be_away_is_nothing_outside_of_a_thread_that_answers():
    with away():
        assert threading.current_thread().name != "answer"


def test_d9_clients_take_turns_however_many_calls_each_has_waiting():
    async def scenario(gate):
        calls = [gate.call("first")]
        await gate.settle(1)
        calls += [gate.call("noisy") for _ in range(4)] + [gate.call("quiet") for _ in range(2)]
        await asyncio.sleep(0)
        for begun in range(1, 8):
            gate.release(1)
            await gate.settle(min(begun + 1, 7))
        await asyncio.gather(*calls)
        return gate.began[1:]

    began = run(scenario, threads=1, queue=9, share=9)
    assert began == ["noisy", "quiet", "noisy", "quiet", "noisy", "noisy"]


def test_d9_one_thread_and_one_client_is_all_that_is_needed():
    async def scenario(gate):
        calls = [gate.call("only") for _ in range(3)]
        gate.release(3)
        return await asyncio.gather(*calls)

    assert run(scenario, threads=1, queue=2, share=2) == ["only"] * 3


def test_an_error_is_for_who_waits_and_a_caller_that_left_costs_no_thread():
    async def scenario(gate):
        def breaks():
            raise ValueError("of the work")

        with pytest.raises(ValueError, match="of the work"):
            await gate.turns.take("a", breaks)
        left = gate.call("a")
        await gate.settle(1)
        left.cancel()
        gate.release(2)
        return await gate.call("a")

    assert run(scenario, threads=1, queue=1, share=1) == "a"


def test_d12_lanes_that_are_empty_are_forgotten():
    async def scenario(gate):
        gate.release(500)
        for number in range(500):
            await gate.call(f"10.0.0.{number}")
        await asyncio.sleep(0)
        return [len(kept) for kept in vars(gate.turns).values() if isinstance(kept, dict)]

    assert run(scenario, threads=2, queue=1, share=1) == [0, 0, 0]


# ---- in front of the application -----------------------------------------------------------------


def test_d9_over_its_share_a_caller_gets_429_after_a_pause_and_when_to_come_back(monkeypatch):
    paused = []
    gate = threading.Event()

    def slow(environ, start_response):
        gate.wait(20)
        return echo(environ, start_response)

    async def sleep(seconds):
        paused.append(seconds)

    async def flood():
        application = AwaitedBody(slow, Settings(sandbox=True, threads=1, client_queue=1))
        exchanges = [Exchange(chunk(b"{}")) for _ in range(3)]
        calls = [asyncio.create_task(application(scope(), one)) for one in exchanges]
        await calls[2]
        probe = Exchange(chunk(b""))
        other = Exchange(chunk(b"{}"))
        neighbour = asyncio.create_task(application(scope(client="127.0.0.2:1"), other))
        gate.set()
        await application(scope("/healthz", "GET"), probe)
        await asyncio.gather(*calls, neighbour)
        return [*exchanges, other, probe]

    monkeypatch.setattr(rsgi.asyncio, "sleep", sleep)
    exchanges = asyncio.run(flood())
    assert [one.status for one in exchanges] == [200, 200, 429, 200, 200]
    assert exchanges[2].headers["retry-after"] == "1"
    assert exchanges[2].issue["code"] == "throttled"
    assert paused == [rsgi.PAUSE]


def test_d9_health_and_readiness_need_no_thread_that_answers():
    gate = threading.Event()

    def slow(environ, start_response):
        if environ["PATH_INFO"] not in ("/healthz", "/readyz"):
            gate.wait(20)
        return echo(environ, start_response)

    async def flood():
        application = AwaitedBody(slow, Settings(sandbox=True, threads=1, queue=0))
        busy = Exchange(chunk(b"{}"))
        call = asyncio.create_task(application(scope(), busy))
        await asyncio.sleep(0)
        probes = [Exchange(chunk(b"")) for _ in range(2)]
        for path, probe in zip(("/healthz", "/readyz"), probes, strict=True):
            await application(scope(path, "GET"), probe)
        gate.set()
        await call
        return [one.status for one in (*probes, busy)]

    assert asyncio.run(flood()) == [200, 200, 200]


def test_d9_a_call_waits_with_those_of_the_client_that_its_token_names(tmp_path):
    clients = (client(tmp_path, "north"), client(tmp_path, "south"))
    lanes = Lanes.of(Settings(clients=clients, public_base="https://cds.example.org"))
    assert lanes.lane(token("north", SERVICE), "10.0.0.1") == "north"
    assert lanes.lane(token("south", SERVICE, signer="north"), "10.0.0.1") == "south"
    assert lanes.lane(token("nobody", SERVICE), "10.0.0.1") == STRANGERS
    assert issuer("north") in lanes.clients


@pytest.mark.parametrize(
    "authorization",
    [
        *(None, "", "Bearer", "Bearer a.b.c", "Basic YTpi", "Bearer a.!!!.c", "Bearer ..", "é.é.é"),
        "Bearer a.bnVsbA.c",  # null
        "Bearer a.eyJpc3MiOlsxXX0.c",  # {"iss":[1]}
        "Bearer a." + "W1tb" * 3_000 + ".c",  # [[[[
        "Bearer a." + "e" * 20_000,
    ],
)
def test_d9_whatever_stands_for_a_token_its_sender_is_a_stranger(tmp_path, authorization):
    clients = (client(tmp_path, "north"),)
    lanes = Lanes.of(Settings(clients=clients, public_base="https://cds.example.org"))
    assert lanes.lane(authorization, "10.0.0.1") == STRANGERS


def test_d9_in_a_sandbox_each_address_has_a_share():
    assert Lanes.of(Settings(sandbox=True)).lane("Bearer a.b.c", "127.0.0.2") == "127.0.0.2"
