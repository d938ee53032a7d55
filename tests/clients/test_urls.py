"""URLs, hosts and origins that may be registered (rows A1, A3, B11, C8)."""

import pytest

from cdshooks.clients.urls import host_problem, origin_problem, proxy_problem, url_problem


@pytest.mark.parametrize(
    "url",
    [
        "https://fhir.example.org",
        "https://fhir.example.org:8443/api/FHIR/R4/",
        "https://xn--mnchen-3ya.example/fhir",
        "https://my_host.example/~a/(b);c=d",
        "https://10.1.2.3/fhir",
        "https://[2001:db8::1]/fhir",
        "https://[fd00::7]:8443",
        "http://127.0.0.1:8080/fhir",
        "http://localhost/fhir",
        "http://[::1]:9/fhir",
    ],
)
def test_a1_a_plain_url_may_be_registered(url):
    assert url_problem(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/fhir",
        "//fhir.example.org",
        "ftp://fhir.example.org",
        "file:///etc/passwd",
        "gopher://fhir.example.org",
        "https://",
        "https:///fhir",
        "https://:8443/fhir",
        "https://user@fhir.example.org",
        "https://:word@fhir.example.org",
        "https://@fhir.example.org",
        "https://fhir.example.org?",
        "https://fhir.example.org#",
        "https://fhir.example.org?x=1",
        "https://fhir.example.org/a#@b.example",
        "https://fhir.example.org\\@b.example",
        "https://fhir.example.org /fhir",
        "https://fhir.example.org/fhir\n",
        "https://fhir.example.org/\x00",
        "https://fhir.example.org:0/fhir",
        "https://fhir.example.org:65536/fhir",
        "https://fhir.example.org:x/fhir",
        "https://fhir.example.org/../fhir",
        "https://fhir.example.org/./fhir",
        "https://münchen.example/fhir",
        "https://fhir.example.org./fhir",
        "https://fhir..example.org/fhir",
        "https://-fhir.example.org/fhir",
        "https://*.example.org/fhir",
        "https://2130706433/fhir",
        "https://0x7f000001/fhir",
        "https://0x7f.1/fhir",
        "https://127.1/fhir",
        "https://0177.0.0.1/fhir",
        "https://0.0.0.0/fhir",
        "https://[::]/fhir",
        "https://[::1/fhir",
        "https://[0:0:0:0:0:0:0:1]/fhir",
        "https://169.254.169.254/latest/meta-data",
        "https://[fe80::1]/fhir",
        "https://[::ffff:169.254.169.254]/fhir",
        "https://[::ffff:a9fe:a9fe]/fhir",
        "https://224.0.0.1/fhir",
        "https://255.255.255.255/fhir",
        "http://fhir.example.org",
        "http://localhost.example.org/fhir",
        "http://127.0.0.1.nip.io/fhir",
        "http://10.0.0.1/fhir",
    ],
)
def test_a1_g6_anything_else_may_not(url):
    assert url_problem(url) is not None
    assert origin_problem(url) is not None


def test_a3_a_key_set_may_have_a_query_but_no_fragment():
    assert url_problem("https://a.example/jwks?set=1", query=True) is None
    assert url_problem("https://a.example/jwks?set=1#x", query=True) is not None


@pytest.mark.parametrize("origin", ["https://app.example", "https://a.example:8443"])
def test_c8_an_origin_is_what_a_browser_sends(origin):
    assert origin_problem(origin) is None


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "null",
        "a.example",
        "https://A.example",
        "HTTPS://a.example",
        "https://a.example/",
        "https://a.example:443",
        "http://localhost:80",
    ],
)
def test_c8_no_wildcard_and_nothing_that_no_browser_sends(origin):
    assert origin_problem(origin) is not None


@pytest.mark.parametrize("host", ["www.ema.europa.eu", "localhost", "10.0.0.1", "2001:db8::1"])
def test_a_host_is_a_name_or_an_address(host):
    assert host_problem(host) is None


@pytest.mark.parametrize("host", ["", "https://a.example", "a.example:443", "a.example/x", "1.2.3"])
def test_a_host_is_nothing_more(host):
    assert host_problem(host) is not None


@pytest.mark.parametrize(
    ("url", "sound"),
    [
        ("http://proxy.example:3128", True),
        ("http://proxy.example:3128/", True),
        ("http://proxy.example:3128/x", False),
        ("https://proxy.example:3128", False),
        ("socks5://proxy.example", False),
        ("http://user:word@proxy.example", False),
    ],
)
def test_a8_a_proxy_is_host_and_port_without_a_password(url, sound):
    assert (proxy_problem(url) is None) is sound
