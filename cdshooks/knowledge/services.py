"""The files of mappings/services/: the CDS Hooks services, and what data each asks for."""

import re
from dataclasses import dataclass
from pathlib import Path

from cdshooks.errors import KnowledgeProblem
from cdshooks.knowledge.source import Node, read_folder


@dataclass(frozen=True, slots=True)
class PrefetchTemplate:
    """One prefetch key: the FHIR query, whether it is required, and why it is read."""

    key: str
    template: str
    required: bool
    resource_type: str
    why: str


@dataclass(frozen=True, slots=True)
class Service:
    """One CDS Hooks service, as its discovery entry shows it."""

    id: str
    hook: str
    title: str
    description: str
    usage_requirements: str
    version: str
    prefetch: tuple[PrefetchTemplate, ...]


def read_services(root: Path, problems: list[KnowledgeProblem]) -> tuple[Service, ...]:
    """mappings/services/, in the order of their names."""
    services = []
    required = ("id", "hook", "title", "description", "usageRequirements", "version", "prefetch")
    for _, node in read_folder(root, "services", problems):
        fields = node.fields(required, ())
        if set(required) <= fields.keys():
            templates = tuple(_template(key, entry) for key, entry in fields["prefetch"].pairs())
            services.append(
                Service(
                    id=fields["id"].text(),
                    hook=fields["hook"].text(),
                    title=fields["title"].text(),
                    description=fields["description"].text(),
                    usage_requirements=fields["usageRequirements"].text(),
                    version=fields["version"].text(),
                    prefetch=templates,
                )
            )
    return tuple(services)


def _template(key: str, node: Node) -> PrefetchTemplate:
    fields = node.fields(("template", "why"), ("required",))
    template = fields["template"].text() if "template" in fields else ""
    found = re.match(r"([A-Z][A-Za-z]+)[/?]", template)
    if not found:
        node.problem("the template names no resource type", "Type?patient={{context.patientId}}")
    return PrefetchTemplate(
        key,
        template,
        "required" in fields and fields["required"].one_of(("true", "false")) == "true",
        found[1] if found else "",
        fields["why"].text() if "why" in fields else "",
    )
