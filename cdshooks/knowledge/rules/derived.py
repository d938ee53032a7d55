"""The files of mappings/derived/: facts that follow from others."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from cdshooks.clinical.criterion import Group
from cdshooks.clinical.derive import CountOf, Derivation, HighestOf, Row, Table
from cdshooks.clinical.vocabulary import FactType, Vocabulary
from cdshooks.errors import KnowledgeProblem
from cdshooks.knowledge.fact_types import expect_name, read_type
from cdshooks.knowledge.rules.criteria import Rules
from cdshooks.knowledge.rules.heads import fact_names
from cdshooks.knowledge.source import Node, read_folder
from cdshooks.knowledge.standing import STANDING

_DERIVED = (
    "values",
    "shown",
    "unit",
    "unit_text",
    "reads_as",
    "asks",
    "asks_by_value",
    "means",
    "rows",
    "otherwise",
    "highest_of",
    "alone",
    "count_of",
    "none",
    *STANDING,
)


def read_derived_types(root: Path, problems: list[KnowledgeProblem]) -> list[tuple[FactType, Node]]:
    """The heads of mappings/derived/: the vocabulary must stand before any table is read."""
    found = []
    for path, node in read_folder(root, "derived", problems):
        fields = node.fields(("fact", "label", "type"), _DERIVED)
        if {"fact", "label", "type"} <= fields.keys():
            expect_name(path, fields["fact"])
            fact_type = read_type(fields)
            by_value = fields.get("asks_by_value")
            asks = {v: n.texts() for v, n in by_value.pairs()} if by_value else {}
            for value, asked in by_value.pairs() if by_value else ():
                if value not in fact_type.values:
                    asked.problem(f"{value!r} is none of the values", ", ".join(fact_type.values))
            found.append((replace(fact_type, asks_by_value=asks), node))
    return found


def read_derivation(fact_type: FactType, node: Node, rules: Rules) -> Derivation:
    """The table, highest-of or count of one file in mappings/derived/."""
    fields = dict(node.pairs())
    rules.stand("derived", fact_type.name, fields)
    _expect_facts(fields, rules.vocabulary)
    ways = [way for way in _WAYS if way in fields]
    if len(ways) != 1:
        node.problem("a fact is derived in one way", "rows, highest_of or count_of")
        return Table(fact_type, (), None)
    for key in fields.keys() & _OF_ONE_WAY.keys() - _WAYS[ways[0]]:
        fields[key].problem(f"{key} belongs to {_OF_ONE_WAY[key]}", "no such key")
    return _DERIVE[ways[0]](fact_type, fields, rules)


def _expect_facts(fields: Mapping[str, Node], vocabulary: Vocabulary) -> None:
    """What is asked for has to be a fact too."""
    by_value = fields.get("asks_by_value")
    for asked in (fields.get("asks"), *(n for _, n in (by_value.pairs() if by_value else ()))):
        if asked is not None:
            fact_names(asked, vocabulary)


def _table(fact_type: FactType, fields: Mapping[str, Node], rules: Rules) -> Table:
    rows = tuple(_row(item, fact_type, rules) for item in fields["rows"].items())
    return Table(fact_type, rows, _otherwise(fields.get("otherwise"), fact_type))


def _highest(fact_type: FactType, fields: Mapping[str, Node], rules: Rules) -> HighestOf:
    inputs = fact_names(fields["highest_of"], rules.vocabulary)
    alone = list(fields["alone"].pairs()) if "alone" in fields else []
    for name, text in alone:
        if name not in inputs:
            text.problem(f"{name!r} is not among highest_of", ", ".join(inputs))
    for name, item in zip(inputs, fields["highest_of"].items(), strict=False):
        strange = sorted(set(rules.vocabulary[name].values) - set(fact_type.values))
        if rules.vocabulary[name].kind != "choice" or strange:
            item.problem(f"{name} has other values", ", ".join(fact_type.values))
    return HighestOf(fact_type, inputs, tuple((name, text.text()) for name, text in alone))


def _count(fact_type: FactType, fields: Mapping[str, Node], rules: Rules) -> CountOf:
    inputs = fact_names(fields["count_of"], rules.vocabulary)
    none = fields["none"].text() if "none" in fields else "none"
    for name, item in zip(inputs, fields["count_of"].items(), strict=False):
        if none not in rules.vocabulary[name].values:
            item.problem(f"{name} is never {none!r}", ", ".join(rules.vocabulary[name].values))
    return CountOf(fact_type, inputs, none)


_WAYS = {"rows": {"otherwise"}, "highest_of": {"alone"}, "count_of": {"none"}}
_OF_ONE_WAY = {key: way for way, keys in _WAYS.items() for key in keys}
_DERIVE: Mapping[str, Callable[[FactType, Mapping[str, Node], Rules], Derivation]] = {
    "rows": _table,
    "highest_of": _highest,
    "count_of": _count,
}


def _row(node: Node, fact_type: FactType, rules: Rules) -> Row:
    fields = node.fields(("when", "then"), ("note", "source"))
    when = Group("all", rules.criteria(fields.get("when")))
    then = _values(fields["then"], fact_type) if "then" in fields else frozenset[str]()
    note = fields["note"].text() if "note" in fields else ""
    return Row(when, then, note, rules.sources(fields.get("source")))


def _otherwise(node: Node | None, fact_type: FactType) -> frozenset[str] | None:
    if node is None or node.texts() == ("unknown",):
        return None
    return frozenset() if node.texts() == ("nothing more",) else _values(node, fact_type)


def _values(node: Node, fact_type: FactType) -> frozenset[str]:
    accepted = ("true", "false") if fact_type.kind == "flag" else fact_type.values
    if node.texts() == ("unknown",):
        return frozenset()
    for item in node.items():
        if item.text() not in accepted:
            named = ", ".join(accepted) or "unknown: a number has no named values"
            item.problem(f"{fact_type.name} is never {item.text()!r}", named)
    return frozenset(node.texts())
