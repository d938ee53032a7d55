"""One document of a registered URL, however its server behaves: rows A4, A8, B9 and F7."""

import time

import pytest

from cdshooks.errors import FetchFailed
from cdshooks.outbound.document import get_document
from cdshooks.outbound.target import Target, Tls
from tests import faults
from tests.fake_ehr import FakeEhr

KEYS = b'{"keys": []}'


@pytest.fixture
def ehr():
    with FakeEhr() as ehr:
        yield ehr


def get(url, at_most=100_000, seconds=0.3, **how):
    return get_document(
        Target(url, **how), at_most=at_most, seconds=seconds, accept="application/json"
    )


def test_a_document_comes_as_it_was_sent(ehr):
    assert get(ehr.jwks_url) == KEYS
    assert ehr.seen[0].headers["accept"] == "application/json"
    assert "authorization" not in ehr.seen[0].headers


def test_the_content_type_is_not_believed(ehr):
    ehr.fault("jwks", faults.body(KEYS, "text/html"))
    assert get(ehr.jwks_url) == KEYS


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a4_b9_a_redirect_is_not_followed(ehr, code):
    with FakeEhr() as other:
        ehr.fault("jwks", faults.redirect(other.jwks_url, code))
        with pytest.raises(FetchFailed, match=str(code)):
            get(ehr.jwks_url)
        assert other.connections == 0


@pytest.mark.parametrize("code", [201, 204, 401, 404, 500, 503])
def test_b9_any_status_but_200_is_a_failure_that_names_it(ehr, code):
    ehr.fault("jwks", faults.status(code))
    with pytest.raises(FetchFailed) as failure:
        get(ehr.jwks_url)
    assert failure.value.status == code


@pytest.mark.parametrize(
    "fault",
    [faults.silent, faults.hang_after_head, faults.drip, faults.drip_head, faults.delay(5)],
    ids=["silent", "hangs", "drips", "drips-head", "late"],
)
def test_b9_f1_the_time_is_for_everything(ehr, fault):
    ehr.fault("jwks", fault)
    began = time.monotonic()
    with pytest.raises(FetchFailed, match="in time"):
        get(ehr.jwks_url)
    assert time.monotonic() - began < 0.6


@pytest.mark.parametrize(
    "fault",
    [faults.oversize(200_000), faults.gzip_bomb(50_000_000), faults.body(b"x" * 100_001)],
    ids=["large", "bomb", "one-byte-more"],
)
def test_b9_f7_a_large_document_is_cut_off(ehr, fault):
    ehr.fault("jwks", fault)
    with pytest.raises(FetchFailed, match="too large"):
        get(ehr.jwks_url, seconds=5)


@pytest.mark.parametrize("fault", [faults.reset, faults.truncate, faults.babble])
def test_b9_a_broken_connection_is_a_failure_without_a_url(ehr, fault):
    ehr.fault("jwks", fault)
    with pytest.raises(FetchFailed) as failure:
        get(ehr.jwks_url)
    assert "127.0.0.1" not in str(failure.value)


def test_a9_a_file_that_went_away_is_a_failure(ehr, tmp_path):
    with pytest.raises(FetchFailed, match="ca_bundle"):
        get(ehr.jwks_url, tls=Tls(ca_bundle=tmp_path / "gone.pem"))
