"""The files of mappings/facts/: which facts exist, and how each is read from FHIR."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Literal, TypeAlias, cast

from cdshooks.clinical.fact import Fact
from cdshooks.clinical.value import Kind
from cdshooks.clinical.vocabulary import FactType
from cdshooks.errors import KnowledgeProblem
from cdshooks.knowledge.codes import Code, CodeSystems, read_codes
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
KINDS = ("number", "choice", "flag", "members")


@dataclass(frozen=True, slots=True, eq=False)
class Concept:
    """Codes and words with one meaning.

    `never` are look-alike codes that do not have it, and `never_words` what makes another thing of
    a name or phrase ("urine" beside albumin).

    `helps` are words that mean it only beside others ("mass", "liver"): they are heard in a text
    that some `words` have found, and are no reason to read one.

    `key` is unique in a knowledge base. `says` is what it means for the facts of its reader (site:
    ileum, says: progressive ...).
    """

    key: str
    codes: tuple[Code, ...]
    never: tuple[Code, ...]
    words: tuple[str, ...]
    says: Mapping[str, str]
    never_words: tuple[str, ...] = ()
    helps: tuple[str, ...] = ()

    @property
    def heard(self) -> tuple[str, ...]:
        """Every phrase by which it is heard in a text that is read."""
        return (*self.words, *self.helps)


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
    """The concepts that one special reader works with, by name."""

    name: str
    concepts: Mapping[str, Concept]


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
    "unit",
    "unit_text",
    "values",
    "reads_as",
    "shown",
    "when_silent",
    "warn_after",
    "warn_if",
    "unknown_after",
    "take",
    "worst",
    "means",
    "read",
    "read_from",
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
                concepts = _concepts(fields["concepts"], systems, reader)
                families[reader] = Family(reader, concepts)
                written.append((reader, fields["concepts"]))
        else:
            definitions += _definition(node, systems, "")
            for key, value in node.pairs():
                if key == "fact":
                    expect_name(path, value)
    return FactKnowledge(tuple(definitions), families, tuple(written))


def expect_name(path: Path, node: Node) -> None:
    """A problem if a file is not named after the fact that it holds."""
    wanted = node.text().replace(".", "-").replace("_", "-")
    if path.stem != wanted:
        node.problem(f"the file is named {path.name}", f"{wanted}.yaml")


def _definition(node: Node, systems: CodeSystems, reader: str) -> list[FactDefinition]:
    fields = node.fields(("fact", "label", "type"), _FACT_KEYS)
    if not {"fact", "label", "type"} <= fields.keys():
        return []
    fact_type = read_type(fields)
    rules = tuple(
        _rule(item, fact_type, systems, f"{fact_type.name}#{position}")
        for position, item in enumerate(_items(fields, "read"))
    )
    default = "any" if fact_type.kind in ("flag", "members") else "newest"
    places = tuple(dict.fromkeys(place for rule in rules for place in rule.places))
    if "read_from" in fields:
        places = tuple(item.one_of(PLACES) for item in fields["read_from"].items())
    types = dict.fromkeys(t for place in places for t in (_PROSE if place == "text" else (place,)))
    if not rules and not reader:
        node.problem(f"{fact_type.name} is read from nowhere", "read: [...]")
    return [
        FactDefinition(
            fact_type,
            rules,
            cast(
                Take,
                fields["take"].one_of(("newest", "highest", "any"))
                if "take" in fields
                else default,
            ),
            fields["worst"].one_of(("low", "high")) if "worst" in fields else "",
            reader,
            tuple(types),
            fact_type.when_silent(),
        )
    ]


def read_type(fields: Mapping[str, Node]) -> FactType:
    """The FactType that the head of a file in facts/ or derived/ declares."""
    kind = cast(Kind, fields["type"].one_of(KINDS))
    values = fields["values"].texts() if "values" in fields else ()
    if kind in ("choice", "members") and not values:
        fields["type"].problem(f"a {kind} needs its values", "values: [one, another]")
    if kind in ("number", "flag") and values:
        fields["values"].problem(f"a {kind} has no named values", "no such key")
    silent = _silent(fields.get("when_silent"), kind, values)
    unit = _unit(fields.get("unit"))
    if "means" in fields:
        fields["means"].text()
    return FactType(
        name=_fact_name(fields["fact"]),
        label=fields["label"].text(),
        kind=kind,
        unit=unit,
        unit_text=fields["unit_text"].text() if "unit_text" in fields else unit,
        values=values,
        closed=silent != "unknown" and kind != "number",
        silent_value=silent,
        asks=fields["asks"].texts() if "asks" in fields else (),
        reads_as=_reads_as(fields.get("reads_as"), values),
        shown=_shown(fields.get("shown"), values),
        warn_days=_days(fields.get("warn_after")),
        unknown_days=_days(fields.get("unknown_after")),
        warn_if=fields["warn_if"].text() if "warn_if" in fields else "",
    )


def _fact_name(node: Node) -> str:
    name = node.text()
    if not re.fullmatch(r"[a-z]+\.[a-z0-9_]+", name):
        node.problem(f"{name!r} is no name of a fact", "group.name, in small letters")
    return name


def _silent(node: Node | None, kind: str, values: tuple[str, ...]) -> str:
    """What the silence of a record says: unknown, or the value that means no."""
    if node is None:
        return "unknown"
    closed = {"number": (), "flag": ("false",), "members": ("none",), "choice": values}
    return node.one_of(("unknown", *closed[kind]))


def _unit(node: Node | None) -> str:
    if node is None:
        return ""
    if " " in node.text():
        node.problem(f"{node.text()!r} is no unit", "a UCUM unit, such as 10*9/L")
    return node.text()


def _reads_as(node: Node | None, values: tuple[str, ...]) -> Mapping[str, frozenset[str]]:
    pairs = list(node.pairs()) if node else []
    for name, meant in pairs:
        _expect_among(meant, name, values)
        for item in meant.items():
            _expect_among(item, item.text(), values)
    return {name: frozenset(meant.texts()) for name, meant in pairs}


def _expect_among(node: Node, value: str, values: tuple[str, ...]) -> None:
    if value not in values:
        node.problem(f"{value!r} is none of the values", ", ".join(values))


def _shown(node: Node | None, values: tuple[str, ...]) -> Mapping[str, str]:
    shown = dict(node.pairs()) if node else {}
    for name, text in shown.items():
        _expect_among(text, name, values)
    return {name: text.text() for name, text in shown.items()}


def _days(node: Node | None) -> int | None:
    if node is None:
        return None
    found = re.fullmatch(r"(\d+) days?", node.text())
    if not found:
        node.problem(f"{node.text()!r} is no number of days", "91 days")
        return None
    return int(found[1])


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
    concept = _concept(key, fields, systems, {"value": says} if says else {})
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


def _concept(
    key: str, fields: Mapping[str, Node], systems: CodeSystems, says: Mapping[str, str]
) -> Concept:
    return Concept(
        key,
        read_codes(fields.get("codes"), systems),
        read_codes(fields.get("never"), systems),
        _words(fields.get("words")),
        says,
        _words(fields.get("never_words")),
        _words(fields.get("helps")),
    )


def _answers(
    fields: Mapping[str, Node], fact_type: FactType, systems: CodeSystems, key: str
) -> Iterator[Concept]:
    for value, entry in fields["answers"].pairs() if "answers" in fields else ():
        _expect_value(entry, value, fact_type)
        inner = entry.fields((), ("codes", "words"))
        yield _concept(f"{key}={value}", inner, systems, {"value": value})


def _expect_value(node: Node | None, value: str, fact_type: FactType) -> None:
    accepted = ("true", "false") if fact_type.kind == "flag" else fact_type.values
    if node is not None and fact_type.kind != "number" and value not in accepted:
        node.problem(f"{fact_type.name} is never {value!r}", ", ".join(accepted))


def _words(node: Node | None) -> tuple[str, ...]:
    """The phrases of every language."""
    for language, words in node.pairs() if node else ():
        if not re.fullmatch(r"[a-z]{2}", language):
            words.problem(f"{language!r} is no language", "en, de, fr, ...")
    listed = [word for _, words in node.pairs() for word in words.items()] if node else []
    for word in listed:
        if not any(character.isalnum() for character in word.text()):
            word.problem(f"{word.text()!r} is no phrase", "words of letters and digits")
    return tuple(word.text() for word in listed)


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


def _concepts(node: Node, systems: CodeSystems, reader: str) -> Mapping[str, Concept]:
    concepts: dict[str, Concept] = {}
    for name, entry in node.pairs():
        fields = entry.fields((), ("codes", "never", "words", "never_words", "helps", "says"))
        says = (
            {key: value.text() for key, value in fields["says"].pairs()} if "says" in fields else {}
        )
        concepts[name] = _concept(f"{reader}/{name}", fields, systems, says)
    return concepts
