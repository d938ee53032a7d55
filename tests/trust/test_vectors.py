"""The JWS and JWK vectors of Project Wycheproof (C2SP/wycheproof, testvectors_v1).

They are of many algorithms and carry no claims, so they are put to three layers:

- the signature (`read_jws`, `signature_holds`), with each key's own algorithm, although a client's
  set could not hold most of these keys;
- the key (`read_jwks`), its algorithm renamed to ours for its type, so that it is not refused for
  that alone, and then the signature;
- the whole verifier, with the keys as they stand.

The folder that holds wycheproof/ is named by the variable CORPORA.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from joserfc.errors import JoseError
from joserfc.jwk import import_key

from cdshooks.errors import CallerUnknown
from cdshooks.trust.jws import read_jws, signature_holds
from cdshooks.trust.keys import Key, read_jwks
from tests.trust.ehr import ISSUER, Desk, jwks

pytestmark = pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
OURS = {"EC": "ES384", "RSA": "RS384"}


class Vector(NamedTuple):
    name: str
    keys: list[dict[str, Any]]
    jws: str
    valid: bool


def vectors(file: str) -> Iterator[Vector]:
    path = Path(os.environ.get("CORPORA", "")) / "wycheproof" / file
    if not path.is_file():
        pytest.skip(f"CORPORA does not name a folder with wycheproof/{file}")
    for group in json.loads(path.read_text(encoding="utf-8"))["testGroups"]:
        named = group.get("public") or group["private"]
        for test in group["tests"]:
            yield Vector(
                f"{test['tcId']} {group['comment']} {test['comment']}",
                named.get("keys", [named]),
                test["jws"],
                test["result"] == "valid",
            )


def holds(vector: Vector) -> bool:
    """Whether the signature layer takes it, by the key that its header names."""
    try:
        jws = read_jws(vector.jws)
        kid = json.loads(jws.header)["kid"]
        (jwk,) = (jwk for jwk in vector.keys if jwk.get("kid") == kid)
        algorithm = jwk.get("alg") or json.loads(jws.header)["alg"]
        return signature_holds(jws, Key(kid, algorithm, import_key(jwk)))
    except (ValueError, KeyError, JoseError):
        return False


def accepted_key(vector: Vector) -> bool:
    """Whether the key layer takes the key that the header names, renamed."""
    renamed = [{**jwk, "alg": OURS.get(jwk["kty"], jwk.get("alg"))} for jwk in vector.keys]
    kid = json.loads(read_jws(vector.jws).header)["kid"]
    return read_jwks(jwks(*renamed)).find(kid) is not None


# Byte for byte the valid vector 357: C2SP/wycheproof issue 236.
MISLABELLED = ["367 base64 invalidBase64Padding", "370 base64 invalidBase64PaddingInPayload"]

STRICTER_THAN_THE_VECTORS = [
    "346 rfc7520 Figure20",  # the header names PS384, the key PS256
    "347 rfc7520 Figure27",  # the key is for "ES521", which is no algorithm
    "350 rfc7520WithKeyOps Figure20",
    "351 rfc7520WithKeyOps Figure27",
    "372 base64 InvalidCharacterInsertedInHeader",
    "373 base64 InvalidCharacterInsertedInPayload",
]


def test_p121_b1_no_invalid_signature_holds_and_a_valid_one_does():
    asked = list(vectors("json_web_signature_test.json"))
    assert [v.name for v in asked if not v.valid and holds(v)] == MISLABELLED
    assert [v.name for v in asked if v.valid and not holds(v)] == STRICTER_THAN_THE_VECTORS
    assert sum(not v.valid for v in asked) == 355
    assert sum(v.valid for v in asked) == 46


def test_p109_b1_no_invalid_key_is_taken_with_a_signature_that_holds():
    asked = list(vectors("json_web_key_test.json"))
    assert [v.name for v in asked if not v.valid and accepted_key(v) and holds(v)] == []
    taken = [v.name for v in asked if accepted_key(v)]
    assert taken == ["5 rs256 acceptsValid"]  # of the valid ones, the only one that is not a secret
    assert sum(not v.valid for v in asked) == 21


@pytest.mark.parametrize(
    ("number", "word"),
    [(6, "use"), (7, "CVE-2017-15361"), (8, "bits"), (9, "exponent"), (23, "numbers")],
)
def test_p109_b1_weak_and_wrong_rsa_keys_are_refused_for_what_they_are(number, word):
    """Not for the RS256 that they name: ROCA, 1024 bits, an exponent of 1, and a modulus lost."""
    (vector,) = (v for v in vectors("json_web_key_test.json") if v.name.startswith(f"{number} "))
    renamed = [{**jwk, "alg": OURS[jwk["kty"]]} for jwk in vector.keys]
    (reason,) = read_jwks(jwks(*renamed)).refused
    assert word in reason


@pytest.mark.parametrize("file", ["json_web_signature_test.json", "json_web_key_test.json"])
def test_p107_p108_b1_the_verifier_accepts_nothing_of_the_vectors(file):
    """Valid or not: each has another algorithm, and none says who signs it for whom."""
    for vector in vectors(file):
        desk = Desk(keys={ISSUER: read_jwks(jwks(*vector.keys))})
        with pytest.raises(CallerUnknown):
            desk.verify(vector.jws)
        assert not desk.used
