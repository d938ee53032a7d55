"""Algorithms that the header names and the key does not have."""

import hmac
import json
from collections.abc import Iterator
from itertools import product

from cryptography.hazmat.primitives import hashes, serialization

from tests.trust.ehr import (
    ABSENT,
    EC_KEY,
    ES384,
    KID,
    PS384,
    RS384,
    RSA_KEY,
    RSA_KID,
    Signer,
    es,
    header,
    public_jwk,
    rs,
    token,
    unsigned,
)
from tests.trust.forging.forged import Forged, sent, shown


def hs(secret: bytes, digest: str) -> Signer:
    return lambda data: hmac.new(secret, data, digest).digest()


def public_forms() -> Iterator[tuple[str, bytes]]:
    """What a forger may think that we use as the secret of an HMAC."""
    pem, info = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    for name, key, kid in (("EC", EC_KEY, KID), ("RSA", RSA_KEY, RSA_KID)):
        yield f"{name} PEM", key.public_key().public_bytes(pem, info)
        yield f"{name} JWK", json.dumps(public_jwk(key, kid)).encode()
    yield "empty", b""


def algorithms() -> Iterator[Forged]:
    for name in ("none", "None", "NONE", "nOnE", "noNe", "none ", "\x00none", "", "nοne"):
        yield sent(f"alg {name!a} unsigned", "algorithm", token(header(alg=name), None, unsigned))
        yield sent(f"alg {name!a} signed", "algorithm", token(header(alg=name)))
    for (form, secret), size in product(public_forms(), (256, 384, 512)):
        for kid in (KID, RSA_KID):
            jwt = token(header(alg=f"HS{size}", kid=kid), None, hs(secret, f"sha{size}"))
            yield sent(f"HS{size} with {form} as {kid}", "algorithm", jwt)
    others = {
        "RS256": (RSA_KID, rs(hashes.SHA256())),
        "RS512": (RSA_KID, rs(hashes.SHA512())),
        "PS384": (RSA_KID, PS384),
        "ES256": (KID, es(EC_KEY, hashes.SHA256(), 48)),
        "ES512": (KID, es(EC_KEY, hashes.SHA512(), 48)),
        "EdDSA": (KID, ES384),
        "es384": (KID, ES384),
        "ES384 ": (KID, ES384),
        "ЕS384": (KID, ES384),  # a Cyrillic letter
    }
    for name, (kid, signer) in others.items():
        yield sent(f"alg {name!a}", "algorithm", token(header(alg=name, kid=kid), None, signer))
    for value in (ABSENT, None, 384, True, ["ES384"], {"alg": "ES384"}):
        yield sent(f"alg {shown(value)}", "algorithm", token(header(alg=value)))
    mixed = {
        "RS384 named, EC key": (header(alg="RS384"), RS384),
        "RS384 named, EC key and signature": (header(alg="RS384"), ES384),
        "ES384 named, RSA key": (header(kid=RSA_KID), ES384),
        "ES384 named, RSA key and signature": (header(kid=RSA_KID), RS384),
    }
    for name, (head, signer) in mixed.items():
        yield sent(name, "key-algorithm", token(head, None, signer))
