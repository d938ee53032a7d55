"""Where a name may lead: rows A1, A2 and P122."""

import socket

import pytest

from cdshooks.errors import FetchFailed
from cdshooks.outbound import dial
from cdshooks.outbound.address import may_reach, registered_as_private
from cdshooks.outbound.document import get_document
from cdshooks.outbound.target import Target

NEVER = [
    "0.0.0.0",  # noqa: S104 - nothing binds to it
    "0.1.2.3",
    "169.254.169.254",
    "169.254.0.1",
    "192.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "100::1",
    "2001:db8::1",
    "2001::1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2002:a9fe:a9fe::1",
    "::127.0.0.1",
    "4000::1",
    "not an address",
    "",
]
PRIVATE = [
    "10.0.0.7",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.0.1",
    "::1",
    "fc00::1",
    "fd00:ec2::254",
    "::ffff:10.0.0.7",
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:7",
    "2002:7f00:1::1",
    "2002:c0a8:101::1",
]
PUBLIC = ["9.9.9.9", "193.0.6.139", "2620:fe::fe", "::ffff:9.9.9.9", "64:ff9b::909:909"]


@pytest.mark.parametrize("address", NEVER)
def test_a1_p122_some_addresses_are_never_gone_to(address):
    assert not may_reach(address, private=False)
    assert not may_reach(address, private=True)


@pytest.mark.parametrize("address", PRIVATE)
def test_a1_p122_a_private_address_is_gone_to_only_where_that_is_registered(address):
    assert not may_reach(address, private=False)
    assert may_reach(address, private=True)


@pytest.mark.parametrize("address", PUBLIC)
def test_a1_a_public_address_is_gone_to(address):
    assert may_reach(address, private=False)


@pytest.mark.parametrize(
    ("url", "private"),
    [
        ("https://ehr.example/fhir", False),
        ("http://localhost:8080/fhir", True),
        ("http://127.0.0.1/fhir", True),
        ("http://[::1]:8080/fhir", True),
        ("https://10.0.0.7/fhir", True),
        ("https://localhost.ehr.example/fhir", False),
        ("http://2130706433/fhir", False),
        ("http://0x7f.1/fhir", False),
        ("http://169.254.169.254/latest", False),
        ("https://user@ehr.example/fhir", False),
    ],
)
def test_a1_a_host_written_as_a_private_address_is_registered_on_purpose(url, private):
    assert registered_as_private(Target(url)) is private
    assert registered_as_private(Target(url, private=True))


@pytest.fixture
def connected(monkeypatch):
    """The addresses that are connected to; all of them refuse."""
    gone_to = []

    def connect(_self, where):
        gone_to.append(where[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(dial.BoundedSocket, "connect", connect)
    return gone_to


def document(target, resolve, seconds=1.0):
    with pytest.raises(FetchFailed) as failure:
        get_document(target, at_most=1000, seconds=seconds, accept="*/*", resolve=resolve)
    return str(failure.value)


@pytest.mark.parametrize("address", [*NEVER, *PRIVATE])
def test_a1_a2_a_name_that_leads_inside_is_not_connected_to(connected, address):
    for addresses in ([address], ["9.9.9.9", address], [address, "9.9.9.9"]):
        told = document(Target("https://ehr.example/keys"), lambda *_, found=addresses: found)
        assert "not allowed" in told
    assert connected == []


def test_a2_a_resolver_that_alternates_never_leads_inside():
    """200 tries against a listener at 127.0.0.1: what was checked is what is connected to."""
    gone_to, answers = [], []

    def connect(self, where):
        gone_to.append(where[0])
        if where[0] != "127.0.0.1":
            raise ConnectionRefusedError
        return socket.socket.connect(self, where)

    def resolve(_host, _port):
        answers.append(["9.9.9.9"] if len(answers) % 2 == 0 else ["127.0.0.1"])
        return answers[-1]

    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.MonkeyPatch.context() as patch:
        patch.setattr(dial.BoundedSocket, "connect", connect)
        target = Target(f"http://ehr.example:{listener.getsockname()[1]}/keys")
        for _ in range(200):
            document(target, resolve)
        listener.settimeout(0)
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert len(answers) == 200, "one connection, one resolution"
    assert gone_to == ["9.9.9.9"] * 100


def test_a2_the_addresses_of_a_name_are_tried_in_turn(connected):
    document(Target("https://ehr.example/"), lambda *_: ["9.9.9.9", "2620:fe::fe"])
    assert connected == ["9.9.9.9", "2620:fe::fe"]


def test_a2_a_name_without_an_address_is_a_failure(connected):
    assert "no answer" in document(Target("https://ehr.example/"), lambda *_: [])
    assert connected == []
