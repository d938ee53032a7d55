"""What `cdshooks serve` says before it serves: where to look, and a call that can be pasted."""

from collections.abc import Iterable, Iterator

from cdshooks import __version__
from cdshooks.faces.fixtures import curl, default_root, load_cases
from cdshooks.faces.terminal.notes import service_notes
from cdshooks.settings import Settings

SHOWN_FIRST = "ileum-g1-progressive-after-ssa"  # a patient with options, drafts and missing data


def announcement(settings: Settings, edition: str, services: Iterable[str]) -> Iterator[str]:
    """The lines to print, with the version of the knowledge and the ids of its services.

    Raises InputUnreadable if a fixture has no head.
    """
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    base = f"http://{host}:{settings.port}"
    yield f"cdshooks-net {__version__}, knowledge {edition}"
    if not settings.sandbox:
        yield from _without_sandbox(settings, base)
        yield from service_notes(settings)
        return
    yield "Sign-in    none (sandbox)"
    yield f"Page       {base}/"
    yield f"Discovery  {base}/cds-services"
    services = list(services)
    for service in services:
        yield f"Service    {base}/cds-services/{service}"
    names = [case.name for case in load_cases(default_root())]
    if names and services:
        yield "Try it:"
        name = SHOWN_FIRST if SHOWN_FIRST in names else names[0]
        yield curl(base, name, services[0])


def _without_sandbox(settings: Settings, base: str) -> Iterator[str]:
    yield f"Health     {base}/healthz, {base}/readyz"
    if settings.clients:
        yield f"Discovery  {settings.public_base}/cds-services"
        yield f"Clients    {', '.join(client.name for client in settings.clients)}"
        return
    yield "No client is configured, so only health is served."
    yield "Add --sandbox to try the service with synthetic patients."
