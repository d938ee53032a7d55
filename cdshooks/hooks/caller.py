"""Who calls, as far as an answer depends on it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cdshooks.fhir.base import Fetched
from cdshooks.hooks.profile import EVERYTHING, Profile

DEFAULT_JURISDICTION = "us"

Fetch = Callable[[str, Mapping[str, str], str | None, float], Mapping[str, Fetched]]
"""(FHIR base, {key: query or next link}, access token, when the call came) -> {key: what came}.

The time is of time.monotonic(): what is left of the budget of the whole answer follows from it.
Raises nothing.
"""


@dataclass(frozen=True, slots=True)
class Caller:
    """One client of this service. `fetch` reaches its FHIR servers, None where it has none.

    `services` are the ids that it may use, None for all. `templates` are its own prefetch templates
    by service and key. `chooses_setting`: its requests may choose day and jurisdiction.
    `gets_assessment`: answers carry the assessment document. `fhir_client_id` is the `subject` that
    its access tokens must be given to. `missing_as_card`: required data that cannot be had is told
    by a card, and not by a 412.
    """

    name: str
    fetch: Fetch | None = None
    profile: Profile = EVERYTHING
    jurisdiction: str = DEFAULT_JURISDICTION
    services: frozenset[str] | None = None
    templates: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fhir_client_id: str | None = None
    chooses_setting: bool = False
    gets_assessment: bool = False
    missing_as_card: bool = False

    def may_use(self, service_id: str) -> bool:
        return self.services is None or service_id in self.services


def sandbox_caller(fetch: Fetch | None = None) -> Caller:
    """Anybody who calls a sandbox."""
    return Caller("sandbox", fetch, chooses_setting=True, gets_assessment=True)
