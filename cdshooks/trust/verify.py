"""Who calls: a registered client, once its token has passed every check and was never used before.

The order of the checks is that of `CHECKS`. An answer tells nothing of them, nor does its time: a
token that is refused for its issuer or key costs a verification like one whose signature is wrong.
"""

import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import takewhile
from operator import itemgetter
from typing import NoReturn, TypeAlias

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from joserfc.jwk import ECKey, RSAKey

from cdshooks.clients.client import Client
from cdshooks.errors import CallerForbidden, CallerUnknown, TokenRefused
from cdshooks.trust.checks import CHECKS, FORBIDDEN, Call, KeyOf, examine
from cdshooks.trust.jws import signature_holds
from cdshooks.trust.keys import Algorithm, Key
from cdshooks.trust.token import Token, read_token

FirstUse: TypeAlias = Callable[[str, str, float], bool]
"""(issuer, jti, until when to remember it) -> whether it is new.

Raises TrustUnavailable or CallerTooFrequent.
"""

_TOLD_BY_TIME = frozenset({"issuer", "jku", "key", "key-algorithm"})


class Verifier:
    """Tells which of `clients` sent a call to a path behind `public_base`."""

    def __init__(
        self,
        clients: Iterable[Client],
        public_base: str,
        key_of: KeyOf,
        first_use: FirstUse,
        now: Callable[[], float] = time.time,
    ):
        self._clients = {client.issuer: client for client in clients}
        self._base = public_base.rstrip("/")
        self._key_of, self._first_use, self._now = key_of, first_use, now

    def verify(self, authorization: str | None, path: str) -> Client:
        """The client whose token this is. `path` is the canonical one, such as /cds-services/ID.

        Raises CallerUnknown, CallerForbidden, CallerTooFrequent, or TrustUnavailable where nobody
        can tell whether the token was used before.
        """
        token = read_token(authorization)
        client = None if token.issuer is None else self._clients.get(token.issuer)
        call = Call(self._base, path, self._now())
        seen = takewhile(itemgetter(1), examine(token, client, self._key_of, call))
        passed = tuple(check for check, _ in seen)
        if client is None or passed != CHECKS:  # whatever was not asked was not passed
            _refuse(passed, token, client)
        self._insist_on_first_use(token, client)
        return client

    def _insist_on_first_use(self, token: Token, client: Client) -> None:
        until = token.claims["exp"] + client.skew_seconds
        try:
            first = self._first_use(client.issuer, token.claims["jti"], until)
        except TokenRefused as error:
            error.client = client.name
            raise
        if not first:
            raise CallerUnknown("used", client=client.name)


def _refuse(passed: Sequence[str], token: Token, client: Client | None) -> NoReturn:
    reason = CHECKS[len(passed)]
    if reason in _TOLD_BY_TIME:
        signature_holds(token.jws, _nobodys_key(token.header["alg"]))
    refusal = CallerForbidden if reason in FORBIDDEN else CallerUnknown
    name = None if client is None else client.name
    if "signature" in passed:
        raise refusal(reason, client=name)
    raise refusal(reason, claimed=name)


@cache
def _nobodys_key(algorithm: Algorithm) -> Key:
    """A key for passing time: whatever it says of a signature is not listened to."""
    if algorithm == "ES384":
        return Key("", algorithm, ECKey.generate_key("P-384", private=False))
    modulus = secrets.randbits(2048) | 1 << 2047 | 1  # random, so nobody can sign for it
    return Key("", algorithm, RSAKey.import_key(RSAPublicNumbers(65537, modulus).public_key()))
