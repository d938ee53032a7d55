"""Where a call and its token may go: rows P35, P50, P51, P122, A1, A4, A7, A8 and A10."""

import gc
import json
import sys
import time
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdshooks.fhir.base import FhirBase
from cdshooks.fhir.client import FhirClient
from cdshooks.outbound.target import Target
from tests import faults
from tests.fake_ehr import FakeEhr
from tests.fhir.client.conftest import PATIENT, QUERY, SOAK, TOKEN, failure, observations

ELSEWHERE = """
http://127.0.0.1:{port}/ http://127.0.0.1:{port} http://127.0.0.1:{port}/fhi
http://127.0.0.1:{port}/fhir2 http://127.0.0.1:{port}/FHIR http://127.0.0.1:{port}/other
http://127.0.0.1:{port}/fhir/.. http://127.0.0.1:{port}/fhir/../other
http://127.0.0.1:{port}/./fhir http://127.0.0.1:{port}//fhir http://127.0.0.1:{port}/%66hir
http://127.0.0.1:{port}/fhir/tenant http://127.0.0.1:{port}/fhir?x= http://127.0.0.1:{port}/fhir#
http://127.0.0.1:{port}/fhir;a=b http://127.0.0.1:{port}/fhir%2f http://127.0.0.1:{port}/fhir\\
https://127.0.0.1:{port}/fhir HTTP://127.0.0.1:{port}/fhir http:/127.0.0.1:{port}/fhir
http:127.0.0.1:{port}/fhir //127.0.0.1:{port}/fhir 127.0.0.1:{port}/fhir /fhir fhir
http://localhost:{port}/fhir http://LOCALHOST:{port}/fhir http://localhost.:{port}/fhir
http://127.1:{port}/fhir http://2130706433:{port}/fhir http://0x7f000001:{port}/fhir
http://0177.0.0.1:{port}/fhir http://127.0.1:{port}/fhir http://127.0.0.2:{port}/fhir
http://0:{port}/fhir http://0.0.0.0:{port}/fhir http://[::1]:{port}/fhir http://[::]:{port}/fhir
http://[::ffff:127.0.0.1]:{port}/fhir http://[::ffff:7f00:1]:{port}/fhir
http://[64:ff9b::7f00:1]:{port}/fhir http://[2002:7f00:1::]:{port}/fhir
http://[fe80::1]:{port}/fhir http://[fd00:ec2::254]/fhir http://169.254.169.254/fhir
http://169.254.169.254/latest/meta-data http://metadata.google.internal/fhir
http://100.100.100.200/fhir http://10.0.0.7/fhir http://172.16.0.1/fhir http://192.168.1.1/fhir
http://100.64.0.1/fhir http://224.0.0.1/fhir http://255.255.255.255/fhir
http://user@127.0.0.1:{port}/fhir http://user:pw@127.0.0.1:{port}/fhir
http://127.0.0.1:{port}@evil.example/fhir http://evil.example#@127.0.0.1:{port}/fhir
http://evil.example\\@127.0.0.1:{port}/fhir http://127.0.0.1:{port}\\@evil.example/fhir
http://127.0.0.1:{port}.evil.example/fhir http://127.0.0.1.evil.example:{port}/fhir
http://evil.example/http://127.0.0.1:{port}/fhir http://evil.example?http://127.0.0.1:{port}/fhir
http://127.0.0.1:1/fhir http://127.0.0.1/fhir http://127.0.0.1:0{port}/fhir
http://\uff11\uff12\uff17.0.0.1:{port}/fhir http://127\u30020.0.1:{port}/fhir
http://l\u043ecalhost:{port}/fhir http://\u24db\u24de\u24d2\u24d0lhost:{port}/fhir
file:///etc/passwd file://127.0.0.1/fhir gopher://127.0.0.1:{port}/_fhir ftp://127.0.0.1/fhir
dict://127.0.0.1:{port}/fhir ldap://127.0.0.1:{port}/fhir javascript:alert(1) data:text/plain,fhir
""".split()  # noqa: SIM905 - URLs are read best as words

CALLS = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname")


@pytest.fixture(scope="module")
def watched():
    """Every connection and every resolution of this process while `watching` is set."""
    watching, heard = [], []

    def hook(event, arguments):
        if watching and event in CALLS:
            heard.append((event, arguments[1:]))

    sys.addaudithook(hook)  # which cannot be taken away again, so it is switched
    return watching, heard


