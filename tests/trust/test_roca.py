"""Keys of chips that chose their primes among few (CVE-2017-15361)."""

import random
from math import prod

from cryptography.hazmat.primitives.asymmetric import rsa

from cdshooks.trust.keys import read_jwks
from cdshooks.trust.roca import has_roca_fingerprint
from tests.trust.ehr import jwks, number64

FIRST_126 = [n for n in range(2, 702) if all(n % d for d in range(2, int(n**0.5) + 1))]
M = prod(FIRST_126)  # what the chips took for keys of 2048 bits


def weak_number(chance: random.Random) -> int:
    """Of 1024 bits, and of the form in which these chips look for a prime."""
    k = (0b11 << 1_022 | chance.getrandbits(1_022)) // M
    return k * M + pow(65_537, chance.getrandbits(60), M)


def test_b1_a_key_of_such_a_chip_is_refused():
    chance = random.Random(1)
    for _ in range(20):
        modulus = weak_number(chance) * weak_number(chance)
        assert modulus.bit_length() == 2_048
        jwk = {"kty": "RSA", "kid": "chip", "e": "AQAB", "n": number64(modulus)}
        keys = read_jwks(jwks(jwk))
        assert not keys.keys
        assert "CVE-2017-15361" in keys.refused[0]


def test_b1_one_prime_of_another_make_is_not_taken_for_one():
    chance = random.Random(2)
    sound = [weak_number(chance) * (chance.getrandbits(1_024) | 1) for _ in range(200)]
    assert not any(map(has_roca_fingerprint, sound))


def test_p109_sound_keys_are_not_taken_for_weak_ones():
    chance = random.Random(3)
    assert not any(has_roca_fingerprint(chance.getrandbits(2_048) | 1) for _ in range(20_000))
    key = rsa.generate_private_key(65_537, 2_048)
    assert not has_roca_fingerprint(key.public_key().public_numbers().n)
