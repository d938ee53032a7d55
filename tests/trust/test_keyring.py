"""The public keys of clients: kept, refreshed beside their use, and replaced by good ones only."""

import itertools
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, as_completed, wait
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey

from cdshooks.clients.client import Client
from cdshooks.errors import FetchFailed, SettingsInvalid
from cdshooks.outbound.target import Target
from cdshooks.trust import keyring
from cdshooks.trust.keyring import COOLDOWN, HARD_AGE, SOFT_AGE, STALE_AGE, KeyRing

JKU = Target("https://ehr.example/jwks.json")
CLIENT = Client("ehr", "https://ehr.example", jku=JKU)
KEYS = {
    kid: ECKey.generate_key("P-384", {"kid": kid}, private=True)
    for kid in ("old", "new", "newest", "a/+=")
}


def jwks(*kids: str) -> bytes:
    return jwk_set(*(KEYS[kid].as_dict(private=False) for kid in kids))


def jwk_set(*keys: dict[str, Any]) -> bytes:
    return json.dumps({"keys": keys}).encode()


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Publisher:
    """What is at the `jku` of a client: a body, or a failure. Counts who asks, and when."""

    def __init__(self, clock: Clock, answer: bytes | FetchFailed | Callable[[], bytes]):
        self.answer, self._clock = answer, clock
        self.asked: list[float] = []
        self.targets: list[Target] = []

    def __call__(self, target: Target) -> bytes:
        self.asked.append(self._clock())
        self.targets.append(target)
        answer = self.answer
        if isinstance(answer, FetchFailed):
            raise answer
        return answer() if callable(answer) else answer


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Callers wait long enough for a busy machine; every fetch has ended when a test has."""
    monkeypatch.setattr(keyring, "WAIT", 20.0)
    yield
    settle()


def settle() -> None:
    for thread in threading.enumerate():
        if thread.name == "keys":
            thread.join()


def ring(
    answer: bytes | FetchFailed | Callable[[], bytes], client: Client = CLIENT
) -> tuple[Callable[[str], bool], Publisher, Clock]:
    """Whether a key ring has the key of a kid; where its keys come from; its clock."""
    clock = Clock()
    publisher = Publisher(clock, answer)
    keys = KeyRing([client], publisher, clock)

    def has(kid: str) -> bool:
        key = keys.key(client, kid)
        assert key is None or key.kid == kid
        return key is not None

    return has, publisher, clock


DOWN = FetchFailed("the document", "no answer in time")


# ---- fetched, kept, refreshed -------------------------------------------------------------------


def test_p112_keys_are_fetched_on_first_need_from_the_registered_url_and_kept():
    has, publisher, clock = ring(jwks("old", "a/+="))
    assert publisher.asked == []
    assert all(has(kid) for kid in ["old", "a/+=", "old", "old"])
    assert publisher.targets == [JKU]
    clock.now += SOFT_AGE - 1
    assert has("old")
    settle()
    assert len(publisher.asked) == 1


def test_p111_a_kid_is_compared_and_nothing_else():
    has, _, _ = ring(jwks("old"))
    assert has("old")
    assert not any(has(kid) for kid in ["OLD", "old ", "", "ol", "*", "../old", "old\0"])


def test_b9_a_key_in_use_is_refreshed_without_holding_anybody_up():
    has, publisher, clock = ring(jwks("old"))
    assert has("old")
    clock.now += SOFT_AGE
    ready = threading.Event()
    publisher.answer = lambda: jwks("new") if ready.wait(20) else b""
    assert has("old")  # while the fetch is still going on
    assert has("old")
    ready.set()
    settle()
    assert len(publisher.asked) == 2
    assert has("new")
    assert not has("old")


def test_p112_a_client_without_keys_and_a_stranger_have_none():
    keys = KeyRing([CLIENT, Client("bare", "https://bare.example")], lambda _: jwks("old"))
    assert keys.key(Client("bare", "https://bare.example"), "old") is None
    assert keys.key(Client("stranger", "https://ehr.example", jku=JKU), "old") is None


def test_b5_the_keys_of_one_client_are_not_those_of_another():
    other = Client("other", "https://other.example", jku=Target("https://other.example/jwks"))
    published = {JKU: jwks("old"), other.jku: jwks("new")}
    keys = KeyRing([CLIENT, other], published.__getitem__)
    assert keys.key(CLIENT, "old")
    assert keys.key(other, "new")
    assert keys.key(CLIENT, "new") is None
    assert keys.key(other, "old") is None


# ---- rotation and floods ------------------------------------------------------------------------


def together(threads: int, count: int, work: Callable[[int], bool]) -> list[bool]:
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, range(count)))


def test_b9_a_rotation_under_load_refuses_nobody_and_is_one_fetch():
    """Requests of the old key and of the new one come mixed, 200 of them on 8 threads."""
    has, publisher, clock = ring(jwks("old"))
    assert has("old")
    clock.now += COOLDOWN
    publisher.answer = jwks("old", "new")
    assert all(together(8, 200, lambda number: has(["old", "new"][number % 2])))
    assert len(publisher.asked) == 2

    clock.now += COOLDOWN  # and then the old one is taken away
    publisher.answer = jwks("new", "newest")
    assert all(together(8, 200, lambda number: has(["new", "newest"][number % 2])))
    assert not any(together(8, 200, lambda _: has("old")))
    assert len(publisher.asked) == 3


def test_b9_all_that_wait_for_a_fetch_share_what_it_brings():
    """The fetch answers only when all eight are on their way to the key."""
    coming = threading.Barrier(9)

    def answer() -> bytes:
        coming.wait(20)
        return jwks("old")

    has, publisher, _ = ring(answer)

    def come(number: int) -> bool:
        others = threading.Thread(target=coming.wait, args=(20,))
        others.start()
        found = has("old")
        others.join()
        return found

    assert all(together(8, 8, come))
    assert len(publisher.asked) == 1


def test_b9_a_flood_of_unknown_kids_is_one_fetch_a_cooldown():
    has, publisher, clock = ring(jwks("old"))
    for _ in range(10):
        assert not any(together(8, 100, lambda number: has(f"unknown {number}")))
        assert has("old")
        clock.now += COOLDOWN / 5
    assert publisher.asked == [1_000.0, 1_000.0 + COOLDOWN]


def test_b9_the_cooldown_counts_from_the_start_of_the_last_attempt_also_a_failed_one():
    has, publisher, clock = ring(DOWN)
    for seconds in [0.0, COOLDOWN - 1, 1.0, COOLDOWN - 0.1, 0.1]:
        clock.now += seconds
        assert not has("old")
    assert publisher.asked == [1_000.0, 1_000.0 + COOLDOWN, 1_000.0 + 2 * COOLDOWN]


def test_b9_a_fetch_that_outlasts_the_cooldown_stays_the_only_one(monkeypatch):
    monkeypatch.setattr(keyring, "WAIT", 0.01)
    ready = threading.Event()
    has, publisher, clock = ring(lambda: jwks("old") if ready.wait(20) else b"")
    for _ in range(4):
        assert not has("old")
        clock.now += COOLDOWN
    assert len(publisher.asked) == 1
    ready.set()
    settle()
    assert has("old")


def test_b8_a_call_with_an_unknown_kid_waits_a_third_of_a_second_and_no_longer(monkeypatch):
    monkeypatch.undo()
    assert keyring.WAIT == 0.3
    ready = threading.Event()
    has, _, _ = ring(lambda: jwks("old") if ready.wait(20) else b"")
    began = time.monotonic()
    assert not has("old")
    assert 0.3 <= time.monotonic() - began < 5
    ready.set()


def test_b8_of_40_unknown_kids_one_waits_for_a_key_server_that_hangs():
    """The first outage is found out by those that are there; later 39 of 40 return at once."""
    has, publisher, clock = ring(jwks("old"))
    assert has("old")
    publisher.answer = DOWN
    clock.now += COOLDOWN
    assert not has("unknown")
    settle()
    ready = threading.Event()
    publisher.answer = lambda: jwks("old") if ready.wait(20) else b""
    clock.now += COOLDOWN
    with ThreadPoolExecutor(40) as pool:
        calls = [pool.submit(has, f"unknown {number}") for number in range(40)]
        returned = [call.result() for call in itertools.islice(as_completed(calls, 10), 39)]
        assert [call.done() for call in calls].count(False) == 1
        assert has("old")
        ready.set()
    assert returned == [False] * 39
    assert len(publisher.asked) == 3


def test_b8_nobody_waits_for_a_fetch_that_has_already_taken_too_long():
    ready = threading.Event()
    has, publisher, clock = ring(lambda: jwks("old") if ready.wait(20) else b"")
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(has, "old")
        while not publisher.asked:
            time.sleep(0.001)
        clock.now += keyring.WAIT
        assert not any(together(8, 40, lambda number: has(f"unknown {number}")))
        assert not first.done()
        ready.set()
        assert first.result()
    assert len(publisher.asked) == 1


def test_b8_a_key_server_that_answers_in_time_again_is_waited_for_by_all_again():
    has, publisher, clock = ring(DOWN)
    assert not has("old")
    publisher.answer = jwks("old")
    clock.now += COOLDOWN
    assert has("old")
    settle()
    clock.now += COOLDOWN
    ready = threading.Event()
    publisher.answer = lambda: jwks("new") if ready.wait(20) else b""
    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(has, "new") for _ in range(8)]
        assert not wait(calls, 0.1, FIRST_COMPLETED).done
        ready.set()
        assert all(call.result() for call in calls)


# ---- withdrawn keys -----------------------------------------------------------------------------


def test_b9_a_key_withdrawn_while_its_client_was_silent_is_refused_at_its_first_use():
    has, publisher, clock = ring(jwks("old"))
    assert has("old")
    publisher.answer = jwks("new")
    clock.now += 23 * 3600
    assert not any(together(5, 5, lambda _: has("old")))
    assert has("new")
    assert len(publisher.asked) == 2


@pytest.mark.parametrize("age", [STALE_AGE, HARD_AGE - 1])
def test_b8_a_key_that_was_not_looked_at_for_long_is_used_if_the_fetch_fails(age):
    has, publisher, clock = ring(jwks("old"))
    assert has("old")
    publisher.answer = DOWN
    clock.now += age
    assert [has("old") for _ in range(5)] == [True] * 5
    assert len(publisher.asked) == 2


def test_b8_a_key_that_was_not_looked_at_for_long_is_used_if_the_fetch_hangs(monkeypatch):
    has, publisher, clock = ring(jwks("old"))
    assert has("old")
    monkeypatch.setattr(keyring, "WAIT", 0.01)
    ready = threading.Event()
    publisher.answer = lambda: jwks("new") if ready.wait(20) else b""
    clock.now += STALE_AGE
    assert has("old")
    ready.set()
    settle()
    assert not has("old")


def test_b9_up_to_twice_the_soft_age_nobody_waits():
    has, publisher, clock = ring(jwks("old"))
    assert has("old")
    ready = threading.Event()
    publisher.answer = lambda: jwks("new") if ready.wait(20) else b""
    clock.now += STALE_AGE - 1
    assert has("old")
    ready.set()


# ---- outages and broken sets --------------------------------------------------------------------


def test_b8_an_outage_of_a_day_refuses_no_known_key_and_then_every_key():
    has, publisher, clock = ring(jwks("old"))
    assert has("old")
    publisher.answer = DOWN
    steps = int(HARD_AGE / COOLDOWN) - 1
    for step in range(steps):
        clock.now += COOLDOWN
        assert has("old")
        if step % 100 == 0:
            assert not has("new")
        settle()
    assert len(publisher.asked) <= steps + 1
    clock.now = 1_000.0 + HARD_AGE
    assert not has("old")
    clock.now += COOLDOWN
    publisher.answer = jwks("old")
    assert has("old")


P256 = ECKey.generate_key("P-256", {"kid": "old"}, private=True).as_dict(private=False)
OLD, OLD_PRIVATE = (KEYS["old"].as_dict(private=private) for private in (False, True))
NEW = KEYS["new"].as_dict(private=False)

BROKEN = {
    "empty body": b"",
    "html": b"<!doctype html><title>Sign in</title>",
    "cut off": jwks("old")[:-9],
    "an array": b"[]",
    "no keys member": b"{}",
    "keys is null": b'{"keys": null}',
    "no keys": b'{"keys": []}',
    "not UTF-8": b'{"keys": [], "\xff": 1}',
    "nested": b'{"keys": ' + b"[" * 100_000,
    "10 MB": jwks("old").ljust(10_000_000),
    "one kid twice": jwk_set(OLD, NEW | {"kid": "old"}),
    "a member twice": jwks("old").replace(b'{"keys"', b'{"keys": [], "keys"', 1),
    "private keys": jwk_set(OLD_PRIVATE),
    "weak keys": jwk_set(P256),
    "a symmetric key": jwk_set({"kty": "oct", "kid": "old", "k": "AAAA"}),
    "keys without kid": jwk_set({k: v for k, v in OLD.items() if k != "kid"}),
}
FAILED = {
    "no answer": DOWN,
    "500": FetchFailed("the document", "the server answered 500", 500),
    "too large": FetchFailed("the document", "the answer is too large"),
}
EITHER = BROKEN | FAILED


@pytest.mark.parametrize("answer", EITHER.values(), ids=EITHER)
def test_b8_what_is_no_usable_set_replaces_nothing_and_a_good_one_does(answer, caplog):
    has, publisher, clock = ring(jwks("old"))
    assert has("old")
    publisher.answer = answer
    clock.now += SOFT_AGE
    assert has("old")
    settle()
    assert has("old")
    assert not has("new")
    assert caplog.text.count("client ehr: its keys were not fetched: ") == 1
    clock.now += COOLDOWN
    publisher.answer = jwks("new")
    assert has("new")
    assert not has("old")


@pytest.mark.parametrize("answer", EITHER.values(), ids=EITHER)
def test_b8_what_is_no_usable_set_is_no_first_set_either(answer):
    has, _, _ = ring(answer)
    assert not has("old")


def test_b8_a_key_that_its_owner_gave_away_is_dropped_from_a_set_with_a_good_one():
    has, publisher, clock = ring(jwks("old", "new"))
    assert has("old")
    publisher.answer = json.dumps(
        {"keys": [OLD_PRIVATE, KEYS["new"].as_dict(private=False)]}
    ).encode()
    clock.now += SOFT_AGE
    assert has("new")
    settle()
    assert has("new")
    assert not has("old")


# ---- files --------------------------------------------------------------------------------------


def never(_: Target) -> bytes:
    raise AssertionError("a client with a file is never asked for its keys")


def from_file(path: Path, clock: Callable[[], float] = time.monotonic) -> Callable[[str], bool]:
    client = Client("ehr", "https://ehr.example", jwks_file=path, jku=JKU)
    keys = KeyRing([client], never, clock)
    return lambda kid: keys.key(client, kid) is not None


def write(path: Path, body: bytes) -> None:
    """Write with a time of its own, whatever the clock of the file system can tell apart."""
    path.write_bytes(body)
    write.count += 1
    os.utime(path, ns=(0, write.count * 1_000_000_000))


write.count = 0


def test_p112_keys_of_a_file_are_read_at_the_start_and_again_when_it_changes(tmp_path):
    path = tmp_path / "jwks.json"
    write(path, jwks("old"))
    has = from_file(path)
    assert has("old")
    assert not has("new")
    write(path, jwks("new"))
    assert has("new")
    assert not has("old")


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_p112_a_new_version_that_cannot_be_used_leaves_the_old_keys(tmp_path, body, caplog):
    path = tmp_path / "jwks.json"
    write(path, jwks("old"))
    has = from_file(path)
    write(path, body)
    assert [has("old") for _ in range(5)] == [True] * 5
    assert caplog.text.count("client ehr: its key file was not taken") == 1
    write(path, jwks("new"))
    assert has("new")


def test_p112_a_file_that_is_away_for_a_while_leaves_the_old_keys(tmp_path, caplog):
    path = tmp_path / "jwks.json"
    write(path, jwks("old"))
    has = from_file(path)
    path.rename(tmp_path / "away")
    assert [has("old") for _ in range(5)] == [True] * 5
    assert caplog.text.count("its key file was not taken: FileNotFoundError") == 1
    (tmp_path / "away").rename(path)
    assert has("old")
    write(path, jwks("new"))
    assert has("new")


@pytest.mark.parametrize("body", [None, b'{"keys": []}'], ids=["removed", "emptied"])
def test_b9_keys_of_a_file_that_was_removed_or_emptied_are_used_for_a_day_at_most(tmp_path, body):
    """The day begins when the file was last seen to be good, not when somebody looked again."""
    path, clock = tmp_path / "jwks.json", Clock()
    write(path, jwks("old"))
    has = from_file(path, clock)
    clock.now += 10 * HARD_AGE
    assert has("old")
    path.unlink() if body is None else write(path, body)
    clock.now += HARD_AGE - 1
    assert has("old")
    clock.now += 1
    assert not has("old")
    write(path, jwks("old"))
    assert has("old")


@pytest.mark.parametrize("body", [None, *BROKEN.values()], ids=["no file", *BROKEN])
def test_p112_a_file_that_cannot_be_used_at_the_start_is_a_setting_refused(tmp_path, body):
    path = tmp_path / "jwks.json"
    if body is not None:
        write(path, body)
    with pytest.raises(SettingsInvalid, match=r"clients\.ehr\.jwks_file: "):
        from_file(path)