@pytest.fixture
def calls(watched):
    watching, heard = watched
    heard.clear()
    watching.append(True)
    yield heard
    watching.clear()


@pytest.mark.parametrize("base", ELSEWHERE)
def test_a1_p35_p122_a_base_that_is_not_registered_is_never_called(ehr, client, calls, base):
    """Neither a connection nor the resolution of a name: the text has to be equal."""
    fetched = client(base.replace("{port}", str(ehr.port)), QUERY, TOKEN)
    assert "not one that this service may call" in failure(fetched["observations"])
    assert calls == []
    assert (ehr.connections, ehr.seen) == (0, [])


def test_a1_they_are_more_than_sixty():
    assert len(set(ELSEWHERE)) > 60


def test_a1_odd_characters_around_a_registered_base_make_another(ehr, client, calls):
    for odd in (" ", "\t", "\n", "\r\n", "\0", "\u200b", "%00", "\ufeff"):
        for base in (ehr.base + odd, odd + ehr.base):
            assert "may call" in failure(client(base, QUERY, TOKEN)["observations"])
    assert calls == []


def test_a1_the_registered_base_is_called(ehr, client, calls):
    """The counterpart: what is watched would be seen."""
    assert client(ehr.base, {"p": "Patient/p1"})["p"][1] is None
    assert [event for event, _ in calls] == ["socket.getaddrinfo", "socket.connect"]
    assert client(ehr.base + "/", {"p": "Patient/p1"})["p"][1] is None


@pytest.mark.parametrize("where", ["127.0.0.1", "10.0.0.7", "169.254.169.254", "::1", "fd00::1"])
def test_a1_a2_p122_a_public_base_that_resolves_inside_is_not_connected_to(clients, where):
    with FakeEhr() as ehr:
        base = f"http://ehr.example:{ehr.port}/fhir"
        client = clients(FhirBase(Target(base)), resolve=lambda *_: [where])
        told = failure(client(base, QUERY, TOKEN)["observations"])
        assert "leads to an address that is not allowed" in told
        assert ehr.connections == 0


def test_p122_a_base_that_is_registered_as_private_may_resolve_inside(clients):
    with FakeEhr(PATIENT) as ehr:
        base = f"http://ehr.example:{ehr.port}/fhir"
        client = clients(FhirBase(Target(base, private=True)), resolve=lambda *_: ["127.0.0.1"])
        assert client(base, {"p": "Patient/p1"}, TOKEN)["p"][1] is None
        assert ehr.seen[0].headers["host"] == f"ehr.example:{ehr.port}"


def test_a4_no_token_is_leaked_in_100_redirects(ehr, client):
    with FakeEhr() as other:
        for n in range(100):
            code = (301, 302, 303, 307, 308)[n % 5]
            to = (f"{other.base}/Observation", f"//127.0.0.1:{other.port}/", f"{ehr.origin}/other")
            ehr.fault("Observation", faults.redirect(to[n % 3], code))
            assert f"answered {code}" in failure(client(ehr.base, QUERY, TOKEN)["observations"])
        assert (other.connections, other.seen) == (0, [])
    assert {one.path for one in ehr.seen} == {"/fhir/Observation"}
    assert len(ehr.seen) == 100


def test_a4_f7_the_body_of_a_redirect_is_not_read(ehr, client):
    """A library that does not follow redirects may still read their bodies, whatever they hold."""

    def endless(handler):
        handler.wfile.write(handler.head(302, 1000, headers={"Location": ehr.base}))
        faults.silent(handler)

    ehr.fault("*", endless)
    began = time.monotonic()
    assert "answered 302" in failure(client(ehr.base, QUERY, TOKEN)["observations"])
    assert time.monotonic() - began < 2, "and not the five seconds of this client"


def test_a7_p50_a_token_goes_to_the_base_it_came_with_and_to_no_other(ehr, clients):
    with FakeEhr(PATIENT) as other:
        ours, theirs = clients(ehr.base), clients(other.base)
        both = clients(ehr.base, other.base)
        for n in range(20):
            ours(ehr.base, {"p": "Patient/p1"}, f"a{n}")
            theirs(other.base, {"p": "Patient/p1"}, f"b{n}")
            both(ehr.base, {"p": "Patient/p1"}, f"a2{n}")
            both(other.base, {"p": "Patient/p1"}, f"b2{n}")
            assert "may call" in failure(ours(other.base, QUERY, f"a{n}")["observations"])
        assert {token[0] for token in ehr.tokens} == {"a"}
        assert {token[0] for token in other.tokens} == {"b"}


