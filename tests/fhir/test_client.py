"""The FHIR client against servers that misbehave: rows P45, P47, P50, A1, A4 to A10, F1 to F7."""

import gzip
import json
import resource
import socket
import threading
import time
from contextlib import contextmanager, suppress

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from cdshooks.fhir.client import FhirClient
from cdshooks.fhir.client.search import PAGES_AT_MOST

EMPTY = {"resourceType": "Bundle", "type": "searchset", "entry": []}
QUERY = {"observations": "Observation?patient=SECRET-4711"}
TOKEN = "the-token"


@pytest.fixture(scope="module")
def server():
    with HTTPServer(threaded=True) as server:
        yield server


@pytest.fixture
def httpserver(server):
    server.clear()
    return server


@pytest.fixture
def base(httpserver):
    return httpserver.url_for("/fhir")


@pytest.fixture
def client(base):
    client = FhirClient([base], fetch_seconds=5)
    yield client
    client.close()


@pytest.fixture
def hasty(base):
    client = FhirClient([base], fetch_seconds=0.3)
    yield client
    client.close()


def serve(httpserver, answer=EMPTY, status=200, path="/fhir/Observation", **how):
    handler = httpserver.expect_request(path, **how)
    if isinstance(answer, dict | list):
        handler.respond_with_json(answer, status=status, content_type="application/fhir+json")
    else:
        handler.respond_with_data(answer, status=status)


def failure(fetched):
    """Why a search failed; it must have given nothing and may not repeat what was asked."""
    pages, reason = fetched
    assert pages == ()
    assert reason is not None
    assert "SECRET" not in str(reason)
    return str(reason)


def page(url, **members):
    return {**EMPTY, "link": [{"relation": "self", "url": "x"}, {"relation": "next", "url": url}]}


def test_p41_searches_and_reads_come_back_as_they_were_sent(httpserver, client, base):
    serve(httpserver, query_string="patient=p1")
    serve(httpserver, {"resourceType": "Patient", "id": "p1"}, path="/fhir/Patient/p1")
    answer = client(base, {"o": "Observation?patient=p1", "p": "Patient/p1"})
    assert json.loads(answer["o"][0][0]) == EMPTY
    assert json.loads(answer["p"][0][0])["id"] == "p1"
    assert (answer["o"][1], answer["p"][1]) == (None, None)
    assert {request.headers["Accept"] for request, _ in httpserver.log} == {"application/fhir+json"}


@pytest.mark.parametrize(
    "change",
    [
        lambda base: base.replace("http://", "https://"),
        lambda base: base.replace("localhost", "127.0.0.1").replace("127.0.0.1", "LOCALHOST", 1),
        lambda base: base + ".evil.example",
        lambda base: base + "/../fhir",
        lambda base: base.replace("http://", "http://user@"),
        lambda base: base.replace("/fhir", "/other"),
        lambda base: base + "#",
        lambda base: base + "?x=",
        lambda _: "file:///etc/passwd",
        lambda _: "http://169.254.169.254/latest/meta-data",
        lambda _: "",
    ],
    ids=range(11),
)
def test_a1_p35_a_base_that_is_not_registered_is_never_called(httpserver, client, base, change):
    serve(httpserver)
    fetched = client(change(base), QUERY, TOKEN)
    assert "not one that this service may call" in failure(fetched["observations"])
    assert httpserver.log == []


def test_a_trailing_slash_makes_no_other_base(httpserver, client, base):
    serve(httpserver)
    assert client(base + "/", QUERY)["observations"][1] is None


def test_p50_the_token_is_sent_and_not_kept(httpserver, client, base):
    serve(httpserver)
    client(base, QUERY, TOKEN)
    client(base, QUERY)
    sent = [request.headers.get("Authorization") for request, _ in httpserver.log]
    assert sent == [f"Bearer {TOKEN}", None]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a4_p47_a_redirect_is_a_failure_and_is_not_followed(httpserver, client, base, status):
    elsewhere = httpserver.url_for("/elsewhere")
    httpserver.expect_request("/fhir/Observation").respond_with_response(
        Response(status=status, headers={"Location": elsewhere})
    )
    assert f"answered {status}" in failure(client(base, QUERY, TOKEN)["observations"])
    assert [request.path for request, _ in httpserver.log] == ["/fhir/Observation"]


