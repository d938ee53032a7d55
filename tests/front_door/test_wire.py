"""Requests that two servers could read differently, byte by byte, and names that are not ours.

Each is refused, or has one meaning: never two answers to what one sender took for one request.
"""

import re

import pytest

from tests.faces.web.test_server import POST, running

CLOSE = b"Connection: close\r\n"
TAIL = b"GET /cds-services?smuggled HTTP/1.1\r\nHost: localhost\r\n" + CLOSE + b"\r\n"
CHUNKED = b"2\r\n{}\r\n0\r\n\r\n"


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with running(tmp_path_factory.mktemp("wire") / "log") as service:
        yield service


def statuses(service, sent):
    """Of all answers until the service closes the connection, or is silent for a while."""
    with service.connect() as connection:
        connection.settimeout(2)
        everything = b""
        try:
            connection.sendall(sent)
            while part := connection.recv(65_536):
                everything += part
        except (ConnectionError, TimeoutError):
            pass
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3})", everything)]


REFUSED = {
    "two lengths": POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "two lengths in one line": POST + b"Content-Length: 2, 3\r\n\r\n{}",
    "a length with a sign": POST + b"Content-Length: +2\r\n\r\n{}",
    "a length with an underscore": POST + b"Content-Length: 1_0\r\n\r\n{}",
    "a length with a space in it": POST + b"Content-Length: 2 2\r\n\r\n{}",
    "a folded line": POST + b"Content-Length: 2\r\nX: a\r\n b\r\n\r\n{}",
    "a folded length": POST + b"Content-Length:\r\n 2\r\n\r\n{}",
    "a space before a colon": POST + b"Content-Length : 2\r\n\r\n{}",
    "a space before a name": POST + b" Content-Length: 2\r\n\r\n{}",
    "a name with a byte beyond ASCII": POST + b"Content-L\xc3\xa9ngth: 2\r\n\r\n{}",
    "a zero byte in a value": POST + b"X: a\x00b\r\nContent-Length: 2\r\n\r\n{}",
    "a bare carriage return": POST + b"X: a\rContent-Length: 2\r\n\r\n{}",
    "another coding": POST + b"Transfer-Encoding: xchunked\r\n\r\n" + CHUNKED,
    "chunked not last": POST + b"Transfer-Encoding: chunked, gzip\r\n\r\n" + CHUNKED,
    "a coding that is quoted": POST + b'Transfer-Encoding: "chunked"\r\n\r\n' + CHUNKED,
    "a vertical tab": POST + b"Transfer-Encoding:\x0bchunked\r\n\r\n" + CHUNKED,
    "no size": POST + b"Transfer-Encoding: chunked\r\n\r\n\r\n{}\r\n0\r\n\r\n",
    "a size with a sign": POST + b"Transfer-Encoding: chunked\r\n\r\n+2\r\n{}\r\n0\r\n\r\n",
    "a hexadecimal prefix": POST + b"Transfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n",
    "a size beyond 64 bits": (
        POST + b"Transfer-Encoding: chunked\r\n\r\n10000000000000002\r\n{}\r\n0\r\n\r\n"
    ),
    "a chunk that is longer than its size": (
        POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n"
    ),
    "a version that there is not": b"POST /cds-services/net HTTP/9.9\r\nHost: localhost\r\n\r\n",
    "no version": b"GET /cds-services\r\n\r\n",
    "a space in the target": b"GET /cds services HTTP/1.1\r\nHost: localhost\r\n\r\n",
}


@pytest.mark.parametrize("sent", REFUSED.values(), ids=REFUSED)
def test_d8_what_two_servers_could_read_differently_is_refused(service, sent):
    """And what stands behind it is never taken for a request of its own."""
    assert statuses(service, sent + TAIL) == [400]


