"""Bodies that are too large, compressed, lie about their length or never come, byte by byte."""

import gzip
import json
import resource
import socket
import statistics
import threading
import time
import zlib
from contextlib import ExitStack

import psutil
import pytest

from tests.faces.web.test_server import POST, received, running
from tests.front_door.real import SOAK

MIB = 1 << 20
LIMIT = 8 * MIB
SLOW = 500 if SOAK else 100
GOOD = 500 if SOAK else 150
ROUNDS = 12 if SOAK else 5


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    log = tmp_path_factory.mktemp("bodies") / "log"
    with running(log, max_body_bytes=LIMIT, body_seconds=600) as service:
        yield service


def memory(service):
    """Bytes of the worker that are in memory now."""
    (worker,) = psutil.Process(service.process.pid).children()
    return worker.memory_info().rss


def chunked(*pieces, end=b"0\r\n\r\n"):
    framed = (b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    return b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(framed) + end


def of_length(length, body):
    return b"Content-Length: %d\r\n\r\n" % length + body


# ---- too large, or lying -------------------------------------------------------------------------

WRONG = {
    "announced over the limit": (of_length(LIMIT + 1, b""), False, 413),
    "announced beyond any number": (of_length(10**30, b""), False, 400),
    "over the limit, announced": (of_length(LIMIT + 1, b"x" * (LIMIT + 1)), False, 413),
    "over the limit, in chunks": (chunked(*[b"x" * MIB] * 9), False, 413),
    "over the limit, in one chunk": (chunked(b"x" * (LIMIT + 1)), False, 413),
    "shorter than announced": (of_length(10, b"{}"), True, 400),
    "chunks without an end": (chunked(b"{}", end=b""), True, 400),
    "chunks with a trailer": (
        b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX-Trailer: 1\r\n\r\n",
        False,
        400,
    ),
    "a chunk that breaks off": (b"Transfer-Encoding: chunked\r\n\r\nff\r\n{}", True, 400),
    "a length that is no number": (b"Content-Length: two\r\n\r\n{}", False, 400),
    "a negative length": (b"Content-Length: -2\r\n\r\n{}", False, 400),
    "a length with a sign": (b"Content-Length: +2\r\n\r\n{}", False, 400),
    "a hexadecimal length": (b"Content-Length: 0x2\r\n\r\n{}", False, 400),
}


@pytest.mark.parametrize(("rest", "closing", "status"), WRONG.values(), ids=WRONG)
def test_d1_a_body_that_is_too_large_or_lies_is_refused(service, rest, closing, status):
    got, answer = service.exchange(POST + rest, closing=closing)
    assert got == status
    if answer:  # what breaks HTTP itself is answered by the server in front, without a body
        assert json.loads(answer)["resourceType"] == "OperationOutcome"
    assert service.call()[0] == 200


RIGHT = {
    "announced": of_length(2, b"{}"),
    "in chunks": chunked(b"{", b"}"),
    "in chunks with an extension": (b"Transfer-Encoding: chunked\r\n\r\n2;a=b\r\n{}\r\n0\r\n\r\n"),
    "of exactly the limit": of_length(LIMIT, b" " * LIMIT),
    "empty": of_length(0, b""),
}


@pytest.mark.parametrize("rest", RIGHT.values(), ids=RIGHT)
def test_d1_a_body_within_the_limit_is_taken_however_it_is_framed(service, rest):
    """An empty one too: the reader of JSON says what is wrong with it."""
    assert service.exchange(POST + rest)[0] == 200


def test_d1_a_body_longer_than_announced_is_two_requests_and_the_second_is_refused(service):
    with service.connect() as connection:
        connection.sendall(POST + of_length(2, b"{}GARBAGE\r\n\r\n"))
        everything = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert everything.count(b"HTTP/1.1 200") == 1
    assert everything.count(b"HTTP/1.1 400") == 1


def test_d1_memory_grows_by_less_than_twice_the_limit(service):
    service.exchange(POST + of_length(LIMIT, b" " * LIMIT))
    before = memory(service)
    for _ in range(ROUNDS):
        assert service.exchange(POST + chunked(*[b"x" * MIB] * 64))[0] == 413
        assert service.exchange(POST + of_length(10 * LIMIT, b"x" * LIMIT))[0] == 413
    grown = memory(service) - before
    print(f"grown by {grown / MIB:.1f} MiB")
    assert grown < 2 * LIMIT


# ---- compressed ----------------------------------------------------------------------------------

ZEROS = b"0" * (64 * MIB if SOAK else 16 * MIB)
DEFLATED = zlib.compress(ZEROS, 9)
GZIPPED = gzip.compress(ZEROS, 9)
BOMBS = {
    "gzip": (b"gzip", GZIPPED),
    "gzip in capitals": (b"GZIP", GZIPPED),
    "x-gzip": (b"x-gzip", GZIPPED),
    "gzip within gzip": (b"gzip, gzip", gzip.compress(GZIPPED, 9)),
    "many members of gzip": (b"gzip", GZIPPED * 8),
    "deflate": (b"deflate", DEFLATED),
    "raw deflate": (b"deflate", DEFLATED[2:-4]),
    "br": (b"br", b"\x5b\xff\xff\x03" + b"\x00" * 1_000),  # a window of 16 MiB and a run in it
    "zstd": (b"zstd", b"\x28\xb5\x2f\xfd" + b"\x00" * 1_000),
    "compress": (b"compress", b"\x1f\x9d\x90" + b"\x00" * 1_000),
}


@pytest.mark.parametrize("framed", [of_length, None], ids=["announced", "in chunks"])
def test_d2_ten_bombs_are_415_and_none_is_opened(service, framed):
    before = memory(service)
    for name, (encoding, bomb) in BOMBS.items():
        rest = framed(len(bomb), bomb) if framed else chunked(bomb)
        head = POST + b"Content-Encoding: " + encoding + b"\r\n"
        assert (name, service.exchange(head + rest)[0]) == (name, 415)
    grown = memory(service) - before
    print(f"grown by {grown / MIB:.1f} MiB")
    assert grown < 64 * MIB
    assert len(BOMBS) == 10


@pytest.mark.parametrize("coding", [b"gzip, chunked", b"identity, chunked", b"chunked, chunked"])
def test_d2_d8_a_coding_of_the_transfer_beside_chunked_is_refused(service, coding):
    head = POST + b"Transfer-Encoding: " + coding + b"\r\n\r\n"
    assert service.exchange(head + b"2\r\n{}\r\n0\r\n\r\n")[0] in (400, 415)


# ---- slow ----------------------------------------------------------------------------------------


def slow(service, stack, head):
    """Many connections that have begun; gives a function that sends one more byte on each."""
    connections = []
    for _ in range(SLOW):
        connections.append(stack.enter_context(service.connect()))
        connections[-1].sendall(head)
    return lambda: [connection.sendall(b" ") for connection in connections]


@pytest.fixture
def many_files():
    """Leave for as many connections as the row asks for."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(before[0], min(before[1], 4_096)), before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.parametrize(
    "head",
    [POST + b"X-Slow: ", POST + b"Content-Length: 900000\r\n\r\n{"],
    ids=["slow headers", "slow bodies"],
)
def test_d3_hundreds_of_slow_callers_delay_no_good_one_and_lose_none(service, many_files, head):
    times = []
    with ExitStack() as stack:
        one_more_byte = slow(service, stack, head)
        done = threading.Event()

        def drip():
            while not done.wait(0.2):
                one_more_byte()

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            for _ in range(GOOD):
                began = time.monotonic()
                assert service.call()[0] == 200
                times.append(time.monotonic() - began)
        finally:
            done.set()
            dripping.join()
    p99 = sorted(times)[int(len(times) * 0.99)]
    print(f"{SLOW} slow callers: {len(times)} of {GOOD} answered,", end=" ")
    print(f"median {statistics.median(times) * 1e3:.1f} ms, p99 {p99 * 1e3:.1f} ms")
    assert p99 < 0.2


def test_d3_a_slow_body_ends_with_408(tmp_path):
    with running(tmp_path / "log", body_seconds=0.3) as service:
        for framed in (b"Content-Length: 9\r\n\r\n{", b"Transfer-Encoding: chunked\r\n\r\n1\r\n{"):
            assert service.exchange(POST + framed)[0] == 408


def test_d3_an_idle_connection_does_no_harm(service):
    with ExitStack() as stack:
        for _ in range(SLOW):
            stack.enter_context(service.connect())
        assert service.call()[0] == 200
        with service.connect() as connection:
            connection.sendall(POST + of_length(2, b"{}"))
            assert received(connection)[0] == 200
            connection.shutdown(socket.SHUT_RDWR)
