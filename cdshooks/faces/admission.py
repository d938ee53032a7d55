"""Who is let in: anybody in a sandbox, verified clients elsewhere, nobody where there are none."""

from cdshooks.faces.policy import Admission
from cdshooks.fhir.client import FhirClient
from cdshooks.hooks.caller import sandbox_caller
from cdshooks.settings import Settings


def admission(settings: Settings) -> Admission | None:
    """How one worker lets callers in; None where nobody can be."""
    if not settings.sandbox:
        return None
    servers = settings.fhir_servers
    fetch = FhirClient(servers, settings.fetch_budget_ms / 1000) if servers else None
    caller = sandbox_caller(fetch)
    return Admission(lambda _authorization, _path: caller)
