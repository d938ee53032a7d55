"""The service as real processes behind real sockets: bodies that lie, drip or never end."""

import http.client
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

LIMIT = 1_000_000
POST = b"POST /cds-services/net HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


class Service:
    """A running service, to talk to by HTTP or byte by byte."""

    def __init__(self, process, port):
        self.process, self.port = process, port

    def call(self, method="POST", path="/cds-services/net", body=b"{}", authorization=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        headers = {"Authorization": authorization} if authorization else {}
        try:
            connection.request(method, path, body, {"Content-Type": "application/json", **headers})
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def exchange(self, *parts, closing=False):
        """Send bytes as they are, and give the status and the body of the answer."""
        with self.connect() as connection:
            try:
                for part in parts:
                    connection.sendall(part)
                if closing:
                    connection.shutdown(socket.SHUT_WR)
            except ConnectionError:
                pass  # the service had seen enough; its answer is already here
            return received(connection)

    def worker(self):
        """What Linux tells of the one worker."""
        children = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        (worker,) = Path(children).read_text().split()
        return Path("/proc", worker)

    def resident(self):
        """KiB of the worker."""
        return int((self.worker() / "status").read_text().partition("VmHWM:")[2].split()[0])

    def pages(self):
        """How many pages of memory the worker was given so far, each time anew."""
        return int((self.worker() / "stat").read_text().rpartition(")")[2].split()[7])


def received(connection):
    response = http.client.HTTPResponse(connection)
    try:
        response.begin()
        return response.status, response.read()
    except http.client.BadStatusLine:
        return None, b""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@contextmanager
def running(log, **settings):
    port = free_port()
    given = {"port": port, "sandbox": True, "max_body_bytes": LIMIT, **settings}
    command = [sys.executable, Path(__file__).with_name("served.py"), json.dumps(given)]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    service = Service(process, port)
    try:
        wait_for(service)
        yield service
    finally:
        process.terminate()
        process.wait(20)


def wait_for(service):
    late = time.monotonic() + 60
    while time.monotonic() < late and service.process.poll() is None:
        try:
            if service.call("GET", "/healthz")[0] == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the service did not start")


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    return tmp_path_factory.mktemp("service") / "log"


@pytest.fixture(scope="module")
def service(log):
    with running(log, body_seconds=2) as service:
        yield service


def test_p28_a_call_is_answered(service):
    status, headers, body = service.call()
    assert (status, headers["Content-Type"]) == (200, "application/json")
    assert json.loads(body)["cards"] == []


def test_p22_p60_preflight_head_and_other_methods_over_the_wire(service):
    status, headers, body = service.call("OPTIONS", body=None)
    assert (status, body, headers["Access-Control-Allow-Origin"]) == (204, b"", "*")
    status, headers, body = service.call("HEAD", "/cds-services", None)
    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) > 0
    status, headers, body = service.call("GET", body=None)
    assert (status, headers["Allow"]) == (405, "OPTIONS, POST")
    assert json.loads(body)["resourceType"] == "OperationOutcome"


def test_p20_the_double_slash_of_the_public_sandbox_is_no_redirect(service):
    assert service.call(path="/cds-services//net")[0] == 200


def test_each_worker_is_warm_before_it_serves_and_its_collector_is_calm(service):
    told = json.loads(service.call(body=b"collector")[2])
    assert '"hookInstance":"warm-up"' in told["first"]
    assert told["gc"]["frozen"] > 1000
    assert told["gc"]["threshold"][0] == 50_000


def test_the_memory_of_calls_serves_the_next_ones(service):
    """By itself glibc gives the bodies of some calls at a time back to the system each time."""
    body, calls = b" " * 400_000, 64

    def all_answered():
        with ThreadPoolExecutor(8) as callers:
            statuses = callers.map(lambda _: service.call(body=body)[0], range(calls))
            return set(statuses) == {200}

    assert all_answered()
    before = service.pages()
    assert all_answered()
    assert service.pages() - before < calls * len(body) / resource.getpagesize() / 2


def test_p62_d1_413_by_announcement_comes_without_the_body(service):
    status, body = service.exchange(POST + b"Content-Length: 5000000\r\n\r\n")
    assert status == 413
    assert json.loads(body)["issue"][0]["code"] == "too-long"


def test_d1_413_also_while_the_body_is_on_its_way_and_memory_stays_bounded(service):
    before = service.resident()
    status, _ = service.exchange(POST + b"Content-Length: 50000000\r\n\r\n", b"x" * 50_000_000)
    assert status == 413
    piece = b"20000\r\n" + b"x" * 0x20000 + b"\r\n"
    status, _ = service.exchange(POST + b"Transfer-Encoding: chunked\r\n\r\n", *[piece] * 400)
    assert status == 413
    assert service.resident() - before < 4 * LIMIT / 1024


def test_d1_a_chunked_body_under_the_limit_is_taken(service):
    sent = POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    assert service.exchange(sent)[0] == 200


def test_d1_a_body_that_breaks_off_is_400(service):
    assert service.exchange(POST + b"Content-Length: 100\r\n\r\n{}", closing=True)[0] == 400
    sent = POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"
    assert service.exchange(sent, closing=True)[0] == 400
    assert service.exchange(POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n")[0] == 400


def test_d1_no_body_at_all_is_left_to_the_reader_of_json(service):
    assert service.exchange(POST + b"Content-Length: 0\r\n\r\n")[0] == 200


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"Content-Length: -2\r\n\r\n{}",
        b"Content-Length: 2\r\nX: a\r\n b\r\n\r\n{}",
        b"Content-Length : 2\r\n\r\n{}",
        b"Transfer-Encoding: xchunked\r\n\r\n{}",
    ],
)
def test_d8_heads_that_two_servers_read_differently_are_refused(service, head):
    assert service.exchange(POST + head)[0] == 400


