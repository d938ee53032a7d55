"""A certificate authority of the test's own, and what it signs."""

import ipaddress
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = timedelta(days=1)


def _name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(*parts):
    return b"".join(
        part.public_bytes(serialization.Encoding.PEM)
        if isinstance(part, x509.Certificate)
        else part.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        for part in parts
    )


class Authority:
    """`certificate(host)` writes a PEM file of a certificate and its key into `folder`."""

    def __init__(self, folder, name="Test authority"):
        self.folder, self.name = folder, name
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.bundle = folder / f"{name}.pem"
        own = self._builder(_name(name), self.key.public_key(), -DAY, DAY)
        constraint = x509.BasicConstraints(ca=True, path_length=0)
        usage = x509.KeyUsage(
            digital_signature=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        own = own.add_extension(constraint, critical=True).add_extension(usage, critical=True)
        self.bundle.write_bytes(_pem(own.sign(self.key, hashes.SHA256())))

    def certificate(self, host, begins=-DAY, ends=DAY, *, self_signed=False):
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        builder = self._builder(_name(host), key.public_key(), begins, ends, self_signed)
        builder = builder.add_extension(
            x509.SubjectAlternativeName([_alternative(host)]), critical=False
        ).add_extension(
            x509.ExtendedKeyUsage(
                [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
            ),
            critical=False,
        )
        signed = builder.sign(key if self_signed else self.key, hashes.SHA256())
        file = self.folder / f"{self.name}-{host}-{ends.days}-{self_signed}.pem"
        file.write_bytes(_pem(signed, key))
        return file

    def _builder(self, subject, public_key, begins, ends, self_signed=False):
        now = datetime.now(UTC)
        issuer = self.key.public_key() if not self_signed else public_key
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject if self_signed else _name(self.name))
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + begins)
            .not_valid_after(now + ends)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer), critical=False
            )
        )


def _alternative(host):
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
