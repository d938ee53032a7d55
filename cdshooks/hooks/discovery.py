"""What a service announces: its hook, its words and the data it asks a client to prefetch."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from urllib.parse import quote

from cdshooks.hooks.caller import Caller
from cdshooks.knowledge.services import PrefetchTemplate, Service

__all__ = [
    "PrefetchTemplate",
    "Service",
    "discovery",
    "for_caller",
    "leaves_out_older",
    "narrowing",
    "query",
]

# What chooses the patient, or only the form of the answer.
_WHOLE = ("patient", "subject", "subject:Patient", "_id", "_count", "_sort", "_format")
_TOKEN = re.compile(r"\{\{(.*?)\}\}")


def for_caller(service: Service, caller: Caller) -> Service:
    """The service with the prefetch templates that this caller was given in place of ours."""
    own = caller.templates.get(service.id)
    if not own:
        return service
    templates = (replace(one, template=own.get(one.key, one.template)) for one in service.prefetch)
    return replace(service, prefetch=tuple(templates))


@cache  # a template is of a service or of a registered client: there are few, asked in each call
def narrowing(template: str) -> tuple[str, ...]:
    """The parameters by which a template leaves a part of the record out.

    >>> narrowing("Observation?patient={{context.patientId}}&category=laboratory&_count=200")
    ('category',)
    """
    return tuple(name for name, _ in _narrowing(template))


@cache
def leaves_out_older(template: str) -> bool:
    """Is a lower bound of the date all that narrows it? Then nothing that came is superseded.

    >>> leaves_out_older("Observation?patient={{context.patientId}}&date=ge2024-01-01")
    True
    """
    bounds = _narrowing(template)
    return bool(bounds) and all(
        name == "date" and value.startswith(("ge", "gt")) for name, value in bounds
    )


@cache
def _narrowing(template: str) -> tuple[tuple[str, str], ...]:
    _, _, parameters = template.partition("?")
    pairs = (part.partition("=") for part in parameters.split("&") if part)
    return tuple((name, value) for name, _, value in pairs if name not in _WHOLE)


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


def query(template: str, tokens: Mapping[str, str]) -> str | None:
    """A prefetch template with its tokens filled in; None if one of them has no value.

    >>> query("Observation?patient={{context.patientId}}", {"context.patientId": "p1"})
    'Observation?patient=p1'
    """
    names = [name.strip() for name in _TOKEN.findall(template)]
    if not all(tokens.get(name) for name in names):
        return None
    return _TOKEN.sub(lambda found: quote(tokens[found[1].strip()], safe="/"), template)