def test_p50_a_call_without_a_token_sends_none(ehr, client):
    client(ehr.base, {"p": "Patient/p1"}, TOKEN)
    client(ehr.base, {"p": "Patient/p1"})
    assert ehr.tokens == [TOKEN, None]


def test_p51_after_a_call_nothing_holds_its_token(ehr, client):
    token = "transient-4711"
    ehr.fault("Observation", faults.status(403))
    ehr.fault("Condition", faults.reset)
    answer = client(ehr.base, {"p": "Patient/p1", "c": "Condition?a=b", **QUERY}, token)
    assert sum(reason is not None for _, reason in answer.values()) == 2
    ehr.seen.clear()
    gc.collect()
    kept = [one for one in gc.get_objects() if _holds(one, token)]
    assert [one for one in kept if one.get("token") is not token] == []
    assert not any(reason.__traceback__ for _, reason in answer.values() if reason)
    assert token not in repr(answer) + repr(vars(client))


def _holds(one, token):
    return type(one) is dict and any(
        isinstance(value, str) and token in value for value in list(one.values())
    )


def test_a8_netrc_proxies_and_cookies_change_nothing(ehr, clients, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login thief password secret\n")
    netrc.chmod(0o600)
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("NETRC", str(netrc))
    ehr.fault("*", faults.body(PATIENT, **{"Set-Cookie": "session=1; Path=/"}))
    client = clients(ehr.base)
    for token in (TOKEN, TOKEN, None):
        assert client(ehr.base, {"p": "Patient/p1"}, token)["p"][1] is None
    sent = [one.headers.get("authorization") for one in ehr.seen]
    assert sent == [f"Bearer {TOKEN}", f"Bearer {TOKEN}", None]
    assert not any("cookie" in one.headers for one in ehr.seen)


ANYTHING = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
NASTY = st.sampled_from(
    ["\r\nX-Evil: 1", "\n", "\0", " HTTP/1.1\r\n\r\nGET /evil", "&x=1", "#", "%0d"]
)
HEADERS = {"host", "accept", "accept-encoding", "user-agent", "authorization"}


@pytest.fixture(scope="module")
def listening():
    with FakeEhr(*observations(1)) as ehr:
        client = FhirClient([ehr.base], 5)
        yield ehr, client
        client.close()


@settings(max_examples=10_000 if SOAK else 1_000, deadline=None)
@given(words=st.tuples(ANYTHING, NASTY, ANYTHING), raw=st.booleans(), token=st.booleans())
def test_a10_nothing_in_an_id_or_a_token_becomes_a_header_or_a_path(listening, words, raw, token):
    """Percent-encoded, as templates do it, it arrives as itself; raw it is refused or inert."""
    ehr, client = listening
    text = "".join(words)
    ehr.seen.clear()
    query = text if raw else quote(text, safe="")
    client(ehr.base, {"o": f"Observation?patient={query}"}, text if token else TOKEN)
    for one in ehr.seen:
        assert (one.method, one.path) == ("GET", "/fhir/Observation")
        assert set(one.headers) == HEADERS
    if not raw and not token:
        assert [one.parameters for one in ehr.seen] == [{"patient": [text]}]


@pytest.mark.parametrize(
    "query", ["Patient/..", "Patient/../x", "../x", "Patient/%2e%2e", "/x", "//x"]
)
def test_a10_p33_an_id_does_not_climb_out_of_the_base(ehr, client, query):
    assert "leads elsewhere" in failure(client(ehr.base, {"p": query})["p"])
    assert ehr.seen == []


def test_c1_c2_nothing_of_a_call_is_logged(ehr, client, caplog):
    caplog.set_level("DEBUG")
    ehr.fault("*", faults.html)
    client(ehr.base, QUERY, TOKEN)
    lines = [line.getMessage() for line in caplog.records]
    assert not any("SECRET" in line or TOKEN in line for line in lines)


def test_p41_searches_and_reads_come_back_as_they_were_sent(ehr, client):
    answer = client(ehr.base, {"o": "Observation?patient=p1", "p": "Patient/p1"}, TOKEN)
    assert json.loads(answer["p"][0][0]) == PATIENT
    assert json.loads(answer["o"][0][0])["total"] == 45
    assert {one.headers["accept"] for one in ehr.seen} == {"application/fhir+json"}
