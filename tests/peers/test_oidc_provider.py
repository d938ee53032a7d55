"""The keys and tokens of oidc-provider, an issuer that others wrote, judged by our rules."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey

from cdshooks.clients.client import Client
from cdshooks.errors import CallerUnknown
from cdshooks.outbound.document import get_document
from cdshooks.outbound.target import Target
from cdshooks.trust.keyring import COOLDOWN, SOFT_AGE, KeyRing
from cdshooks.trust.keys import SET_AT_MOST
from cdshooks.trust.replay import open_store
from cdshooks.trust.verify import Verifier
from tests.peers.conftest import (
    HERE,
    HTTP,
    INSTALLED,
    free_port,
    node_program,
    require,
    running,
)

pytestmark = pytest.mark.peer

BASE = "https://cds.example"
PATH = "/cds-services/net-patient-view"


def key(kind: type[ECKey] | type[RSAKey], size: Any, kid: str, alg: str) -> dict[str, Any]:
    made = kind.generate_key(size, {"kid": kid, "use": "sig", "alg": alg}, private=True)
    return dict(made.as_dict(private=True))


KEYS = {
    "ES384": key(ECKey, "P-384", "es384", "ES384"),
    "RS384": key(RSAKey, 2048, "rs384", "RS384"),
    "ES256": key(ECKey, "P-256", "es256", "ES256"),
    "RS256": key(RSAKey, 2048, "rs256", "RS256"),
}
NEXT = key(ECKey, "P-384", "es384-next", "ES384")


class Issuer:
    """oidc-provider with some keys. New keys are a new process at the old address."""

    def __init__(self, folder: Path):
        self.port, self._folder = free_port(), folder

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @contextmanager
    def with_keys(self, *keys: dict[str, Any]) -> Iterator[None]:
        package = require("oidc-provider", INSTALLED["oidc-provider"])
        node = require("Node.js", node_program())
        (self._folder / "jwks.json").write_text(json.dumps({"keys": keys}))
        command = [str(node), str(HERE / "oidc/provider.mjs"), str(package), "jwks.json"]
        with running(lambda port: [*command, str(port)], "/jwks", self._folder, port=self.port):
            yield

    def token(self, client: str) -> str:
        """A new access token for our service, as the authorization header of a call."""
        form = {"grant_type": "client_credentials", "scope": "cds", "resource": BASE + PATH}
        answer = HTTP.post(f"{self.root}/token", data=form, auth=(client, "secret"), timeout=30)
        assert answer.status_code == 200, answer.text
        return f"Bearer {answer.json()['access_token']}"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def fetch(target: Target) -> bytes:
    return get_document(target, at_most=SET_AT_MOST, seconds=20, accept="application/json")


@pytest.fixture
def issuer(tmp_path: Path) -> Issuer:
    return Issuer(tmp_path)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Callers wait for a fetch for as long as a busy machine may need."""
    monkeypatch.setattr("cdshooks.trust.keyring.WAIT", 20.0)


def client_of(issuer: Issuer) -> Client:
    return Client("idp", issuer.root, jku=Target(f"{issuer.root}/jwks", private=True))


def test_p109_p112_its_keys_are_fetched_and_only_those_of_our_algorithms_are_taken(issuer, patient):
    client = client_of(issuer)
    with issuer.with_keys(*KEYS.values()):
        published = HTTP.get(f"{issuer.root}/jwks", timeout=30).json()["keys"]
        ring = KeyRing([client], fetch)
        taken = {jwk["kid"] for jwk in published if ring.key(client, jwk["kid"]) is not None}
    assert {jwk["kid"] for jwk in published} == {"es384", "rs384", "es256", "rs256"}
    assert taken == {"es384", "rs384"}


def test_b8_b9_its_rotation_is_followed_and_its_outage_outlived(issuer, patient):
    client, clock = client_of(issuer), Clock()
    ring = KeyRing([client], fetch, clock)
    with issuer.with_keys(KEYS["ES384"]):
        assert ring.key(client, "es384")
    clock.now += SOFT_AGE
    assert ring.key(client, "es384")  # nobody is there
    assert ring.key(client, "es384-next") is None
    clock.now += COOLDOWN
    with issuer.with_keys(NEXT, KEYS["ES384"]):
        assert ring.key(client, "es384-next")
        assert ring.key(client, "es384")
    clock.now += COOLDOWN
    with issuer.with_keys(NEXT):
        assert ring.key(client, "anything") is None  # an unknown one has the set fetched again
        assert ring.key(client, "es384-next")
        assert ring.key(client, "es384") is None


JUDGED = {
    "ES384.JWT": None,
    "RS384.JWT": None,
    "ES384": "type",  # an access token for a FHIR server is no proof of who calls us
    "ES256.JWT": "algorithm",
    "RS256.JWT": "algorithm",
}


def test_p107_p110_b6_its_tokens_are_judged_by_type_algorithm_and_first_use(
    issuer, patient, tmp_path
):
    client = client_of(issuer)
    tokens = open_store(f"sqlite:///{tmp_path}/used.db", seconds=20)
    verifier = Verifier([client], BASE, KeyRing([client], fetch).key, tokens.first_use)
    with issuer.with_keys(*KEYS.values()):
        sent = {name: issuer.token(name) for name in JUDGED}
        assert {name: refused(verifier, token) for name, token in sent.items()} == JUDGED
        assert {refused(verifier, sent[name]) for name in ("ES384.JWT", "RS384.JWT")} == {"used"}
        assert refused(verifier, issuer.token("ES384.JWT")) is None
    tokens.close()


def refused(verifier: Verifier, authorization: str) -> str | None:
    """Why the caller is not known; None if it is."""
    try:
        assert verifier.verify(authorization, PATH).name == "idp"
    except CallerUnknown as error:
        return error.reason
    return None
