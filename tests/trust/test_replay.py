"""The store of used tokens. Each behaviour is shown on a real SQLite, PostgreSQL and Redis."""

import multiprocessing
import os
import re
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import psycopg
import pytest
import redis

from cdshooks.errors import CallerTooFrequent, SettingsInvalid, TrustUnavailable
from cdshooks.trust.replay import UsedTokens, open_store
from cdshooks.trust.replay.limits import HOUR
from cdshooks.trust.replay.sqlite import SqliteStore
from cdshooks.trust.replay.store import SPARE_SECONDS
from tests.peers.conftest import ROOT
from tests.peers.stores import Server, redis_server
from tests.trust.conftest import empty_store, new_database
from tests.trust.race import ISSUER, UNTIL

SOAK = os.environ.get("SOAK") == "1"
PATIENT = 30.0  # seconds for an answer, where a busy machine is not what is tested
NOW = UNTIL - 300

pytestmark = pytest.mark.xdist_group("stores")


class Clock:
    """The time of day, as far as a store is told."""

    def __init__(self, now: float = NOW):
        self.now = now

    def __call__(self) -> float:
        return self.now


@contextmanager
def opened(url: str, clock: Clock | None = None, **limits: float) -> Iterator[UsedTokens]:
    tokens = open_store(url, now=clock or Clock(), **{"seconds": PATIENT} | limits)  # type: ignore[arg-type]
    try:
        yield tokens
    finally:
        tokens.close()


# ---- the first use wins -------------------------------------------------------------------------


def test_p117_b6_a_token_is_used_once(store_url):
    with opened(store_url) as tokens:
        assert [tokens.first_use(ISSUER, "a", UNTIL) for _ in range(3)] == [True, False, False]
        assert tokens.first_use(ISSUER, "b", UNTIL)


def test_p117_two_issuers_may_choose_the_same_jti(store_url):
    pairs = [("https://a.example", "1"), ("https://b.example", "1"), ("https://a.example1", "")]
    with opened(store_url) as tokens:
        assert [tokens.first_use(*pair, UNTIL) for pair in pairs] == [True, True, True]
        assert [tokens.first_use(*pair, UNTIL) for pair in pairs] == [False, False, False]


STRANGE = ["", "'; DROP TABLE cdshooks_used_tokens; --", "\0", "\ud800", "😀", "%s", "x" * 65_536]


def test_p117_any_text_can_be_a_jti(store_url):
    with opened(store_url) as tokens:
        assert [tokens.first_use(ISSUER, jti, UNTIL) for jti in STRANGE] == [True] * len(STRANGE)
        assert [tokens.first_use(ISSUER, jti, UNTIL) for jti in STRANGE] == [False] * len(STRANGE)


def test_b6_a_token_stays_used_after_a_restart(store_url):
    with opened(store_url) as tokens:
        assert tokens.first_use(ISSUER, "before", UNTIL)
    with opened(store_url) as tokens:
        assert not tokens.first_use(ISSUER, "before", UNTIL)


ROUNDS = 20 if SOAK else 4


def test_b6_of_50_uses_at_once_in_two_processes_exactly_one_is_first(store_url):
    with ExitStack() as ending:
        racers = [ending.enter_context(racer(store_url, threads=25)) for _ in range(2)]
        assert [said(one) for one in racers] == ["ready", "ready"]
        for number in range(ROUNDS):
            for one in racers:
                one.stdin.write(f"{number}\n")
                one.stdin.flush()
            assert sum(int(said(one)) for one in racers) == 1
    with opened(store_url) as tokens:
        assert not any(tokens.first_use(ISSUER, str(number), UNTIL) for number in range(ROUNDS))


def test_b6_nodes_that_start_together_make_one_store(store_url):
    with ExitStack() as ending:
        racers = [ending.enter_context(racer(store_url, threads=1)) for _ in range(4)]
        assert [said(one) for one in racers] == ["ready"] * 4


def test_b6_processes_that_make_one_file_at_the_same_moment_all_have_it(tmp_path):
    """SQLite refuses some of them at once, whatever time they have to wait."""
    fork = multiprocessing.get_context("fork")
    start, told = fork.Barrier(4), fork.SimpleQueue()

    def make() -> None:
        for number in range(ROUNDS * 10):
            start.wait()
            try:
                SqliteStore(f"sqlite:///{tmp_path}/{number}.db", PATIENT).close()
            except SettingsInvalid as error:
                told.put(error.args)
        told.put(None)

    makers = [fork.Process(target=make) for _ in range(4)]
    for one in makers:
        one.start()
    assert [told.get() for _ in makers] == [None] * 4
    for one in makers:
        one.join()


@contextmanager
def racer(url: str, threads: int) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.trust.race", url, str(threads)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        yield process
        process.stdin.close()


