"""Header members that would lead us to another key."""

from collections.abc import Iterator
from typing import Any

from cryptography.hazmat.primitives import hashes

from tests.trust.ehr import (
    ABSENT,
    JKU,
    KID,
    OTHER_KEY,
    es,
    header,
    public_jwk,
    token,
)
from tests.trust.forging.forged import Forged, sent, shown


def headers() -> Iterator[Forged]:
    for kind in (ABSENT, None, "", "at+jwt", "JOSE", "JWT ", "JWТ", 1, ["JWT"]):
        yield sent(f"typ {shown(kind)}", "type", token(header(typ=kind)))
    own = public_jwk(OTHER_KEY, KID)
    other = es(OTHER_KEY, hashes.SHA384(), 48)
    added = {
        "jwk": own,
        "x5u": "https://evil.example/cert.pem",
        "x5c": ["MIIB"],
        "crit": ["exp"],
        "b64": False,
    }
    for name, value in added.items():
        yield sent(f"header {name}", "member", token(header(**{name: value})))
        yield sent(f"header {name}, null", "member", token(header(**{name: None})))
    yield sent("header jwk that signed", "member", token(header(jwk=own), None, other))
    yield sent("crit empty", "member", token(header(crit=[])))
    yield sent("crit unknown", "member", token(header(crit=["x"], x=1)))
    yield sent("crit b64", "member", token(header(crit=["b64"], b64=False)))
    for kid in (ABSENT, None, "", 7, [KID], {"kid": KID}, "k" * 1025):
        yield sent(f"kid {shown(kid)}", "kid", token(header(kid=kid)))
    yield sent("kid of 64 KB", "size", token(header(kid="k" * 65_536)))
    unknown = (
        *("../../dev/null", "/dev/null", "' OR 1=1 --", f"{KID}' UNION SELECT 'x", "\x00"),
        *(f"{KID}\x00", f" {KID}", f"{KID} ", KID.upper(), KID[:-1], KID.replace("+", " ")),
        *("ec/2026%2B11%3D%3D", "ес/2026+11==", "https://evil.example/key", "*", "k" * 1024),
    )
    for kid in unknown:
        yield sent(f"kid {shown(kid)}", "key", token(header(kid=kid)))


def jkus() -> Iterator[Forged]:
    """Places that are not the registered one; none of them is ever fetched."""
    host, path = "https://ehr.example.org", "/keys/jwks.json"
    variants: tuple[Any, ...] = (
        *(JKU + more for more in (".evil", ".evil.example", "/", "/../x", "?", "?a=b", "#", "#a")),
        *(JKU + more for more in (" ", "\n", "\x00", "%00", ";a", "\\", "@evil.example")),
        *(" " + JKU, "\t" + JKU, JKU.upper(), JKU.replace("https", "HTTPS"), JKU[:-1]),
        JKU.replace("https:", "http:"),
        JKU.replace("https:", ""),
        *(f"https://{host[8:]}{port}{path}" for port in (":443", ":8443", ".", ":")),
        f"https://evil.example{path}",
        f"https://evil.example/?{JKU}",
        f"https://evil.example/#{JKU}",
        f"https://ehr.example.org@evil.example{path}",
        f"https://user@ehr.example.org{path}",
        f"https://evil.example\\@ehr.example.org{path}",
        f"https://ehr.example.org.evil.example{path}",
        f"https://xehr.example.org{path}",
        f"https://EHR.example.org{path}",
        f"https://ehr.exаmple.org{path}",  # a Cyrillic letter
        f"https://ehr.example。org{path}",
        f"https://xn--ehr.example.org{path}",
        *(host + other for other in ("/keys//jwks.json", "/keys/./jwks.json", "/keys/%6Awks.json")),
        host + "/keys/x/../jwks.json",
        *("file:///etc/passwd", "http://169.254.169.254/", "http://localhost/", "data:,{}", ""),
        *(None, 1, True, [JKU], {"url": JKU}),
    )
    for jku in variants:
        yield sent(f"jku {shown(jku)}", "jku", token(header(jku=jku)))
