"""Proxies: one that is registered is used, one of the environment never. Row A8."""

import socket
import ssl
import threading
from contextlib import contextmanager, suppress

import pytest

from cdshooks.errors import FetchFailed
from cdshooks.outbound.document import get_document
from cdshooks.outbound.target import Target, Tls
from tests.fake_ehr import FakeEhr
from tests.outbound.authority import Authority

KEYS = b'{"keys": []}'


@contextmanager
def forward_proxy(lead_to):
    """A proxy that notes the first line of each connection and leads all of them to one port."""
    lines = []

    def pass_on(source, sink):
        with suppress(OSError):
            while data := source.recv(65_536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def serve(client):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += client.recv(1)
        lines.append(head.split(b"\r\n")[0].decode())
        with client, socket.create_connection(("127.0.0.1", lead_to)) as server:
            if head.startswith(b"CONNECT"):
                client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            else:
                server.sendall(head)
            back = threading.Thread(target=pass_on, args=(server, client), daemon=True)
            back.start()
            pass_on(client, server)
            back.join(5)

    def accept(listener):
        with suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", lines
        listener.shutdown(socket.SHUT_RDWR)


def get(target, resolve=None):
    return get_document(target, at_most=1000, seconds=2, accept="*/*", resolve=resolve)


def only_the_proxy(host, _port):
    """A resolver of the inner network: it knows the proxy, and no host outside."""
    if host != "127.0.0.1":
        raise socket.gaierror
    return [host]


def test_a8_a_registered_proxy_resolves_the_name_of_the_target():
    with FakeEhr() as ehr, forward_proxy(ehr.port) as (proxy, lines):
        target = Target("http://ehr.example/jwks.json", proxy=proxy)
        assert get(target, only_the_proxy) == KEYS
        assert lines == ["GET http://ehr.example/jwks.json HTTP/1.1"]


def test_a8_a9_behind_a_proxy_the_certificate_of_the_target_is_checked(tmp_path):
    authority = Authority(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.certificate("ehr.example"))
    with FakeEhr(context=context) as ehr, forward_proxy(ehr.port) as (proxy, lines):
        tls = Tls(authority.bundle)
        target = Target("https://ehr.example/jwks.json", tls=tls, proxy=proxy)
        assert get(target, only_the_proxy) == KEYS
        assert lines[0].startswith("CONNECT ehr.example:443")
        with pytest.raises(FetchFailed, match="not valid for"):
            get(Target("https://other.example/jwks.json", tls=tls, proxy=proxy), only_the_proxy)
        assert len(ehr.seen) == 1


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"])
def test_a8_a_proxy_of_the_environment_is_not_used(monkeypatch, name):
    with FakeEhr() as ehr, forward_proxy(ehr.port) as (proxy, lines):
        monkeypatch.setenv(name, proxy)
        monkeypatch.setenv("NO_PROXY", "")
        assert get(Target(ehr.jwks_url)) == KEYS
        assert lines == []
