"""Which public keys of a client are taken, and what is said of the others."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from cdshooks.errors import CallerUnknown, KeysUnreadable
from cdshooks.trust.keys import KEYS_AT_MOST, SET_AT_MOST, read_jwks
from tests.trust.ehr import (
    ABSENT,
    EC_KEY,
    ISSUER,
    KID,
    OTHER_KEY,
    P256_KEY,
    RSA_KEY,
    RSA_KID,
    Desk,
    changed,
    es,
    jwks,
    number64,
    public_jwk,
    token,
)

EC_JWK, RSA_JWK = public_jwk(EC_KEY, KID), public_jwk(RSA_KEY, RSA_KID)
SECRET = OctKey.generate_key(256).as_dict(private=True)


def private(kind: type[ECKey] | type[RSAKey], key: Any, **members: Any) -> dict[str, Any]:
    return {**kind.import_key(key).as_dict(private=True), **members}


def test_p107_p109_the_algorithm_follows_from_the_key():
    keys = read_jwks(jwks(EC_JWK, RSA_JWK))
    assert [key.algorithm for key in keys.keys.values()] == ["ES384", "RS384"]
    assert keys.find(KID).kid == KID
    assert keys.refused == ()


@pytest.mark.parametrize("bits", [2_048, 3_072, 4_096])
def test_p109_rsa_keys_of_every_usual_length_are_taken(bits):
    key = rsa.generate_private_key(65_537, bits)
    assert read_jwks(jwks(public_jwk(key, "k"))).find("k").algorithm == "RS384"


@pytest.mark.parametrize("exponent", [3, 17, 65_537, 2**32 + 1])
def test_p109_every_usual_exponent_is_taken(exponent):
    assert read_jwks(jwks({**RSA_JWK, "e": number64(exponent)})).find(RSA_KID) is not None


@pytest.mark.parametrize(
    "members",
    [
        {"alg": "ES384"},
        {"use": "sig"},
        {"key_ops": ["verify"]},
        {"key_ops": ["sign", "verify", "something-new"]},
        {"use": "sig", "key_ops": ["verify"], "alg": "ES384"},
        {"x5c": ["not a certificate"], "x5u": 7, "x5t": None, "exp": 1, "unknown": {"a": []}},
    ],
    ids=str,
)
def test_p109_what_a_key_says_of_itself_is_read_and_the_rest_is_not(members):
    assert read_jwks(jwks({**EC_JWK, **members})).find(KID) is not None


# A key, and a word of the reason that is told. The kid stays out of the reason: it may be anything.
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no kid": (changed(EC_JWK, {"kid": ABSENT}), "kid"),
    "kid null": ({**EC_JWK, "kid": None}, "kid"),
    "kid a number": ({**EC_JWK, "kid": 1}, "kid"),
    "kid empty": ({**EC_JWK, "kid": ""}, "kid"),
    "kid too long": ({**EC_JWK, "kid": "k" * 1_025}, "kid"),
    "no kty": (changed(EC_JWK, {"kty": ABSENT}), "neither"),
    "kty a list": ({**EC_JWK, "kty": ["EC"]}, "neither"),
    "P-256": (public_jwk(P256_KEY, KID), "neither"),
    "P-521": (public_jwk(ec.generate_private_key(ec.SECP521R1()), KID), "neither"),
    "secp256k1": (public_jwk(ec.generate_private_key(ec.SECP256K1()), KID), "neither"),
    "Ed25519": (OKPKey.generate_key("Ed25519", {"kid": KID}, private=False).as_dict(), "neither"),
    "a secret": ({**SECRET, "kid": KID}, "secret"),
    "an empty secret": ({"kty": "oct", "kid": KID, "alg": "HS384"}, "neither"),
    "a private EC key": (private(ECKey, EC_KEY, kid=KID), "secret"),
    "a private RSA key": (private(RSAKey, RSA_KEY, kid=KID), "secret"),
    "d alone": ({**EC_JWK, "d": None}, "secret"),
    "k beside EC": ({**EC_JWK, "k": "c2VjcmV0"}, "secret"),
    "use enc": ({**EC_JWK, "use": "enc"}, "use"),
    "use null": ({**EC_JWK, "use": None}, "use"),
    "key_ops without verify": ({**EC_JWK, "key_ops": ["sign"]}, "key_ops"),
    "key_ops empty": ({**EC_JWK, "key_ops": []}, "key_ops"),
    "key_ops a text": ({**EC_JWK, "key_ops": "verify"}, "key_ops"),
    "EC with RS384": ({**EC_JWK, "alg": "RS384"}, "alg"),
    "EC with ES256": ({**EC_JWK, "alg": "ES256"}, "alg"),
    "EC with ES384 in small": ({**EC_JWK, "alg": "es384"}, "alg"),
    "EC with alg null": ({**EC_JWK, "alg": None}, "alg"),
    "RSA with RS256": ({**RSA_JWK, "alg": "RS256"}, "alg"),
    "RSA with PS384": ({**RSA_JWK, "alg": "PS384"}, "alg"),
    "RSA with HS384": ({**RSA_JWK, "alg": "HS384"}, "alg"),
    "RSA with none": ({**RSA_JWK, "alg": "none"}, "alg"),
    "no y": (changed(EC_JWK, {"y": ABSENT}), "numbers"),
    "x a number": ({**EC_JWK, "x": 5}, "numbers"),
    "x empty": ({**EC_JWK, "x": ""}, "numbers"),
    "x padded": ({**EC_JWK, "x": EC_JWK["x"] + "=="}, "numbers"),
    "x not base64url": ({**EC_JWK, "x": "+" + EC_JWK["x"][1:]}, "numbers"),
    "x not ASCII": ({**EC_JWK, "x": "ä" + EC_JWK["x"][1:]}, "numbers"),
    "not on the curve": ({**EC_JWK, "x": public_jwk(OTHER_KEY, KID)["x"]}, "numbers"),
    "the point at infinity": ({**EC_JWK, "x": "AA", "y": "AA"}, "numbers"),
    "no n": (changed(RSA_JWK, {"n": ABSENT}), "numbers"),
    "n a list": ({**RSA_JWK, "n": [RSA_JWK["n"]]}, "numbers"),
    "n zero": ({**RSA_JWK, "n": "AA"}, "bits"),
    "e empty": ({**RSA_JWK, "e": ""}, "numbers"),
    "1024 bits": ({**RSA_JWK, "n": number64(2**1_024 - 1)}, "bits"),
    "2047 bits": ({**RSA_JWK, "n": number64(2**2_047 - 1)}, "bits"),
    "8193 bits": ({**RSA_JWK, "n": number64(2**8_192 + 1)}, "bits"),
    "80 000 bits": ({**RSA_JWK, "n": number64(2**80_000 + 1)}, "bits"),
    "e is 0": ({**RSA_JWK, "e": number64(0) or "AA"}, "exponent"),
    "e is 1": ({**RSA_JWK, "e": number64(1)}, "exponent"),
    "e is even": ({**RSA_JWK, "e": number64(65_536)}, "exponent"),
    "e is endless": ({**RSA_JWK, "e": number64(2**2_000 + 1)}, "exponent"),
}


@pytest.mark.parametrize(("jwk", "word"), REFUSED.values(), ids=REFUSED.keys())
def test_p108_p109_p111_b1_a_key_that_must_not_verify_is_refused_and_another_of_the_set_is_not(
    jwk, word
):
    other = public_jwk(OTHER_KEY, "another")
    keys = read_jwks(jwks(other, jwk))
    assert list(keys.keys) == ["another"]
    (reason,) = keys.refused
    assert reason.startswith("key 2: ")
    assert word in reason
    assert KID not in reason


def test_p111_b2_of_a_kid_that_is_given_twice_no_key_is_taken():
    """Not even where one of them could not be used: which one was meant, nobody knows."""
    twins = [EC_JWK, public_jwk(OTHER_KEY, KID)]
    unusable = [EC_JWK, {**RSA_JWK, "kid": KID, "use": "enc"}]
    for set_of in (twins, twins[::-1], [EC_JWK, EC_JWK], unusable, unusable[::-1]):
        keys = read_jwks(jwks(*set_of, RSA_JWK))
        assert list(keys.keys) == [RSA_KID]
        assert len(keys.refused) == 2
        desk = Desk(keys={ISSUER: keys})
        for signer in (es(key, hashes.SHA384(), 48) for key in (EC_KEY, OTHER_KEY)):
            with pytest.raises(CallerUnknown) as caught:
                desk.verify(token(None, None, signer))
            assert caught.value.reason == "key"


def test_p111_b2_a_kid_is_found_by_its_very_text():
    odd = ("../../dev/null", "' OR 1=1 --", "\x00", "a+/=", "k" * 1_024)
    kids = ["a", "A", " a", "\u00e9", "e\u0301", *odd]
    keys = read_jwks(jwks(*({**EC_JWK, "kid": kid} for kid in kids)))
    assert list(keys.keys) == kids
    assert keys.find("a ") is None
    assert keys.find("") is None


def test_b2_the_sets_have_limits():
    many = [{**EC_JWK, "kid": str(number)} for number in range(KEYS_AT_MOST + 1)]
    assert len(read_jwks(jwks(*many[1:])).keys) == KEYS_AT_MOST
    body = jwks(EC_JWK)
    assert read_jwks(body + b" " * (SET_AT_MOST - len(body))).find(KID) is not None
    for too_much in (jwks(*many), body + b" " * (SET_AT_MOST + 1 - len(body))):
        with pytest.raises(KeysUnreadable):
            read_jwks(too_much)


UNREADABLE = {
    "empty": b"",
    "HTML": b"<!doctype html><title>Sign in</title>",
    "null": b"null",
    "array": b"[]",
    "no keys": b"{}",
    "keys null": b'{"keys": null}',
    "keys an object": b'{"keys": {}}',
    "keys of texts": b'{"keys": ["x"]}',
    "one key without a set": json.dumps(EC_JWK).encode(),
    "cut off": jwks(EC_JWK)[:-2],
    "repeated keys": b'{"keys": [], "keys": []}',
    "a repeated member of a key": b'{"keys": [{"kty": "EC", "kty": "RSA"}]}',
    "NaN": b'{"keys": [], "a": NaN}',
    "byte order mark": b"\xef\xbb\xbf" + jwks(EC_JWK),
    "UTF-16": jwks(EC_JWK).decode().encode("utf-16"),
    "half a pair": b'{"keys": [{"kid": "\\ud800"}]}',
    "deep": b'{"keys": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "gzip": b"\x1f\x8b\x08\x00",
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_b2_what_is_no_set_of_keys_is_refused_as_a_whole(body):
    with pytest.raises(KeysUnreadable) as caught:
        read_jwks(body)
    assert "kty" not in str(caught.value)


def test_b1_an_empty_set_lets_nobody_in():
    assert read_jwks(b'{"keys": []}').keys == {}