@pytest.mark.parametrize("status", [201, 204, 400, 401, 403, 404, 410, 429, 500, 502, 503])
def test_p47_f3_any_status_but_200_is_a_failure_after_one_call(httpserver, client, base, status):
    serve(httpserver, status=status)
    assert f"answered {status}" in failure(client(base, QUERY)["observations"])
    assert len(httpserver.log) == 1


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("<html>Welcome, please sign in</html>", "not FHIR JSON"),
        ("", "not FHIR JSON"),
        ("[]", "not FHIR JSON"),
        ('{"resourceType": 7}', "not FHIR JSON"),
        (b'{"resourceType": "Bundle", "x": "\xff"}', "not FHIR JSON"),
        (b'{"resourceType": "Bundle", "x": ' + b"[" * 100_000, "not FHIR JSON"),
        ('{"resourceType": "OperationOutcome"}', "OperationOutcome"),
        ('{"resourceType": "Patient"}', "another kind"),
    ],
    ids=range(8),
)
def test_p47_e5_an_answer_that_is_not_what_was_asked_for_is_a_failure(
    httpserver, client, base, answer, reason
):
    serve(httpserver, answer)
    assert reason in failure(client(base, QUERY)["observations"])


def test_p45_next_links_of_the_same_base_are_followed(httpserver, client, base):
    for number in range(3):
        following = page(f"{base}?page={number + 1}") if number < 2 else EMPTY
        serve(httpserver, following, path="/fhir", query_string=f"page={number}")
    serve(httpserver, page(f"{base}?page=0"))
    pages, reason = client(base, QUERY, TOKEN)["observations"]
    assert (len(pages), reason) == (4, None)
    assert {request.headers["Authorization"] for request, _ in httpserver.log} == {
        f"Bearer {TOKEN}"
    }


def test_p45_a_next_link_may_be_where_a_search_begins(httpserver, client, base):
    serve(httpserver, path="/fhir", query_string="page=2")
    pages, reason = client(base, {"observations": f"{base}?page=2"})["observations"]
    assert (len(pages), reason) == (1, None)


@pytest.mark.parametrize(
    "link",
    [
        "http://evil.example/fhir/Observation?page=2",
        "//evil.example/fhir",
        "{base}.evil.example/Observation",
        "{origin}/other?page=2",
        "{base}/../other",
        "{base}/%2e%2e/other",
        "{base}/..\\other",
        "{base}?page=2#fragment",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "{base}@evil.example/",
        "http://[::1",
    ],
    ids=range(12),
)
def test_a5_a_link_that_leaves_the_base_ends_the_search(httpserver, client, base, link):
    origin = base.removesuffix("/fhir")
    serve(httpserver, page(link.replace("{base}", base).replace("{origin}", origin)))
    pages, reason = client(base, QUERY, TOKEN)["observations"]
    assert len(pages) == 1
    assert reason is not None
    assert len(httpserver.log) == 1


def test_a5_pages_that_go_in_a_circle_end(httpserver, client, base):
    serve(httpserver, page(f"{base}?page=1"))
    serve(httpserver, page(f"{base}?page=1"), path="/fhir")
    pages, reason = client(base, QUERY)["observations"]
    assert len(pages) == 2
    assert "links to itself" in str(reason)


def test_a5_endless_pages_end(httpserver, client, base):
    counter = iter(range(100))

    def endless(_):
        return Response(json.dumps(page(f"{base}?page={next(counter)}")))

    httpserver.expect_request("/fhir/Observation").respond_with_handler(endless)
    httpserver.expect_request("/fhir").respond_with_handler(endless)
    pages, reason = client(base, QUERY)["observations"]
    assert len(pages) == PAGES_AT_MOST
    assert reason is not None


def test_p33_a10_an_id_of_dots_does_not_climb_out_of_the_base(httpserver, client, base):
    assert "leads elsewhere" in failure(client(base, {"p": "Patient/.."})["p"])
    assert httpserver.log == []