def test_d8_chunks_beside_a_length_win_and_end_the_connection(service):
    """RFC 9112, 6.3: what stands behind the last chunk is never taken for a second request."""
    with service.connect() as connection:
        connection.sendall(
            POST
            + b"Content-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
            + b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
        )
        everything = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert everything.count(b"HTTP/1.1 200") == 1
    assert b"connection: close" in everything.lower()


def test_d8_the_host_of_an_absolute_target_does_not_count(service):
    sent = b"GET http://127.0.0.1/cds-services HTTP/1.1\r\nHost: evil.example\r\n\r\n"
    assert service.exchange(sent)[0] == 421


def test_d2_a_compressed_body_is_415(service):
    status, _ = service.exchange(POST + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\n")
    assert status == 415


def test_d3_a_body_that_never_comes_is_408(service):
    began = time.monotonic()
    assert service.exchange(POST + b"Content-Length: 100\r\n\r\n{")[0] == 408
    assert 1.5 < time.monotonic() - began < 4


def test_a_caller_that_leaves_costs_nothing(service):
    for _ in range(20):
        with service.connect() as connection:
            connection.sendall(POST + b"Content-Length: 100\r\n\r\n{")
        with service.connect() as connection:
            connection.sendall(POST + b"Content-Length: 2\r\n\r\n{}")
    assert service.call()[0] == 200


def test_p63_c3_the_log_has_the_number_of_an_error_and_not_its_text(service, log):
    _, _, body = service.call(body=b"break")
    number = json.loads(body)["issue"][0]["diagnostics"].split()[2].rstrip(".")
    written = log.read_text()
    assert number in written
    assert "SECRET" not in written
    assert "Traceback" not in written


def test_c4_every_line_of_a_service_is_json_and_each_call_has_its_own(service, log):
    """Those of the web server too: it says that it listens, and which worker has started."""
    _, headers, _ = service.call()
    events = [json.loads(line) for line in log.read_text().splitlines()]
    (event,) = [one for one in events if one.get("request_id") == headers["X-Request-Id"]]
    assert (event["event"], event["status"], event["client"]) == ("call", 200, "sandbox")
    said = " ".join(one.get("message", "") for one in events)
    assert f"Listening at: http://127.0.0.1:{service.port}" in said
    assert "Started worker-1" in said
    assert event["worker"] != service.process.pid


def test_c1_what_breaks_in_the_web_server_itself_is_no_line_of_text(service, log):
    """Heads that are no HTTP, and a caller that leaves in the middle."""
    service.exchange(b"SECRET /SECRET\x00 HTTP/9\r\nSECRET: SECRET\r\n\r\n")
    with service.connect() as connection:
        connection.sendall(POST + b"Content-Length: 100\r\n\r\nSECRET")
    assert service.call()[0] == 200
    written = log.read_text()
    assert "SECRET" not in written
    assert [json.loads(line)["time"] for line in written.splitlines()]


def test_g5_a_stop_lets_a_call_that_is_under_way_finish(tmp_path):
    with running(tmp_path / "log") as service, service.connect() as connection:
        connection.sendall(POST + b"Content-Length: 5\r\n\r\nsleep")
        time.sleep(0.3)
        service.process.send_signal(signal.SIGTERM)
        assert received(connection)[0] == 200
        assert service.process.wait(10) == 0


def test_g5_a_stop_drains_readiness_goes_first_and_calls_are_answered_to_the_end(tmp_path):
    """Also where a supervisor sends the sign to all processes at once, as systemd does."""
    with running(tmp_path / "log", workers=2, drain_seconds=4) as service:
        assert service.call("GET", "/readyz", None)[0] == 200
        children = Path(f"/proc/{service.process.pid}/task/{service.process.pid}/children")
        workers = [int(pid) for pid in children.read_text().split()]
        began = time.monotonic()
        for pid in (service.process.pid, *workers):
            os.kill(pid, signal.SIGTERM)
        while service.call("GET", "/readyz", None)[0] == 200:
            assert time.monotonic() - began < 3
        answered = 0
        while time.monotonic() - began < 3:
            status, headers, _ = service.call()
            assert (status, headers["Connection"]) == (200, "close")
            answered += 1
        with service.connect() as connection:
            connection.sendall(POST + b"Content-Length: 5\r\n\r\nsleep")
            assert received(connection)[0] == 200
        assert service.process.wait(20) == 0
        assert answered > 10
        assert time.monotonic() - began >= 4


def test_g4_a_worker_that_dies_is_replaced(tmp_path):
    with running(tmp_path / "log", workers=2) as service:
        children = Path(f"/proc/{service.process.pid}/task/{service.process.pid}/children")
        workers = children.read_text().split()
        assert len(workers) == 2
        os.kill(int(workers[0]), signal.SIGKILL)
        deadline = time.monotonic() + 10
        while set(children.read_text().split()) <= set(workers[1:]):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        wait_for(service)
        # The new worker is hardly there: a stop must not get lost while it starts.
        service.process.terminate()
        service.process.wait(5)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "cannot listen on 127.0.0.1 port {port}: Address already in use"),
        ({"host": "no-such-host.invalid", "sandbox": False}, "cannot listen on no-such-host"),
        ({"host": "0.0.0.0"}, "host: the sandbox asks nobody to sign in"),  # noqa: S104 - refused
        ({"prot": 1}, "prot: "),
    ],
)
def test_g6_what_cannot_start_says_so_in_one_line(service, settings, said):
    given = {"port": service.port, "sandbox": True, **settings}
    command = [sys.executable, Path(__file__).with_name("served.py"), json.dumps(given)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith(said.format(port=service.port))
    assert ended.stderr.count("\n") == 1
