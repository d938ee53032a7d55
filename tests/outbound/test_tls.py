"""TLS towards a registered target: row A9. The authority is the test's own."""

import socket
import ssl
from datetime import timedelta

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from cdshooks.errors import FetchFailed, SettingsInvalid
from cdshooks.outbound.document import get_document
from cdshooks.outbound.session import Session
from cdshooks.outbound.target import Target, Tls
from cdshooks.outbound.tls import tls_context
from tests.fake_ehr import FakeEhr
from tests.outbound.authority import Authority

HOST = "ehr.example"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


def unchanged(_context):
    pass


def serving(certificate, change=unchanged):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    change(context)
    return FakeEhr(context=context)


def ask(ehr, tls, host=HOST, seconds=2.0):
    """The key document, by a name that resolves to the fake EHR as a registered private target."""
    target = Target(f"https://{host}:{ehr.port}/jwks.json", private=True, tls=tls)
    return get_document(
        target, at_most=1000, seconds=seconds, accept="*/*", resolve=lambda *_: ["127.0.0.1"]
    )


def test_a9_a_server_with_a_good_certificate_is_accepted(authority):
    with serving(authority.certificate(HOST)) as ehr:
        assert ask(ehr, Tls(ca_bundle=authority.bundle)) == b'{"keys": []}'
        assert ehr.seen[0].headers["host"] == f"{HOST}:{ehr.port}"


def old_tls(version):
    def change(context):
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = version
        context.maximum_version = version

    return change


def weak_cipher(context):
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AES128-SHA:@SECLEVEL=0")


@pytest.mark.parametrize(
    ("made", "change", "reason"),
    [
        ({"begins": timedelta(days=-9), "ends": timedelta(days=-2)}, unchanged, "expired"),
        ({"self_signed": True}, unchanged, "self-signed"),
        ({"host": "other.example"}, unchanged, "not valid for"),
        ({}, old_tls(ssl.TLSVersion.TLSv1), "TLS is not acceptable"),
        ({}, old_tls(ssl.TLSVersion.TLSv1_1), "TLS is not acceptable"),
        ({}, weak_cipher, "TLS is not acceptable"),
    ],
    ids=["expired", "self-signed", "wrong-host", "tls-1.0", "tls-1.1", "weak-cipher"],
)
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_a9_a_server_with_bad_tls_is_refused_and_gets_no_request(authority, made, change, reason):
    certificate = authority.certificate(**{"host": HOST, **made})
    with serving(certificate, change) as ehr:
        with pytest.raises(FetchFailed, match=reason):
            ask(ehr, Tls(ca_bundle=authority.bundle))
        assert ehr.seen == []


def test_a9_another_authority_is_not_trusted(authority, tmp_path):
    other = Authority(tmp_path, "Another authority")
    with serving(authority.certificate(HOST)) as ehr:
        for tls in (Tls(ca_bundle=other.bundle), Tls()):
            with pytest.raises(FetchFailed, match="TLS is not acceptable"):
                ask(ehr, tls)
        assert ehr.seen == []


def test_a9_nothing_that_requests_knows_switches_the_verification_off(authority):
    """The adapter takes `verify` and `cert` of whoever calls it, and does not listen."""
    with serving(authority.certificate("other.example")) as ehr:
        target = Target(f"https://{HOST}:{ehr.port}/", private=True, tls=Tls(authority.bundle))
        with Session(target, resolve=lambda *_: ["127.0.0.1"]) as session:
            request = requests.Request("GET", target.url).prepare()
            with pytest.raises(requests.exceptions.SSLError):
                session._adapter.send(request, timeout=2, verify=False)
        assert ehr.seen == []


def test_a8_a9_the_environment_names_no_authority(authority, monkeypatch):
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, str(authority.bundle))
    with serving(authority.certificate(HOST)) as ehr, pytest.raises(FetchFailed, match="TLS"):
        ask(ehr, Tls())


def test_a9_a_client_certificate_is_shown_where_one_is_registered(authority):
    def insist(context):
        context.load_verify_locations(authority.bundle)
        context.verify_mode = ssl.CERT_REQUIRED

    ours = authority.certificate("cds.example")
    with serving(authority.certificate(HOST), insist) as ehr:
        tls = Tls(authority.bundle, certificate=ours, certificate_key=ours)
        assert ask(ehr, tls) == b'{"keys": []}'
        assert ask(ehr, Tls(authority.bundle, certificate=ours)) == b'{"keys": []}'
        with pytest.raises(FetchFailed):
            ask(ehr, Tls(authority.bundle))
        assert len(ehr.seen) == 2


def test_a9_a_file_that_cannot_be_used_is_named(authority, tmp_path):
    junk = tmp_path / "junk.pem"
    junk.write_text("not a certificate")
    for tls in (
        Tls(ca_bundle=tmp_path / "missing.pem"),
        Tls(ca_bundle=junk),
        Tls(certificate=junk),
        Tls(certificate=authority.bundle),
    ):
        with pytest.raises(SettingsInvalid, match=r"\.pem"):
            tls_context(tls)


def test_a9_an_encrypted_key_is_an_error_and_no_question(tmp_path):
    key = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )
    file = tmp_path / "encrypted.pem"
    file.write_bytes(key)
    with pytest.raises(SettingsInvalid, match="certificate_key"):
        tls_context(Tls(certificate=file, certificate_key=file))


def test_f1_a_handshake_that_never_ends_costs_the_time_and_no_more(authority):
    """The kernel accepts the connection, and nobody ever speaks TLS on it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/"
        with pytest.raises(FetchFailed, match="in time"):
            get_document(Target(url, tls=Tls(authority.bundle)), at_most=9, seconds=0.2, accept="*")
