"""Where a connection may go, and how it proves itself there."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Tls:
    """How a connection proves itself; None is what the system has. Files are PEM."""

    ca_bundle: Path | None = None  # trusted in place of the system's authorities
    certificate: Path | None = None  # ours; its key may be in the same file
    certificate_key: Path | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A registered URL. `private`: its name may lead to an address that is not public.

    A `proxy` (http://host:port) resolves the name in our place, so it has to keep what leads into
    the site's own network apart.
    """

    url: str
    private: bool = False
    tls: Tls = Tls()
    proxy: str | None = None
