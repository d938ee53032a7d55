"""What a service announces: its hook, its words and the data it asks a client to prefetch."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

# The published version of CDS Hooks that answers follow; clients of 1.0 and 3.0 ignore the member
# or understand it.
SPECIFICATION = "2.0.1"

_TOKEN = re.compile(r"\{\{(.*?)\}\}")
_TYPE = re.compile(r"[A-Z][A-Za-z]*")


@dataclass(frozen=True, slots=True)
class PrefetchTemplate:
    """One query that a client is asked to run beforehand, as `Type/id` or `Type?search`.

    `resource_type` is what the answer is made of; left out, it is read off the template.
    """

    key: str
    template: str
    required: bool = False
    resource_type: str = ""

    def __post_init__(self) -> None:
        found = _TYPE.match(self.template)
        if not self.resource_type and found:
            object.__setattr__(self, "resource_type", found.group())

    def query(self, tokens: dict[str, str]) -> str | None:
        """The template with its tokens filled in; None if one of them has no value.

        >>> PrefetchTemplate("labs", "Observation?patient={{context.patientId}}").query(
        ...     {"context.patientId": "p1"})
        'Observation?patient=p1'
        """
        names = [name.strip() for name in _TOKEN.findall(self.template)]
        if not all(tokens.get(name) for name in names):
            return None
        return _TOKEN.sub(lambda found: quote(tokens[found[1].strip()], safe="/"), self.template)


@dataclass(frozen=True, slots=True)
class Service:
    """A CDS service as discovery shows it; answered at `/cds-services/{id}`."""

    id: str
    hook: str
    title: str
    description: str
    usage_requirements: str = ""
    version: str = SPECIFICATION
    prefetch: tuple[PrefetchTemplate, ...] = ()


def discovery(services: Iterable[Service]) -> dict[str, list[dict[str, object]]]:
    """The discovery response. Members without a value are left out, `services` never."""
    return {"services": [_announced(service) for service in services]}


def _announced(service: Service) -> dict[str, object]:
    announced: dict[str, object] = {
        "hook": service.hook,
        "title": service.title,
        "description": service.description,
        "id": service.id,
        "prefetch": {template.key: template.template for template in service.prefetch},
        "usageRequirements": service.usage_requirements,
        "version": service.version,
    }
    return {name: value for name, value in announced.items() if value}
