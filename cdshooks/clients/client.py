"""One registered client: who it is, how it proves that, where its data are, what it can show."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cdshooks.fhir.base import FhirBase
from cdshooks.hooks.caller import DEFAULT_JURISDICTION
from cdshooks.hooks.profile import EVERYTHING, Profile
from cdshooks.outbound.target import Target


@dataclass(frozen=True, slots=True)
class Client:
    """A client in the sense of CDS Hooks. None is no limit; seconds and milliseconds as named.

    Its public keys come from `jwks_file` or from the registered `jku`; a `jku` beside a file is
    only compared. `audiences` are accepted beside the URL that was called. `tenants` are the values
    of the claim of that name, `services` the ids, that it may use. `prefetch` holds its own
    templates by service and key.
    """

    name: str
    issuer: str
    jwks_file: Path | None = None
    jku: Target | None = None
    audiences: tuple[str, ...] = ()
    tenants: frozenset[str] | None = None
    services: frozenset[str] | None = None
    skew_seconds: int = 60
    lifetime_seconds: int = 3600  # exp - iat at most
    fhir_servers: tuple[FhirBase, ...] = ()
    fhir_client_id: str | None = None
    fetch_ms: int = 400
    answer_ms: int = 450
    jurisdiction: str = DEFAULT_JURISDICTION
    prefetch: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    profile: Profile = EVERYTHING
    cors_origins: tuple[str, ...] = ()
    gets_assessment: bool = False
    missing_as_card: bool = False