def said(process: subprocess.Popen[str]) -> str:
    return process.stdout.readline().strip()


def test_nothing_is_accepted_once_the_store_is_closed(store_url):
    with opened(store_url, seconds=0.1) as tokens:
        assert eventually(tokens.ready)
    with pytest.raises(TrustUnavailable):
        tokens.first_use(ISSUER, "late", UNTIL)


# ---- what is kept, and for how long -------------------------------------------------------------

NOT_KEPT = [NOW, NOW - 1, float("nan"), float("inf"), float("-inf"), NOW + 86_400]


@pytest.mark.parametrize("until", NOT_KEPT)
def test_b3_b7_a_token_that_is_over_or_has_no_end_is_never_a_first_use(tmp_path, until):
    with opened(f"sqlite:///{tmp_path}/used.db") as tokens:
        assert not tokens.first_use(ISSUER, "a", until)


def test_p117_a_token_is_kept_beyond_its_end_for_the_clock_of_another_node(store_url):
    clock = Clock()
    with opened(store_url, clock) as tokens:
        assert tokens.first_use(ISSUER, "a", UNTIL)
        clock.now = UNTIL + SPARE_SECONDS - 1
        for number in range(200):  # with so many the rows that are over are swept
            tokens.first_use(ISSUER, str(number), clock.now + 60)
        clock.now = UNTIL - 1  # that other node
        assert not tokens.first_use(ISSUER, "a", UNTIL)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_b7_rows_that_are_over_go_while_others_come(kind, request, tmp_path):
    url = empty_store(kind, request.getfixturevalue, tmp_path)
    clock = Clock()
    with opened(url, clock) as tokens:
        most = 0
        for number in range(1_500):
            clock.now += 1
            tokens.first_use(ISSUER, str(number), clock.now + 100)
            if number % 100 == 0:
                most = max(most, rows(url))
        assert most < 100 + SPARE_SECONDS + 100  # what is alive, spare time, and a little


def test_b7_in_redis_a_token_has_its_own_end(redis_at_work, tmp_path):
    url = empty_store("redis", lambda _: redis_at_work, tmp_path)
    with opened(url) as tokens, redis.Redis.from_url(url) as client:
        assert tokens.first_use(ISSUER, "a", NOW + 100)
        (left,) = [client.ttl(key) for key in client.keys("cdshooks:used:*") if b"ready" not in key]
        assert 100 <= left <= 100 + SPARE_SECONDS


def test_b7_a_flood_of_one_issuer_is_refused_and_hurts_no_other(store_url):
    clock = Clock(NOW - NOW % HOUR)
    until = clock.now + 2 * HOUR
    with opened(store_url, clock, tokens_an_hour=100) as tokens:
        flood = [accepted(tokens, f"flood {number}", until) for number in range(150)]
        assert flood == [True] * 100 + [None] * 50
        with pytest.raises(CallerTooFrequent):
            tokens.first_use(ISSUER, "flood 150", until)
        assert tokens.first_use("https://other.example", "1", until)
        clock.now += HOUR
        assert accepted(tokens, "an hour later", until)
        assert accepted(tokens, "flood 1", until) is False


def test_b7_replays_use_up_nothing(store_url):
    with opened(store_url, tokens_an_hour=2) as tokens:
        assert [accepted(tokens, "a", UNTIL) for _ in range(9)] == [True] + [False] * 8
        assert accepted(tokens, "b", UNTIL)


def accepted(tokens: UsedTokens, jti: str, until: float) -> bool | None:
    """None where the store cannot tell, or will not."""
    try:
        return tokens.first_use(ISSUER, jti, until)
    except (TrustUnavailable, CallerTooFrequent):
        return None


def rows(url: str) -> int:
    path = url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path) if path != url else psycopg.connect(url)) as connection:
        return int(connection.execute("SELECT count(*) FROM cdshooks_used_tokens").fetchone()[0])


@pytest.mark.bench
def test_b7_the_table_stays_bounded_and_quick(tmp_path):
    """50 tokens a second, each good for an hour: 10^6 of them are more than five hours.

    On a busy machine most of the time is the wait for a processor, which a question that asks
    nothing of the store has as well: the store may add 5 ms to that.
    """
    count = 1_000_000 if SOAK else 4_000
    clock, took, idle = Clock(), [], []
    url = f"sqlite:///{tmp_path}/used.db"
    with opened(url, clock) as tokens:
        for number in range(count):
            clock.now += 0.02
            until = clock.now + HOUR
            took.append(timed(lambda n=number, end=until: tokens.first_use(ISSUER, str(n), end)))
            if number % 10 == 0:
                idle.append(timed(lambda: tokens._asked(lambda: True)))
        kept = rows(url)
    size = sum(path.stat().st_size for path in tmp_path.iterdir())
    p50, p99, idle_p99 = (percentile(*one) for one in [(took, 50), (took, 99), (idle, 99)])
    print(f"\n{count} tokens: p50 {p50:.2f} ms, p99 {p99:.2f} ms, of which idle {idle_p99:.2f} ms")
    print(f"{kept} rows, {size} bytes")
    assert kept < 50 * (HOUR + SPARE_SECONDS) + 5_000
    assert p50 < 5
    assert p99 < 5 + idle_p99 or not SOAK


