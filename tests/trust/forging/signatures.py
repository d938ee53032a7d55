"""Signatures that are not those of the key."""

import hashlib
import json
from collections.abc import Iterator

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tests.trust.ehr import (
    EC_KEY,
    ES384,
    OTHER_KEY,
    P256_KEY,
    PS384,
    RS384,
    RSA_KID,
    b64,
    claims,
    es,
    header,
    rs,
    token,
    unsigned,
)
from tests.trust.forging.forged import Forged, sent


def signatures() -> Iterator[Forged]:
    jwt = token()
    head, body, text = jwt.split(".")
    data = f"{head}.{body}".encode()
    raw = ES384(data)
    order = int(
        "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf"
        "581a0db248b0a77aecec196accc52973",
        16,
    )
    r, s = raw[:48], raw[48:]
    zero, one, n = (number.to_bytes(48, "big") for number in (0, 1, order))
    wrong = {
        "empty": b"",
        "one byte": b"\x00",
        "all zero": zero + zero,
        "r is zero": zero + s,
        "s is zero": r + zero,
        "one and one": one + one,
        "r is the order": n + s,
        "s is the order": r + n,
        "all ones": b"\xff" * 96,
        "DER": EC_KEY.sign(data, ec.ECDSA(hashes.SHA384())),
        "r and s change places": s + r,
        "short": raw[:-1],
        "long": raw + b"\x00",
        "zero in front of both": b"\x00" + r + b"\x00" + s,
        "of another key": es(OTHER_KEY, hashes.SHA384(), 48)(data),
        "of P-256": es(P256_KEY, hashes.SHA256(), 32)(data),
        "of P-256 in 48 bytes": es(P256_KEY, hashes.SHA384(), 48)(data),
        "with SHA-256": es(EC_KEY, hashes.SHA256(), 48)(data),
        "of RSA": RS384(data),
        "of other claims": ES384(f"{head}.{b64(json.dumps(claims(sub='x')).encode())}".encode()),
        "of the claims alone": ES384(body.encode()),
        "of the decoded bytes": ES384(json.dumps(header()).encode()),
        "a digest": hashlib.sha384(data).digest() * 2,
        **{f"bit {bit} turned": turned(raw, bit) for bit in (0, 7, 383, 384, 391, 767)},
    }
    for name, signature in wrong.items():
        yield sent(f"signature {name}", "signature", f"{head}.{body}.{b64(signature)}")
    for name, encoded in {
        "other header": json.dumps(header(cty="x")),
        "same header, spaced": json.dumps(header(), indent=1),
    }.items():
        yield sent(name, "signature", f"{b64(encoded.encode())}.{body}.{text}")
    yield sent("other claims", "signature", f"{head}.{token().split('.')[1]}.{text}")
    rsa_head = header(alg="RS384", kid=RSA_KID)
    for name, signer in {
        "PSS": PS384,
        "SHA-256": rs(hashes.SHA256()),
        "SHA-512": rs(hashes.SHA512()),
        "of EC": ES384,
        "empty": unsigned,
        "zero": lambda _: bytes(256),
        "one": lambda _: (1).to_bytes(256, "big"),
        "all ones": lambda _: b"\xff" * 256,
        "short": lambda signed: RS384(signed)[:-1],
        "long": lambda signed: b"\x00" + RS384(signed),
        "bit turned": lambda signed: turned(RS384(signed), 1_000),
    }.items():
        yield sent(f"RSA signature {name}", "signature", token(rsa_head, None, signer))


def turned(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 0x80 >> bit % 8
    return bytes(changed)
