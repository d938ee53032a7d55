"""An EHR that signs tokens, good ones and forged ones, and a verifier at a stopped clock."""

import base64
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from joserfc.jwk import ECKey, RSAKey

from cdshooks.clients.client import Client
from cdshooks.outbound.target import Target
from cdshooks.trust.keys import KeySet, read_jwks
from cdshooks.trust.verify import Verifier

NOW = 1_800_000_000
BASE = "https://cds.example.org"
PATH = "/cds-services/net-patient-view"
URL = BASE + PATH
ISSUER = "https://ehr.example.org"
OTHER_ISSUER = "https://other.example.net"
JKU = "https://ehr.example.org/keys/jwks.json"
KID = "ec/2026+11=="  # Epic's have the signs of plain base64
RSA_KID = "rsa-1"

EC_KEY = ec.generate_private_key(ec.SECP384R1())
OTHER_KEY = ec.generate_private_key(ec.SECP384R1())
P256_KEY = ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(65_537, 2_048)

Signer = Callable[[bytes], bytes]


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number64(number: int) -> str:
    return b64(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def public_jwk(key: Any, kid: str, **members: Any) -> dict[str, Any]:
    kind = RSAKey if isinstance(key, rsa.RSAPrivateKey) else ECKey
    return {**kind.import_key(key.public_key()).as_dict(), "kid": kid, **members}


def jwks(*keys: Mapping[str, Any]) -> bytes:
    return json.dumps({"keys": keys}).encode()


KEYS = read_jwks(jwks(public_jwk(EC_KEY, KID), public_jwk(RSA_KEY, RSA_KID)))
OTHER_KEYS = read_jwks(jwks(public_jwk(OTHER_KEY, KID)))

CLIENT = Client("ehr", ISSUER, jku=Target(JKU))
OTHER = Client("other", OTHER_ISSUER)


# ---- signing -------------------------------------------------------------------------------------


def es(key: ec.EllipticCurvePrivateKey, hashed: hashes.HashAlgorithm, size: int) -> Signer:
    def sign(data: bytes) -> bytes:
        r, s = decode_dss_signature(key.sign(data, ec.ECDSA(hashed)))
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")

    return sign


def rs(hashed: hashes.HashAlgorithm, key: rsa.RSAPrivateKey = RSA_KEY) -> Signer:
    return lambda data: key.sign(data, padding.PKCS1v15(), hashed)


def PS384(data: bytes) -> bytes:  # noqa: N802  the name of the algorithm
    hashed = hashes.SHA384()
    return RSA_KEY.sign(data, padding.PSS(padding.MGF1(hashed), hashed.digest_size), hashed)


ES384 = es(EC_KEY, hashes.SHA384(), 48)
RS384 = rs(hashes.SHA384())


def unsigned(_: bytes) -> bytes:
    return b""


def header(**changes: Any) -> dict[str, Any]:
    return changed({"alg": "ES384", "typ": "JWT", "kid": KID, "jku": JKU}, changes)


def claims(**changes: Any) -> dict[str, Any]:
    own = {"iss": ISSUER, "aud": URL, "exp": NOW + 300, "iat": NOW, "jti": uuid.uuid4().hex}
    return changed(own, changes)


def changed(members: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """With these instead; ABSENT leaves one out."""
    return {name: value for name, value in {**members, **changes}.items() if value is not ABSENT}


ABSENT = object()


def token(
    head: Mapping[str, Any] | bytes | None = None,
    body: Mapping[str, Any] | bytes | None = None,
    signer: Signer = ES384,
) -> str:
    """A JWT of these parts; bytes are taken as they are. Without a word it is a good one."""
    parts = [
        part if isinstance(part, bytes) else json.dumps(part).encode()
        for part in (header() if head is None else head, claims() if body is None else body)
    ]
    signed = ".".join(map(b64, parts))
    return f"{signed}.{b64(signer(signed.encode()))}"


def rsa_token(**changes: Any) -> str:
    return token(header(alg="RS384", kid=RSA_KID), claims(**changes), RS384)


# ---- verifying -----------------------------------------------------------------------------------


@dataclass
class Desk:
    """A verifier with all that it touches: its clock, the keys asked for, the tokens used."""

    clients: tuple[Client, ...] = (CLIENT, OTHER)
    keys: Mapping[str, KeySet] = field(
        default_factory=lambda: {ISSUER: KEYS, OTHER_ISSUER: OTHER_KEYS}
    )
    base: str = BASE
    now: float = NOW
    asked: list[tuple[str, str]] = field(default_factory=list)
    used: dict[tuple[str, str], float] = field(default_factory=dict)

    def verify(self, jwt: str, path: str = PATH) -> Client:
        return self.present(f"Bearer {jwt}", path)

    def present(self, authorization: str | None, path: str = PATH) -> Client:
        verifier = Verifier(
            self.clients, self.base, self._key_of, self._first_use, lambda: self.now
        )
        return verifier.verify(authorization, path)

    def _key_of(self, client: Client, kid: str) -> Any:
        self.asked.append((client.issuer, kid))
        return self.keys[client.issuer].find(kid)

    def _first_use(self, issuer: str, jti: str, until: float) -> bool:
        new = (issuer, jti) not in self.used
        self.used.setdefault((issuer, jti), until)
        return new