def timed(question: Callable[[], bool]) -> float:
    """Its milliseconds."""
    began = time.perf_counter()
    assert question()
    return 1000 * (time.perf_counter() - began)


def percentile(values: list[float], of_100: int) -> float:
    return sorted(values)[len(values) * of_100 // 100]


# ---- the schema ---------------------------------------------------------------------------------

DOCUMENTED = re.search(r"```sql\n(.*?)```", (ROOT / "docs/replay.md").read_text(), re.DOTALL)[1]


def test_the_documented_schema_is_the_one_that_is_made(postgresql):
    made, by_hand = new_database(postgresql), new_database(postgresql)
    with opened(made) as tokens:
        assert tokens.ready()
    with psycopg.connect(by_hand) as connection:
        connection.execute(DOCUMENTED)
    assert columns(made) == columns(by_hand)
    assert len(columns(made)) == 4


def columns(url: str) -> list[tuple[str, ...]]:
    """What the table and its indexes are made of."""
    with psycopg.connect(url) as connection:
        return connection.execute(
            "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns"
            " WHERE table_schema = 'public' UNION SELECT indexname, indexdef, '', ''"
            " FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2"
        ).fetchall()


def test_a_role_that_may_make_no_table_uses_one_that_was_made_for_it(postgresql):
    url = new_database(postgresql)
    with psycopg.connect(url) as connection:
        connection.execute(DOCUMENTED)
        connection.execute("CREATE ROLE clerk LOGIN")
        connection.execute("GRANT SELECT, INSERT, DELETE, UPDATE ON cdshooks_used_tokens TO clerk")
    with opened(url.replace("cdshooks@", "clerk@")) as tokens:
        uses = [tokens.first_use(ISSUER, str(number), UNTIL) for number in [*range(40), 0]]
    assert uses == [True] * 40 + [False]


# ---- a store that does not answer ---------------------------------------------------------------


@contextmanager
def silent(url: str, server: Server | None) -> Iterator[None]:
    """A server that is frozen; for SQLite, another process that does not let go of the file."""
    if server is not None:
        with server.frozen():
            yield
        return
    holder = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    yield
    holder.close()


SERVERS = {"sqlite": None, "postgresql": "postgresql", "redis": "redis_at_work"}


@pytest.mark.parametrize("kind", SERVERS)
def test_b6_a_silent_store_is_unavailable_soon_and_comes_back(kind, request, tmp_path, caplog):
    url = empty_store(kind, request.getfixturevalue, tmp_path)
    server = request.getfixturevalue(SERVERS[kind]) if SERVERS[kind] else None
    with opened(url, seconds=0.1) as tokens:
        assert eventually(tokens.ready)
        assert eventually(lambda: accepted(tokens, "before", UNTIL) is not None)
        with silent(url, server):
            assert min(unavailable(tokens, f"secret {number}") for number in range(5)) < 0.2
            assert not tokens.ready()
        assert eventually(tokens.ready)
        assert eventually(lambda: accepted(tokens, "before", UNTIL) is False)
        assert eventually(lambda: accepted(tokens, f"after {time.monotonic()}", UNTIL))
    assert "secret" not in caplog.text
    assert "ehr.example" not in caplog.text


@pytest.mark.parametrize("kind", ["postgresql", "redis"])
def test_b6_a_killed_store_is_unavailable_soon_and_remembers_when_it_is_back(
    kind, request, tmp_path
):
    url = empty_store(kind, request.getfixturevalue, tmp_path)
    server = request.getfixturevalue(SERVERS[kind])
    with opened(url, seconds=0.1) as tokens:
        assert eventually(lambda: accepted(tokens, "before", UNTIL) is not None)
        server.kill()
        try:
            assert min(unavailable(tokens, f"during {number}") for number in range(5)) < 0.2
            assert not tokens.ready()
        finally:
            server.start()
        assert eventually(tokens.ready)
        assert eventually(lambda: accepted(tokens, "before", UNTIL) is False)
        assert eventually(lambda: accepted(tokens, f"after {time.monotonic()}", UNTIL))


@pytest.mark.parametrize("url", ["postgresql://127.0.0.1:1/tokens", "redis://127.0.0.1:1/0"])
def test_b6_a_server_that_is_down_at_the_start_is_not_ready_and_accepts_nothing(url):
    with opened(url) as tokens:
        assert not tokens.ready()
        with pytest.raises(TrustUnavailable):
            tokens.first_use(ISSUER, "a", UNTIL)


def test_b6_a_hanging_store_is_asked_by_so_many_threads_and_no_more(tmp_path):
    url = f"sqlite:///{tmp_path}/used.db"
    with opened(url, seconds=PATIENT) as patient:  # whose questions wait for the file for long
        store = UsedTokens(patient._store, seconds=0.01, now=Clock())
        with silent(url, None):
            assert [accepted(store, str(number), UNTIL) for number in range(40)] == [None] * 40
            assert len([one for one in threading.enumerate() if one.name == "replay"]) <= 16
        assert eventually(store.ready)


def unavailable(tokens: UsedTokens, jti: str) -> float:
    """The seconds that it takes to say so."""
    began = time.monotonic()
    with pytest.raises(TrustUnavailable):
        tokens.first_use(ISSUER, jti, UNTIL)
    return time.monotonic() - began


def eventually(happens: Callable[[], object], seconds: float = 20) -> bool:
    late = time.monotonic() + seconds
    while not happens():
        if time.monotonic() > late:
            return False
        time.sleep(0.02)
    return True


@pytest.mark.parametrize(
    ("policy", "memory", "trusted"),
    [
        ("noeviction", "64mb", True),
        ("allkeys-lru", "0", True),  # without a limit nothing is evicted
        ("allkeys-lru", "64mb", False),
        ("volatile-ttl", "64mb", False),
    ],
)
def test_b6_a_redis_that_may_forget_keys_is_refused(
    redis_at_work, tmp_path, policy, memory, trusted
):
    url = empty_store("redis", lambda _: redis_at_work, tmp_path)
    with redis.Redis.from_url(url) as client, opened(url) as tokens:
        try:
            client.config_set("maxmemory", memory)
            client.config_set("maxmemory-policy", policy)
            assert tokens.ready() is trusted
            assert accepted(tokens, "a", UNTIL) is (True if trusted else None)
        finally:
            client.config_set("maxmemory", "0")
            client.config_set("maxmemory-policy", "noeviction")


def test_b6_a_full_redis_accepts_nothing(tmp_path):
    with (
        redis_server(tmp_path, "--maxmemory", "1", "--maxmemory-policy", "noeviction") as server,
        opened(server.url) as tokens,
    ):
        assert not tokens.ready()
        assert accepted(tokens, "a", UNTIL) is None


# ---- the setting --------------------------------------------------------------------------------


def test_the_sqlite_files_are_private_also_where_they_were_not(tmp_path):
    folder = tmp_path / "state"
    for _ in range(2):
        with opened(f"sqlite:///{folder}/used.db") as tokens:
            assert tokens.first_use(ISSUER, str(time.monotonic()), UNTIL)
            assert {mode(path) for path in folder.iterdir()} == {0o600}
        (folder / "used.db").chmod(0o644)
    assert mode(folder) == 0o700


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(
    ("url", "names"),
    [
        ("", "sqlite:////path"),
        ("used.db", "sqlite:////path"),
        ("mysql://root:hunter2@localhost/x", "sqlite:////path"),
        ("sqlite://", "SQLite needs a file"),
        ("sqlite:///:memory:", "SQLite needs a file"),
        ("sqlite://hunter2/used.db", "only a file is named"),
        ("sqlite:////path?hunter2=1", "only a file is named"),
        ("sqlite:////proc/1/used.db", "cannot be a SQLite file"),
        ("postgresql://hunter2@localhost:x/y", "not the URL of a database"),
        ("redis://localhost:hunter2/0", "not the URL of a Redis"),
    ],
)
def test_a_store_that_cannot_be_is_a_setting_refused_with_what_is_accepted(url, names):
    with pytest.raises(SettingsInvalid, match="replay_store: ") as refused:
        open_store(url)
    assert names in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path):
    (tmp_path / "used.db").write_text("minutes of the tumour board " * 100)
    with pytest.raises(SettingsInvalid, match="cannot be a SQLite file"):
        open_store(f"sqlite:///{tmp_path}/used.db")
    assert (tmp_path / "used.db").read_text().startswith("minutes")


@pytest.mark.parametrize(
    ("module", "url", "extra"),
    [
        ("psycopg", "postgresql://localhost/x", "cdshooks-net[postgresql]"),
        ("redis", "redis://localhost/0", "cdshooks-net[redis]"),
    ],
)
def test_a_missing_driver_names_the_extra_that_brings_it(monkeypatch, module, url, extra):
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.delitem(sys.modules, "cdshooks.trust.replay.redis", raising=False)
    with pytest.raises(SettingsInvalid) as refused:
        open_store(url)
    assert f"pip install '{extra}'" in str(refused.value)
