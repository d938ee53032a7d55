"""The files of mappings/services/: the CDS Hooks services, and what data each asks for."""

import re
from dataclasses import dataclass
from pathlib import Path

from cdshooks.errors import KnowledgeProblem
from cdshooks.knowledge.source import Node, expect_stem, read_folder
from cdshooks.knowledge.standing import read_version

HOOKS = ("patient-view", "order-select", "order-sign")


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
    for path, node in read_folder(root, "services", problems):
        fields = node.fields(required, ())
        if set(required) <= fields.keys():
            expect_stem(path, fields["id"])
            templates = tuple(_template(key, entry) for key, entry in fields["prefetch"].pairs())
            services.append(
                Service(
                    id=fields["id"].text(),
                    hook=fields["hook"].one_of(HOOKS),
                    title=fields["title"].text(),
                    description=fields["description"].text(),
                    usage_requirements=fields["usageRequirements"].text(),
                    version=read_version(fields["version"]),
                    prefetch=templates,
                )
            )
    return tuple(services)


def _template(key: str, node: Node) -> PrefetchTemplate:
    fields = node.fields(("template", "why"), ("required",))
    template = fields["template"].text() if "template" in fields else ""
    found = re.fullmatch(r"([A-Z][A-Za-z]+)[/?]\S+", template)
    if not found:
        node.problem("the template names no resource type", "Type?patient={{context.patientId}}")
    return PrefetchTemplate(
        key,
        template,
        "required" in fields and fields["required"].one_of(("true", "false")) == "true",
        found[1] if found else "",
        fields["why"].text() if "why" in fields else "",
    )