def test_a8_environment_netrc_and_cookies_change_nothing(httpserver, base, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login thief password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    client = FhirClient([base], fetch_seconds=5)
    httpserver.expect_request("/fhir/Observation").respond_with_json(
        EMPTY, headers={"Set-Cookie": "session=1"}
    )
    for _ in range(2):
        assert client(base, QUERY, TOKEN)["observations"][1] is None
    assert [request.headers["Authorization"] for request, _ in httpserver.log] == [
        f"Bearer {TOKEN}"
    ] * 2
    assert not any("Cookie" in request.headers for request, _ in httpserver.log)
    client.close()


def test_f7_an_answer_over_the_cap_is_cut_off(httpserver, base):
    client = FhirClient([base], fetch_seconds=5, bytes_at_most=100_000)
    serve(httpserver, {**EMPTY, "x": "x" * 200_000})
    assert "too large" in failure(client(base, QUERY)["observations"])
    client.close()


def test_f7_a_bomb_is_cut_off_while_it_unpacks(httpserver, base):
    client = FhirClient([base], fetch_seconds=5, bytes_at_most=1_000_000)
    bomb = gzip.compress(b" " * 300_000_000)
    httpserver.expect_request("/fhir/Observation").respond_with_data(
        bomb, headers={"Content-Encoding": "gzip"}
    )
    before = peak_rss()
    assert "too large" in failure(client(base, QUERY)["observations"])
    assert peak_rss() - before < 64_000
    client.close()


def peak_rss():
    """KiB, by the kernel's account of this process (a thread of it is the server)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def test_f1_searches_run_at_once_and_one_budget_bounds_them_all(httpserver, hasty, base):
    def slow(_):
        time.sleep(0.15)
        return Response(json.dumps(EMPTY))

    httpserver.expect_request("/fhir/Fast").respond_with_json({**EMPTY})
    for kind in "ABCDE":
        httpserver.expect_request(f"/fhir/{kind}").respond_with_handler(slow)
    began = time.monotonic()
    answer = hasty(base, {kind: kind for kind in (*"ABCDE", "Fast")})
    assert time.monotonic() - began < 0.45
    assert answer["Fast"][1] is None


@contextmanager
def raw_server(behave):
    """A server of one's own: `behave` gets each connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        connections = []

        def accept():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                connections.append(connection)
                threading.Thread(target=calm(behave), args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/fhir"
        for connection in connections:
            connection.close()


def calm(behave):
    def run(connection):
        with suppress(OSError):
            behave(connection)

    return run


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nContent-Length: 1000\r\n\r\n"


def silent(connection):
    time.sleep(30)


def hanging(connection):
    connection.sendall(HEAD)
    time.sleep(30)


def dripping_body(connection):
    connection.sendall(HEAD)
    for _ in range(1000):
        connection.sendall(b" ")
        time.sleep(0.05)


def dripping_head(connection):
    for letter in HEAD:
        connection.sendall(bytes([letter]))
        time.sleep(0.05)


@pytest.mark.parametrize("behave", [silent, hanging, dripping_body, dripping_head])
def test_f1_a_server_that_hangs_or_drips_costs_the_budget_and_no_thread(behave):
    with raw_server(behave) as base:
        client = FhirClient([base], fetch_seconds=0.3)
        began = time.monotonic()
        fetched = client(base, {"a": "Observation?patient=SECRET", "b": "Condition?patient=SECRET"})
        assert time.monotonic() - began < 0.4
        assert "no answer in time" in failure(fetched["a"])
        assert "no answer in time" in failure(fetched["b"])
        began = time.monotonic()
        client._pool.shutdown(wait=True)
        assert time.monotonic() - began < 1, "the threads are free again"


def truncating(connection):
    connection.sendall(HEAD + b"{}")
    connection.close()


def resetting(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    connection.close()


def babbling(connection):
    connection.recv(4096)
    connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
    connection.close()


@pytest.mark.parametrize("behave", [truncating, resetting, babbling])
def test_f2_p47_a_broken_connection_is_a_failure_without_a_url(behave):
    with raw_server(behave) as base:
        client = FhirClient([base], fetch_seconds=2)
        assert failure(client(base, QUERY)["observations"]).startswith("Observation: no answer (")
        client.close()


def test_f2_p47_a_host_that_is_not_there_is_a_failure():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        base = f"http://127.0.0.1:{listener.getsockname()[1]}/fhir"
    client = FhirClient([base, "http://no-such-host.invalid"], fetch_seconds=2)
    for one in client.bases:
        assert "no answer" in failure(client(one, QUERY)["observations"])
    client.close()


def test_c1_c2_nothing_of_a_call_is_logged(httpserver, client, base, caplog):
    caplog.set_level("DEBUG")
    serve(httpserver, "<html>")
    client(base, QUERY, TOKEN)
    ours = [line.getMessage() for line in caplog.records if line.name != "werkzeug"]
    assert not any("SECRET" in line or TOKEN in line for line in ours)
