"""Prefetch templates that a client has in place of ours: what keeps one from being used.

The record system of the client fills a template in, or we do when it did not. Either way the answer
must be the record of this patient, and of the resource type that we read under this key.
"""

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise

from cdshooks.knowledge.services import PrefetchTemplate, Service

PATIENT = "{{context.patientId}}"

# The context fields that a hook marks as tokens and always sends (CDS Hooks library 1.0). One that
# is optional, such as encounterId, would leave the key out whenever it is absent.
TOKENS: Mapping[str, tuple[str, ...]] = {
    "patient-view": ("context.patientId", "context.userId"),
    "order-select": ("context.patientId", "context.userId"),
    "order-sign": ("context.patientId", "context.userId"),
}

_TOKEN = re.compile(r"\{\{(.*?)\}\}")
_SHAPE = re.compile(r"([A-Z][A-Za-z]+)(?:/(\S+)|\?(\S+))")
_OF_PATIENT = ("patient", "subject", "subject:Patient")
_BOUND = (PATIENT, f"Patient/{PATIENT}")
_FORBIDDEN = ("_include", "_revinclude", "_has", "_summary", "_elements")


def template_problem(template: str, ours: PrefetchTemplate, service: Service) -> str | None:
    """What keeps `template` from standing in for ours, in words; None if nothing does."""
    shape = _SHAPE.fullmatch(template)
    kind = ours.resource_type
    if shape is None:
        return f"names no resource type: {ours.template}"
    if shape[1] != kind:
        return f"asks for another resource type than {kind}: {ours.template}"
    known = TOKENS[service.hook]
    if any(name not in known for name in _TOKEN.findall(template)):
        return f"uses a token that {service.hook} does not always have: there are {_shown(known)}"
    if re.search(r"[{}#]", _TOKEN.sub("", template)):
        return "holds { or } or # outside of a token: write it as %7B, %7D, %23"
    if shape[2] is not None:
        return None if kind == "Patient" and shape[2] == PATIENT else _not_bound(ours)
    return _query_problem(shape[3], ours)


def _query_problem(query: str, ours: PrefetchTemplate) -> str | None:
    parameters = _parameters(query)
    names = sorted(name.partition(":")[0] for name, _ in parameters)
    if any(before == after for before, after in pairwise(names)):
        return "gives a query parameter twice, which clients send in different ways: each once"
    if not all(name and value for name, value in parameters):
        return "holds a query parameter without name or value: name=value&name=value"
    if any(_is_forbidden(name) for name, _ in parameters):
        return f"uses chaining, :not, or one of {', '.join(_FORBIDDEN)}, which clients may ignore"
    return None if _is_bound(parameters, ours) else _not_bound(ours)


def _is_bound(parameters: Iterable[tuple[str, str]], ours: PrefetchTemplate) -> bool:
    """Whether the patient in context is asked for, and nobody else beside or in place of it."""
    binding = ("_id",) if ours.resource_type == "Patient" else _OF_PATIENT
    chosen = [(name, value) for name, value in parameters if name in (*_OF_PATIENT, "_id")]
    sound = (name in binding and value in _BOUND for name, value in chosen)
    return bool(chosen) and all(sound)


def _parameters(query: str) -> list[tuple[str, str]]:
    pairs = (part.partition("=") for part in query.split("&"))
    return [(name, value) for name, _, value in pairs]


def _is_forbidden(name: str) -> bool:
    return name.partition(":")[0] in _FORBIDDEN or "." in name or name.endswith(":not")


def _not_bound(ours: PrefetchTemplate) -> str:
    return f"is not bound to the patient in context: {ours.template}"


def _shown(tokens: tuple[str, ...]) -> str:
    return ", ".join(f"{{{{{token}}}}}" for token in tokens)
