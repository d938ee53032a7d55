"""What to know of the settings of the service that is no mistake."""

import textwrap
from collections.abc import Iterator
from urllib.parse import urlsplit

from cdshooks.clients.urls import is_loopback
from cdshooks.settings import Settings


def service_notes(settings: Settings) -> Iterator[str]:
    """Notes in lines of 80 columns, none where nothing is odd."""
    for note in _notes(settings):
        yield textwrap.fill(note, 80, initial_indent="Note       ", subsequent_indent=" " * 11)


def _notes(settings: Settings) -> Iterator[str]:
    if not is_loopback(settings.host):
        yield (
            "host is not loopback, and what is served there is plain HTTP: let nothing but a "
            "proxy that terminates TLS reach it (docs/operations.md)"
        )
    base = urlsplit(settings.public_base or "")
    if base.hostname and is_loopback(base.hostname) and base.port != settings.port:
        yield (
            f"public_base leads to this machine, but not to port {settings.port}, on which the "
            "service listens: right only if something passes its calls on"
        )
