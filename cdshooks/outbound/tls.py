"""TLS towards a target: 1.2 at least, no weak cipher, the name checked, and no way out of that."""

import ssl
from functools import lru_cache
from pathlib import Path

from cdshooks.errors import SettingsInvalid
from cdshooks.outbound.dial import BoundedTlsSocket
from cdshooks.outbound.target import Tls

# CPython's own choice, written out: forward secrecy, and no SHA-1. The interpreters of Debian and
# others are built to take what OpenSSL takes, which is more.
_CIPHERS = (
    "@SECLEVEL=2:ECDH+AESGCM:ECDH+CHACHA20:ECDH+AES:DHE+AES:!aNULL:!eNULL:!aDSS:!SHA1:!AESCCM"
)
_NO_PASSWORD = b""  # an encrypted key is an error and not a question on the terminal


@lru_cache(maxsize=256)  # to read the authorities of the system takes a tenth of a second
def tls_context(tls: Tls) -> ssl.SSLContext:
    """The context for a target; its files are read once in the life of the process.

    Raises SettingsInvalid if one of them cannot be used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # checks certificate and name
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    context.sslsocket_class = BoundedTlsSocket
    try:
        _trust(context, tls.ca_bundle)
        if tls.certificate is not None:
            context.load_cert_chain(tls.certificate, tls.certificate_key, _NO_PASSWORD)
    except (OSError, ValueError) as error:
        named = ", ".join(
            f"{name} = {str(file)!r}"
            for name in ("ca_bundle", "certificate", "certificate_key")
            if (file := getattr(tls, name)) is not None
        )
        reason = type(error).__name__ if isinstance(error, ssl.SSLError) else error
        raise SettingsInvalid(f"{named}: cannot be used for TLS ({reason})") from None
    return context


def _trust(context: ssl.SSLContext, ca_bundle: Path | None) -> None:
    """Trust `ca_bundle` alone, or the authorities of the system, whatever the environment says."""
    if ca_bundle is not None:
        context.load_verify_locations(ca_bundle)
        return
    paths = ssl.get_default_verify_paths()
    file, folder = Path(paths.openssl_cafile), Path(paths.openssl_capath)
    found_file = file if file.is_file() else None
    found_folder = folder if folder.is_dir() and any(folder.iterdir()) else None
    if found_file is None and found_folder is None:
        from requests.utils import DEFAULT_CA_BUNDLE_PATH  # noqa: PLC0415  for few machines

        found_file = Path(DEFAULT_CA_BUNDLE_PATH)
    context.load_verify_locations(found_file, found_folder)
