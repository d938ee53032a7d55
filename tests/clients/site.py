"""The files of an installation: key sets, certificates, and a config file that names them."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID
from joserfc.jwk import ECKey, OctKey

SANDBOX_KID = "44823f3d-0b01-4a6c-a80e-b9d3e8a7226f"

SERVICE = {"public_base": '"https://cds.example.org"'}
CLIENT = {"issuer": '"https://north.example.org"', "jwks_file": '"keys.json"'}


def config(client=(), service=(), more=""):
    """A config file with one client; each value is TOML, None leaves the key out."""
    tables = {"service": {**SERVICE, **dict(service)}, "clients.north": {**CLIENT, **dict(client)}}
    parts = [more]
    for table, values in tables.items():
        lines = [f"{key} = {value}" for key, value in values.items() if value is not None]
        parts += [f"[{table}]", *lines]
    return "\n".join(parts)


def furnish(folder: Path) -> None:
    """Every file that the config files of the tests name."""
    key = ECKey.generate_key("P-384", {"kid": "a+/="}).as_dict(private=False)
    private = ECKey.generate_key("P-384", {"kid": "p"}).as_dict(private=True)
    small = {"kty": "RSA", "kid": "s", "e": "AQAB", "n": "f" * 171}  # 1024 bits
    secret = OctKey.generate_key(256, {"kid": "o"}).as_dict(private=True)
    sets = {
        "keys.json": {"keys": [key]},
        "two.json": {"keys": [key, small]},
        "private.json": {"keys": [key, private]},
        "private-key.json": private,
        "secret.json": {"keys": [secret]},
        "small.json": {"keys": [small]},
        "twice.json": {"keys": [key, key]},
        "none.json": {"keys": []},
        "no-set.json": [key],
        "sandbox.json": {"keys": [{**key, "kid": SANDBOX_KID}]},
    }
    for name, keys in sets.items():
        (folder / name).write_text(json.dumps(keys))
    (folder / "page.json").write_text("<html>SECRET-4711</html>")
    (folder / "folder.json").mkdir()
    _certificates(folder)


def _certificates(folder: Path) -> None:
    key, other = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "cds.example.org")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    certificate = (
        builder.not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    sealed = BestAvailableEncryption(b"SECRET-4711")
    for file, one, lock in (
        ("key.pem", key, NoEncryption()),
        ("other.pem", other, NoEncryption()),
        ("sealed.pem", key, sealed),
    ):
        pem = one.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock)
        (folder / file).write_bytes(pem)
