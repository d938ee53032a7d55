"""The fingerprint of RSA keys that can be factored (CVE-2017-15361, "ROCA").

Some chips of Infineon made their primes as k * M + (65537 ** a mod M), where M is the product of
the first primes. So the modulus is a power of 65537 modulo each of these primes. Of sound keys one
in 240 million looks like that by chance; it is refused too, and its owner makes another.

Nemec et al., The Return of Coppersmith's Attack, ACM CCS 2017, section 2.4.
"""


def has_roca_fingerprint(modulus: int) -> bool:
    """Whether `modulus` is a power of 65537 modulo each of the small primes."""
    return all(modulus % prime in powers for prime, powers in _POWERS.items())


def _powers_of_65537(prime: int) -> frozenset[int]:
    return frozenset(pow(65537, exponent, prime) for exponent in range(prime - 1))


# The primes that divide M for every length of key (2 tells nothing).
_PRIMES = (
    *(3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97),
    *(101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167),
)
_POWERS = {prime: _powers_of_65537(prime) for prime in _PRIMES}
