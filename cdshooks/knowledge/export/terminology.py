"""The codes of the knowledge as R4: a value set of each concept, the facts, and codes to facts."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from cdshooks.clinical.vocabulary import FactType
from cdshooks.knowledge.codes import Code, CodeSystem
from cdshooks.knowledge.concepts import Concept
from cdshooks.knowledge.facts import FactDefinition
from cdshooks.knowledge.families import SAYS
from cdshooks.knowledge.load import Knowledge

Resource: TypeAlias = dict[str, Any]

_ID_LENGTH = 64  # FHIR R4, id
FACTS = "cdshooks-net-facts"
COPYRIGHT = {
    "LOINC": (
        "This material contains content from LOINC (https://loinc.org). LOINC is copyright ©"
        " Regenstrief Institute, Inc. and the Logical Observation Identifiers Names and Codes"
        " (LOINC) Committee and is available at no cost under the license at"
        " https://loinc.org/license. LOINC® is a registered United States trademark of Regenstrief"
        " Institute, Inc."
    ),
    "SNOMED": (
        "Content of SNOMED CT is copyright of the International Health Terminology Standards"
        " Development Organisation (IHTSDO). Identifiers only. Using SNOMED CT in a deployed"
        " system needs an affiliate licence: https://www.snomed.org"
    ),
}


def terminology(knowledge: Knowledge, base: str) -> Iterator[Resource]:
    """A CodeSystem of the facts, a ValueSet of each concept that has codes, a ConceptMap."""
    yield _fact_system(knowledge, base)
    for title, concept in _concepts(knowledge):
        if concept.codes:
            yield _value_set(concept, title, knowledge, base)
    yield _concept_map(knowledge, base)


def _head(knowledge: Knowledge, base: str, kind: str, name: str, title: str) -> Resource:
    return {
        "resourceType": kind,
        "id": name,
        "url": f"{base}/{kind}/{name}",
        "version": knowledge.edition.version,
        "name": computer_name(name),
        "title": title,
        "status": "draft",
        "experimental": True,
        "date": knowledge.edition.issued.isoformat(),
        "publisher": "The cdshooks-net authors",
    }


def _concepts(knowledge: Knowledge) -> Iterator[tuple[str, Concept]]:
    for definition in knowledge.facts.definitions:
        label = definition.type.label
        for rule in definition.rules:
            yield f"{label}: what it is read from", rule.concept
            for answer in rule.answers:
                yield f"{label}: {answer.says['value']}", answer
    for family in knowledge.facts.families.values():
        for name, concept in family.concepts.items():
            yield f"{family.name}: {name}", concept


# ---- value sets ----------------------------------------------------------------------------------


def _value_set(concept: Concept, title: str, knowledge: Knowledge, base: str) -> Resource:
    systems = knowledge.systems.by_name
    used = dict.fromkeys(code.system for code in (*concept.codes, *concept.never))
    compose = {"include": list(_grouped(concept.codes, systems))}
    if concept.never:
        compose["exclude"] = list(_grouped(concept.never, systems))
    return {
        **_head(knowledge, base, "ValueSet", resource_id(concept.key), title),
        "description": "The codes by which the concept is recognised; excluded are look-alikes.",
        "copyright": "\n\n".join(COPYRIGHT.get(one) or _licence(systems[one]) for one in used),
        "compose": compose,
    }


def resource_id(*parts: str) -> str:
    """A FHIR id of these words; a long one is cut, and made unique again by a hash.

    >>> resource_id("request", "ki67_or_grade")
    'request-ki67-or-grade'
    """
    text = re.sub(r"[^A-Za-z0-9.]+", "-", "-".join(parts)).strip("-")
    if len(text) <= _ID_LENGTH:
        return text
    return f"{text[:55]}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def computer_name(text: str) -> str:
    """A name that programs accept: Prrt, Ki67OrGrade."""
    return "".join(word.capitalize() for word in re.findall(r"[A-Za-z0-9]+", text))


def _licence(system: CodeSystem) -> str:
    return f"{system.name}: {system.licence}"


def _grouped(codes: Iterable[Code], systems: Mapping[str, CodeSystem]) -> Iterator[Resource]:
    """The codes by system; of prefixes a filter each, which FHIR keeps apart from listed codes."""
    listed: dict[str, dict[str, Resource]] = {}
    for code in codes:
        uri = systems[code.system].uri
        if code.prefix:
            pattern = f"{re.escape(code.code)}.*"
            yield {
                "system": uri,
                "filter": [{"property": "code", "op": "regex", "value": pattern}],
            }
        else:
            listed.setdefault(uri, {})[code.code] = _named(code)
    for uri, concepts in listed.items():
        yield {"system": uri, "concept": list(concepts.values())}


def _named(code: Code) -> Resource:
    """A code with its display; of SNOMED CT identifiers alone are shipped."""
    if code.system == "SNOMED":
        return {"code": code.code}
    return {"code": code.code, "display": code.display}


# ---- facts ---------------------------------------------------------------------------------------


def _fact_system(knowledge: Knowledge, base: str) -> Resource:
    facts = [fact for fact in knowledge.vocabulary if not fact.name.startswith("outcome.")]
    return {
        **_head(knowledge, base, "CodeSystem", FACTS, "Facts that the rules ask about"),
        "caseSensitive": True,
        "content": "complete",
        "hierarchyMeaning": "grouped-by",
        "concept": [_fact(fact) for fact in facts],
    }


def _fact(fact: FactType) -> Resource:
    found: Resource = {"code": fact.name, "display": fact.label}
    if fact.unit_text:
        found["definition"] = f"{fact.label}, in {fact.unit_text}"
    values = ("true", "false") if fact.kind == "flag" else fact.values
    if values:
        found["concept"] = [
            {"code": fact_value(fact.name, value), "display": _value_text(fact, value)}
            for value in values
        ]
    return found


def fact_value(name: str, value: str) -> str:
    """The code of one value of a fact, as in progression.status:progressive."""
    return f"{name}:{value}"


def _value_text(fact: FactType, value: str) -> str:
    return f"{fact.label}: {fact.shown.get(value, value)}"


# ---- codes to facts ------------------------------------------------------------------------------


def _concept_map(knowledge: Knowledge, base: str) -> Resource:
    systems = knowledge.systems.by_name
    groups: dict[str, dict[str, dict[str, None]]] = {}
    for concept, target in _meanings(knowledge):
        for code in concept.codes:
            if not code.prefix:
                elements = groups.setdefault(systems[code.system].uri, {})
                elements.setdefault(code.code, {})[target] = None
    return {
        **_head(knowledge, base, "ConceptMap", FACTS, "What a code says about a patient"),
        "description": "Only what a code says by itself; readers also weigh its place and date.",
        "copyright": "\n\n".join(COPYRIGHT.values()),
        "group": [
            {
                "source": uri,
                "target": f"{base}/CodeSystem/{FACTS}",
                "element": [
                    {
                        "code": code,
                        "target": [{"code": one, "equivalence": "relatedto"} for one in targets],
                    }
                    for code, targets in elements.items()
                ],
            }
            for uri, elements in groups.items()
        ],
    }


def _meanings(knowledge: Knowledge) -> Iterator[tuple[Concept, str]]:
    """Each concept with the fact, or the value of a fact, that it says."""
    for definition in knowledge.facts.definitions:
        yield from _of_rules(definition)
    for family in knowledge.facts.families.values():
        known = SAYS.get(family.name, {})
        for concept in family.concepts.values():
            for key, value in concept.says.items():
                said = known.get(key)
                if said == "fact":
                    yield concept, value
                elif said is not None and said[0] == "of":
                    yield concept, fact_value(said[1], value)


def _of_rules(definition: FactDefinition) -> Iterator[tuple[Concept, str]]:
    fact = definition.type
    for rule in definition.rules:
        said = rule.concept.says.get("value")
        if said is None and fact.kind == "flag" and not rule.answers and rule.above is None:
            said = "true"
        yield rule.concept, fact_value(fact.name, said) if said else fact.name
        for answer in rule.answers:
            yield answer, fact_value(fact.name, answer.says["value"])
