"""The files of mappings/facts/: which facts exist, and how each is read from FHIR."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Literal, TypeAlias, cast

from cdshooks.clinical.fact import Fact
from cdshooks.clinical.vocabulary import FactType
from cdshooks.errors import KnowledgeProblem
from cdshooks.knowledge.codes import CodeSystems
from cdshooks.knowledge.concepts import Concept, read_concept, read_concepts
from cdshooks.knowledge.fact_types import expect_name, read_type
from cdshooks.knowledge.source import Node, read_folder

Take: TypeAlias = Literal["newest", "highest", "any"]

RESOURCE_TYPES = (
    "Condition",
    "Observation",
    "Procedure",
    "MedicationRequest",
    "MedicationStatement",
    "MedicationAdministration",
    "DiagnosticReport",
    "AllergyIntolerance",
)
PLACES = (*RESOURCE_TYPES, "text")
_PROSE = ("Observation", "DiagnosticReport", "Condition")  # whose free text "text" means


@dataclass(frozen=True, slots=True)
class ReadRule:
    """One way in which a fact stands in a record: the resources, the concept, and what it says.

    `answers` are the values of a coded or worded answer; without them the concept itself is the
    answer.
    `table` gives the value that each number of another scale stands for; no other number is read.
    `above`, `below`: the limit beyond which a number makes a flag true, and inside which false.
    `units` gives the factor that brings each accepted unit to the unit of the fact; with
    `upper_limit`
    the value is told in multiples of the upper limit of normal, that of the result itself or else
    this.
    """

    places: tuple[str, ...]
    concept: Concept
    answers: tuple[Concept, ...]
    units: Mapping[str, Decimal]
    upper_limit: Mapping[str, Decimal]
    table: Mapping[Decimal, Decimal] = field(default_factory=dict)
    above: Decimal | None = None
    below: Decimal | None = None


@dataclass(frozen=True, slots=True)
class FactDefinition:
    """How one fact is read, and from which resource types (`places`).

    `worst`: which end wins among readings of one day (a safety choice). `silence`: the fact of a
    record that says nothing about it.
    """

    type: FactType
    rules: tuple[ReadRule, ...]
    take: Take
    worst: str
    reader: str
    places: tuple[str, ...]
    silence: Fact


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """The concepts that one special reader works with, by name and by key."""

    name: str
    concepts: Mapping[str, Concept]
    by_key: Mapping[str, Concept] = field(init=False)
    _saying: Mapping[str, tuple[Concept, ...]] = field(init=False)

    def __post_init__(self) -> None:
        every = tuple(self.concepts.values())
        said = dict.fromkeys(what for one in every for what in one.says)
        saying = {what: tuple(one for one in every if what in one.says) for what in said}
        object.__setattr__(self, "by_key", {one.key: one for one in every})
        object.__setattr__(self, "_saying", saying)

    def saying(self, what: str) -> tuple[Concept, ...]:
        """The concepts that say something of `what`, in order."""
        return self._saying.get(what, ())


@dataclass(frozen=True, slots=True)
class FactKnowledge:
    """Every fact definition, and the families by reader.

    `written`: the concepts of each family as they stand in its file, for the check against the
    vocabulary, which is not known while they are read.
    """

    definitions: tuple[FactDefinition, ...]
    families: Mapping[str, Family]
    written: tuple[tuple[str, Node], ...] = ()


_FACT_KEYS = (
    *("unit", "unit_text", "values", "reads_as", "shown", "when_silent", "means"),
    *("warn_after", "warn_if", "unknown_after", "take", "worst", "read", "read_from"),
)


def read_facts(
    root: Path, systems: CodeSystems, readers: Iterable[str], problems: list[KnowledgeProblem]
) -> FactKnowledge:
    """Every fact definition; `readers` are the names of the special readers that exist."""
    definitions: list[FactDefinition] = []
    families: dict[str, Family] = {}
    written: list[tuple[str, Node]] = []
    for path, node in read_folder(root, "facts", problems):
        if any(name == "facts" for name, _ in node.pairs()):
            fields = node.fields(("reader", "facts", "concepts"), ())
            reader = fields["reader"].one_of(tuple(readers)) if "reader" in fields else ""
            for item in fields["facts"].items() if "facts" in fields else ():
                definitions += _definition(item, systems, reader)
            if "concepts" in fields:
                concepts = read_concepts(fields["concepts"], systems, reader)
                families[reader] = Family(reader, concepts)
                written.append((reader, fields["concepts"]))
        else:
            definitions += _definition(node, systems, "")
            for key, value in node.pairs():
                if key == "fact":
                    expect_name(path, value)
    return FactKnowledge(tuple(definitions), families, tuple(written))


def _definition(node: Node, systems: CodeSystems, reader: str) -> list[FactDefinition]:
    """How one fact is read; empty (and a problem) if its head is not complete."""
    fields = node.fields(("fact", "label", "type"), _FACT_KEYS)
    if not {"fact", "label", "type"} <= fields.keys():
        return []
    fact_type = read_type(fields)
    rules = tuple(
        _rule(item, fact_type, systems, f"{fact_type.name}#{position}")
        for position, item in enumerate(_items(fields, "read"))
    )
    if not rules and not reader:
        node.problem(f"{fact_type.name} is read from nowhere", "read: [...]")
    worst = fields["worst"].one_of(("low", "high")) if "worst" in fields else ""
    return [
        FactDefinition(
            type=fact_type,
            rules=rules,
            take=_take(fields.get("take"), fact_type),
            worst=worst,
            reader=reader,
            places=_resource_types(fields, rules),
            silence=fact_type.when_silent(),
        )
    ]


def _take(node: Node | None, fact_type: FactType) -> Take:
    """Which of several readings counts; what was once so stays so, where the file says nothing."""
    if node is None:
        return "any" if fact_type.kind in ("flag", "members") else "newest"
    return cast(Take, node.one_of(("newest", "highest", "any")))


def _resource_types(fields: Mapping[str, Node], rules: Iterable[ReadRule]) -> tuple[str, ...]:
    """The resource types that the rules, or else `read_from`, name."""
    places = [place for rule in rules for place in rule.places]
    if "read_from" in fields:
        places = [item.one_of(PLACES) for item in fields["read_from"].items()]
    types = (t for place in places for t in (_PROSE if place == "text" else (place,)))
    return tuple(dict.fromkeys(types))


def _items(fields: Mapping[str, Node], key: str) -> list[Node]:
    return fields[key].items() if key in fields else []


_RULE_KEYS = (
    *("codes", "never", "words", "never_words", "answers", "says"),
    *("units", "upper_limit", "table", "above", "below"),
)


def _rule(node: Node, fact_type: FactType, systems: CodeSystems, key: str) -> ReadRule:
    fields = node.fields(("in",), _RULE_KEYS)
    places = tuple(item.one_of(PLACES) for item in _items(fields, "in"))
    says = fields["says"].text() if "says" in fields else ""
    _expect_value(fields.get("says"), says, fact_type)
    concept = read_concept(key, fields, systems, {"value": says} if says else {})
    answers = tuple(_answers(fields, fact_type, systems, key))
    if not (concept.codes or concept.words or answers):
        node.problem(
            "a rule needs codes or words", 'codes: [LOINC#... "..."] or words: {en: [...]}'
        )
    return ReadRule(
        places,
        concept,
        answers,
        units=_units(fields.get("units")),
        upper_limit=_units(fields.get("upper_limit")),
        table=_table(fields.get("table")),
        above=_limit(fields.get("above")),
        below=_limit(fields.get("below")),
    )


def _answers(
    fields: Mapping[str, Node], fact_type: FactType, systems: CodeSystems, key: str
) -> Iterator[Concept]:
    for value, entry in fields["answers"].pairs() if "answers" in fields else ():
        _expect_value(entry, value, fact_type)
        inner = entry.fields((), ("codes", "words"))
        yield read_concept(f"{key}={value}", inner, systems, {"value": value})


def _expect_value(node: Node | None, value: str, fact_type: FactType) -> None:
    accepted = ("true", "false") if fact_type.kind == "flag" else fact_type.values
    if node is not None and fact_type.kind != "number" and value not in accepted:
        node.problem(f"{fact_type.name} is never {value!r}", ", ".join(accepted))


def _units(node: Node | None) -> Mapping[str, Decimal]:
    """Factors by unit."""
    pairs = list(node.pairs()) if node else []
    return {unit: _positive(factor) for unit, factor in pairs}


def _positive(node: Node) -> Decimal:
    number = _decimal(node.text(), node)
    if number > 0:
        return number
    node.problem(f"{node.text()!r} is no factor", "a number above 0")
    return Decimal(1)


def _table(node: Node | None) -> Mapping[Decimal, Decimal]:
    pairs = node.pairs() if node else ()
    return {_decimal(key, value): _decimal(value.text(), value) for key, value in pairs}


def _limit(node: Node | None) -> Decimal | None:
    return _decimal(node.text(), node) if node else None


def _decimal(text: str, node: Node) -> Decimal:
    if re.fullmatch(r"-?[0-9]+(?:\.[0-9]+)?", text):
        return Decimal(text)
    node.problem(f"{text!r} is no number", "a number, such as 0.001")
    return Decimal(1)
