"""The FHIR server of a caller: where it is, and what came from it."""

from dataclasses import dataclass
from typing import Literal

from cdshooks.errors import FetchFailed
from cdshooks.outbound.target import Target

Fetched = tuple[tuple[bytes, ...], FetchFailed | None]
"""The pages that a server gave, and why it gave no more; None when these are all."""


@dataclass(frozen=True, slots=True)
class FhirBase:
    """The base of a FHIR server, and whether it is searched by GET or by POST to _search."""

    target: Target
    search: Literal["get", "post"] = "get"

    @property
    def url(self) -> str:
        return self.target.url
