"""Claims of good signatures that are not meant for us, not now, or not once."""

from collections.abc import Iterator
from itertools import product
from typing import Any

from cryptography.hazmat.primitives import hashes

from tests.trust.ehr import (
    ABSENT,
    ES384,
    ISSUER,
    NOW,
    OTHER_ISSUER,
    OTHER_KEY,
    RS384,
    RSA_KID,
    URL,
    claims,
    es,
    header,
    token,
)
from tests.trust.forging.forged import Forged, sent, shown


def issuers() -> Iterator[Forged]:
    for issuer in (
        *(ABSENT, None, "", 1, True, [ISSUER], {"iss": ISSUER}),
        *(ISSUER + "/", ISSUER + " ", ISSUER.upper(), "http" + ISSUER[5:], ISSUER[:-1]),
        *("https://ehr.exаmple.org", "https://evil.example", ISSUER + "\x00", ISSUER + ":443"),
    ):
        yield sent(f"iss {shown(issuer)}", "issuer", token(None, claims(iss=issuer)))
    head = header(jku=ABSENT)
    theirs = es(OTHER_KEY, hashes.SHA384(), 48)
    others = claims(iss=OTHER_ISSUER)
    # Both issuers have a key of the same kid.
    yield sent("ours, signed by the other", "signature", token(head, claims(), theirs))
    yield sent("the other's, signed by us", "signature", token(head, others, ES384))
    only_ours = header(jku=ABSENT, alg="RS384", kid=RSA_KID)
    yield sent("a key of ours, for the other", "key", token(only_ours, others, RS384))


def times() -> Iterator[Forged]:
    numbers = (None, True, False, str(NOW), f"{NOW + 300}", [NOW], {}, "", -1, 1e30, 10**400)
    for name, value in product(("exp", "iat"), (ABSENT, *numbers)):
        yield sent(f"{name} {shown(value)}", "times", token(None, claims(**{name: value})))
    for value in numbers:
        yield sent(f"nbf {shown(value)}", "times", token(None, claims(nbf=value)))
    wrong = {
        "expired long ago": ("expired", {"exp": NOW - 3_600, "iat": NOW - 3_900}),
        "of 1970": ("expired", {"exp": 300, "iat": 0}),
        "of next year": ("issued-later", {"exp": NOW + 31_536_300, "iat": NOW + 31_536_000}),
        "in milliseconds": ("issued-later", {"exp": (NOW + 300) * 1000, "iat": NOW * 1000}),
        "not yet": ("not-yet", {"nbf": NOW + 3_600}),
        "for a day": ("lifetime", {"exp": NOW + 86_400}),
        "for ever": ("lifetime", {"exp": 2**53}),
        "ends before it begins": ("lifetime", {"exp": NOW - 30, "iat": NOW + 30}),
        "ends as it begins": ("lifetime", {"exp": NOW, "iat": NOW}),
    }
    for name, (reason, changes) in wrong.items():
        yield sent(name, reason, token(None, claims(**changes)))


def ids() -> Iterator[Forged]:
    for jti in (
        ABSENT,
        None,
        "",
        7,
        1.5,
        True,
        ["x"],
        {},
        "x" * 257,
        "a\x00b",
        "a\nb",
        "\x7f",
        "a\u200bb",
    ):
        yield sent(f"jti {shown(jti)}", "jti", token(None, claims(jti=jti)))


def audiences() -> Iterator[Forged]:
    for name, audience in WRONG_AUDIENCES.items():
        yield sent(f"aud {name}", "audience", token(None, claims(aud=audience)))


WRONG_AUDIENCES: dict[str, Any] = {
    "absent": ABSENT,
    "null": None,
    "empty": "",
    "empty list": [],
    "number": 1,
    "object": {URL: URL},
    "list in a list": [[URL]],
    "ours beside a number": [URL, 1],
    "another service": URL + "-2",
    "discovery": "https://cds.example.org/cds-services",
    "feedback": URL + "/feedback",
    "the base": "https://cds.example.org",
    "longer": URL + "x",
    "shorter": URL[:-1],
    "trailing slash": URL + "/",
    "query": URL + "?x",
    "other case": URL.upper(),
    "host in capitals": URL.replace("cds.example", "CDS.example"),
    "http": URL.replace("https", "http"),
    "port": URL.replace(".org", ".org:443"),
    "host in front of the proxy": URL.replace("cds.example.org", "10.0.0.7:8080"),
    "another host": URL.replace("cds.example.org", "evil.example"),
    "the path alone": "/cds-services/net-patient-view",
    "two in one text": f"{URL} https://evil.example",
    "space behind": URL + " ",
    "percent-encoded": URL.replace("net-", "net%2D"),
    "double slash": URL.replace("/net", "//net"),
    "a Cyrillic letter": URL.replace("cds.e", "cds.е"),
    "a list of others": ["https://evil.example", URL + "/"],
}