def test_d8_chunks_beside_a_length_have_one_meaning_and_end_the_connection(service):
    """RFC 9112, 6.3: the chunks count, and nothing behind them is read."""
    for length in (b"0", b"2", b"5", b"99"):
        head = POST + b"Content-Length: " + length + b"\r\nTransfer-Encoding: chunked\r\n\r\n"
        assert statuses(service, head + CHUNKED + TAIL) in ([200], [400])
        head = POST + b"Transfer-Encoding: chunked\r\nContent-Length: " + length + b"\r\n\r\n"
        assert statuses(service, head + CHUNKED + TAIL) in ([200], [400])


def test_d8_two_equal_lengths_are_one(service):
    """RFC 9110, 8.6 leaves both open; there is one meaning only."""
    sent = POST + CLOSE + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}"
    assert statuses(service, sent) in ([200], [400])


def test_d8_chunked_before_http_1_1_is_not_understood_in_two_ways(service):
    head = POST.replace(b"HTTP/1.1", b"HTTP/1.0") + b"Transfer-Encoding: chunked\r\n\r\n"
    assert len(statuses(service, head + CHUNKED + TAIL)) == 1


def test_d8_pipelined_requests_are_answered_one_each_in_order(service):
    """Two requests are two; this shows that the other tests would see a smuggled one."""
    sent = POST + b"Content-Length: 2\r\n\r\n{}" + TAIL
    assert statuses(service, sent) == [200, 200]


# ---- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        b"evil.example",
        b"localhost.evil.example",
        b"localhost@evil.example",
        b"evil.example:8080",
        b"127.0.0.1.nip.io",
        b"169.254.169.254",
        b"[::ffff:10.0.0.1]",
        b"localhost:99999999",
        b"localhost:80:80",
        b"local host",
        b"localhost/",
        b"",
    ],
)
def test_d8_a_sandbox_answers_to_no_name_but_its_own(service, host):
    answers = statuses(
        service, b"GET /cds-services HTTP/1.1\r\n" + CLOSE + b"Host: " + host + b"\r\n\r\n"
    )
    assert answers in ([421], [400])


def test_d8_two_hosts_or_none_are_no_way_in(service):
    line = b"GET /cds-services HTTP/1.1\r\n" + CLOSE
    two = line + b"Host: localhost\r\nHost: evil.example\r\n\r\n"
    assert statuses(service, two) in ([421], [400])
    assert statuses(service, line + b"\r\n") in ([421], [400])


@pytest.mark.parametrize(
    "target", [b"http://localhost", b"http://evil.example", b"https://evil.example:1", b"file://"]
)
def test_d8_an_absolute_target_is_no_other_name(service, target):
    """The Host header is what counts, in whatever form the target comes."""
    sent = b"GET " + target + b"/cds-services HTTP/1.1\r\n" + CLOSE + b"Host: evil.example\r\n\r\n"
    assert statuses(service, sent) in ([421], [400])


@pytest.mark.parametrize("target", [b"*", b"localhost:1", b"//evil.example/cds-services", b"x"])
@pytest.mark.parametrize("method", [b"GET", b"CONNECT", b"OPTIONS"])
def test_d8_another_form_of_target_leads_nowhere(service, method, target):
    sent = method + b" " + target + b" HTTP/1.1\r\n" + CLOSE + b"Host: localhost\r\n\r\n"
    (status,) = statuses(service, sent)
    assert status in {204, 400, 404, 405}


@pytest.mark.parametrize(
    "header",
    [
        b"X-Forwarded-Host: evil.example",
        b"X-Forwarded-Proto: gopher",
        b"Forwarded: host=evil.example",
        b"X-Original-URL: /healthz",
        b"X-Rewrite-URL: /healthz",
        b"X-HTTP-Method-Override: DELETE",
    ],
)
def test_d8_what_a_proxy_might_add_changes_nothing(service, header):
    plain = POST + b"Content-Length: 2\r\n\r\n{}"
    status, body = service.exchange(POST + header + b"\r\nContent-Length: 2\r\n\r\n{}")
    assert (status, body) == service.exchange(plain)
    status, body = service.exchange(
        b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n" + header + b"\r\n\r\n"
    )
    assert (status, b"evil" in body) == (200, False)
