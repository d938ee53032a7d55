"""Why a token is refused, in words for the team that sends it. The codes stand in our log only."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """What a code means, and what the client's team has to mend."""

    means: str
    cure: str


REASONS: Mapping[str, Reason] = {
    "absent": Reason(
        "The call has no Authorization header.",
        "Send `Authorization: Bearer <JWT>` with every call: discovery, services, feedback.",
    ),
    "size": Reason(
        "The Authorization header is longer than 16 KB.",
        "Leave out certificates and private claims that nobody reads.",
    ),
    "scheme": Reason(
        "The Authorization header is not of the Bearer scheme.",
        "Write `Bearer`, one space, and the token.",
    ),
    "form": Reason(
        "The token is not three parts of base64url between two dots.",
        "Send the compact form (RFC 7515, 7.1): no padding, white space, quotes or line ends.",
    ),
    "header": Reason(
        "The header of the token is not a JSON object that can be read in one way only.",
        "Encode it as UTF-8, with each member once.",
    ),
    "claims": Reason(
        "The claims of the token are not a JSON object that can be read in one way only.",
        "Encode them as UTF-8, with each claim once; neither encrypted nor compressed.",
    ),
    "type": Reason(
        "`typ` is not `JWT`.",
        "Set the header's `typ` to `JWT`.",
    ),
    "algorithm": Reason(
        "`alg` is neither `ES384` nor `RS384`.",
        "Sign with ES384 (a P-384 key), or with RS384 (an RSA key of 2048 bits or more).",
    ),
    "member": Reason(
        "The header has `jwk`, `x5u`, `x5c`, `crit` or `b64`.",
        "Leave these out: keys come from the registered JWK Set only.",
    ),
    "kid": Reason(
        "`kid` is no text of 1 to 1024 characters.",
        "Name the key in the header, exactly as the JWK Set does.",
    ),
    "issuer": Reason(
        "`iss` is not registered here.",
        "Compare it with the issuer in the registration, to the letter and the last slash.",
    ),
    "jku": Reason(
        "`jku` is not the one that is registered for this issuer.",
        "Send the registered URL to the letter, or no `jku`; a new URL has to be registered.",
    ),
    "key": Reason(
        "The JWK Set of this issuer has no usable key with this `kid`.",
        "Publish the public key (kid, P-384 or RSA, use sig) before it signs; no kid twice.",
    ),
    "key-algorithm": Reason(
        "`alg` is not the algorithm of the key that `kid` names.",
        "Sign with ES384 by a P-384 key, with RS384 by an RSA key; name the key that signed.",
    ),
    "signature": Reason(
        "The signature is not that of the key over these bytes.",
        "Sign with the key whose `kid` is sent (ES384: r and s of 48 bytes each, not DER), and"
        " change nothing afterwards.",
    ),
    "times": Reason(
        "`exp` or `iat` is missing, or one of `exp`, `iat`, `nbf` is no number of seconds.",
        "Send whole seconds since 1970 as JSON numbers, not as texts.",
    ),
    "expired": Reason(
        "`exp` has passed.",
        "Sign a new token for each call, and set the clock by NTP.",
    ),
    "issued-later": Reason(
        "`iat` is in the future.",
        "Set the clock by NTP; mind seconds against milliseconds.",
    ),
    "not-yet": Reason(
        "`nbf` is in the future.",
        "Set the clock by NTP; mind seconds against milliseconds.",
    ),
    "lifetime": Reason(
        "`exp` is not later than `iat`, or later by more than the registered lifetime.",
        "Let the token live for the registered lifetime at most; five minutes are enough.",
    ),
    "audience": Reason(
        "`aud` does not name the URL that was called.",
        "Set it to the very URL of the call (discovery, service or feedback), or have the value"
        " that is sent registered.",
    ),
    "jti": Reason(
        "`jti` is no printable text of 1 to 256 characters.",
        "Give each token an id of its own, such as a UUID.",
    ),
    "used": Reason(
        "A token with this `jti` was used before.",
        "Sign a new token for each call, for a repeated one as well.",
    ),
    "tenant": Reason(
        "403: `tenant` is none of those that are registered for this issuer.",
        "Have the tenant registered, or send the claim.",
    ),
    "service": Reason(
        "403: this client is not registered for the service.",
        "Call a service that discovery lists, or have this one registered.",
    ),
}
