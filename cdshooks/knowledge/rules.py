"""The files of mappings/treatments, requests, warnings, derived and blocks, checked and typed."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from cdshooks.clinical.assess import asks_outcomes
from cdshooks.clinical.criterion import Criterion, Group, Leaf, WhenUnknown, leaves
from cdshooks.clinical.derive import CountOf, Derivation, HighestOf, Row, Table
from cdshooks.clinical.statement import StatementInvalid, parse
from cdshooks.clinical.treatment import (
    Caveat,
    Citation,
    DraftOrder,
    Indicator,
    Request,
    Saying,
    Treatment,
)
from cdshooks.clinical.vocabulary import DATA_PREFIX, NEEDS_PREFIX, FactType, Vocabulary
from cdshooks.errors import KnowledgeProblem
from cdshooks.knowledge.codes import CodeSystems
from cdshooks.knowledge.facts import expect_name, read_type
from cdshooks.knowledge.orders import read_template
from cdshooks.knowledge.source import Node, expect_stem, read_file, read_folder
from cdshooks.knowledge.standing import STANDING, Standing, read_standing

INDICATORS = ("info", "warning", "critical")
SUMMARY_LENGTH = 139  # CDS Hooks: "less than 140 characters"


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """One file of mappings/blocks/: criteria that several rules share."""

    name: str
    title: str
    criteria: tuple[Criterion, ...]


class Rules:
    """Reads criteria against a vocabulary, the citations and the shared blocks.

    `standings` are the version, status and signatures of each file, as in "treatments/everolimus".
    """

    def __init__(
        self, vocabulary: Vocabulary, citations: Mapping[str, Citation], systems: CodeSystems
    ):
        self.vocabulary, self.citations, self.systems = vocabulary, citations, systems
        self.blocks: dict[str, Block] = {}
        self.standings: dict[str, Standing] = {}

    def stand(self, kind: str, name: str, fields: Mapping[str, Node]) -> Standing:
        """The standing of one file, which is kept in `standings`."""
        return self.standings.setdefault(f"{kind}/{name}", read_standing(fields))

    def criteria(self, node: Node | None) -> tuple[Criterion, ...]:
        """A list of criteria, with the shared blocks put in their place."""
        found: list[Criterion] = []
        for item in node.items() if node else ():
            found += self._criterion(item)
        return tuple(found)

    def _criterion(self, node: Node) -> Sequence[Criterion]:
        keys = {name for name, _ in node.pairs()}
        if "use" in keys:
            name = node.fields(("use",), ())["use"]
            if name.text() in self.blocks:
                return self.blocks[name.text()].criteria
            name.problem(f"there is no block {name.text()!r}", ", ".join(sorted(self.blocks)))
            return ()
        for mode in ("any", "all"):
            if mode in keys:
                parts = self.criteria(node.fields((mode,), ()).get(mode))
                return (Group(cast(Any, mode), parts),)
        return self._leaf(node)

    def _leaf(self, node: Node) -> Sequence[Criterion]:
        fields = node.fields(("if", "why", "source"), ("when_unknown", "critical", "tell"))
        if not {"if", "why", "source"} <= fields.keys():
            return ()
        try:
            statement = parse(fields["if"].text(), self.vocabulary)
        except StatementInvalid as error:
            fields["if"].problem(error.problem, error.accepted)
            return ()
        why = fields["why"].text()
        if not why.endswith("."):
            fields["why"].problem("a reason is a sentence", "a text that ends with a full stop")
        when = fields.get("when_unknown")
        unknown = when.one_of(("ask", "silent", "yes")) if when else "ask"
        critical = "critical" in fields and fields["critical"].yes()
        tell = "tell" not in fields or fields["tell"].yes()
        sources = self.sources(fields["source"])
        return (Leaf(statement, why, sources, cast(WhenUnknown, unknown), critical, tell),)

    def sources(self, node: Node | None) -> tuple[str, ...]:
        if node is None:
            return ()
        for item in node.items():
            if item.text() not in self.citations:
                item.problem(f"there is no source {item.text()!r}", "an id of sources.yaml")
        return node.texts()

    def sayings(self, node: Node | None) -> tuple[Saying, ...]:
        sayings = []
        for item in node.items() if node else ():
            fields = item.fields(("text", "source"), ("when",))
            if "text" in fields:
                when = self.criteria(fields.get("when"))
                group = Group("all", when) if when else None
                sources = self.sources(fields.get("source"))
                sayings.append(Saying(fields["text"].text(), sources, group))
        return tuple(sayings)

    def orders(self, node: Node | None) -> tuple[DraftOrder, ...]:
        orders = []
        for item in node.items() if node else ():
            fields = item.fields(("label", "resource"), ("unless", "before_checks", "once"))
            if not {"label", "resource"} <= fields.keys():
                continue
            unless = self.criteria(fields.get("unless"))
            resource = read_template(fields["resource"], self.systems)
            group = Group("any", unless) if unless else None
            early = "before_checks" in fields and fields["before_checks"].yes()
            once = fields["once"].text() if "once" in fields else ""
            orders.append(DraftOrder(fields["label"].text(), resource, group, early, once))
        return tuple(orders)


def read_citations(root: Path, problems: list[KnowledgeProblem]) -> Mapping[str, Citation]:
    """mappings/sources.yaml."""
    node = read_file(root / "sources.yaml", root, problems)
    citations = {}
    for name, entry in node.pairs() if node else ():
        fields = entry.fields(("label", "url", "read"), ())
        if {"label", "url", "read"} <= fields.keys():
            read = fields["read"].one_of(("figures", "partly", "not read", "link"))
            url = _address(name, fields["url"])
            citations[name] = Citation(name, fields["label"].text(), url, read)
    return citations


def _address(name: str, node: Node) -> str:
    """The address of a source; policy is the one that has none."""
    if name == "policy" and node.blank:
        return ""
    url = node.text()
    if name == "policy" or not re.fullmatch(r"https://[^\s/]+/\S*", url):
        node.problem("a source needs its address", 'https://..., or "" for policy alone')
    return url


def read_blocks(root: Path, rules: Rules, problems: list[KnowledgeProblem]) -> None:
    """mappings/blocks/, in the order of their names; a block may use an earlier one."""
    for path, node in read_folder(root, "blocks", problems):
        fields = node.fields(("block", "title", "criteria"), ("means", *STANDING))
        if not {"block", "title", "criteria"} <= fields.keys():
            continue
        expect_stem(path, fields["block"])
        if "means" in fields:
            fields["means"].text()
        name = fields["block"].text()
        criteria = rules.criteria(fields["criteria"])
        rules.blocks[name] = Block(name, fields["title"].text(), criteria)
        rules.stand("blocks", name, fields)


_TREATMENT = (
    ("id", "title", "covers", "version", "status", "summary", "consider_when_all"),
    (
        "indicator",
        "place",
        "when_undecided",
        "family",
        "rank",
        "block_when_any",
        "hold_when_any",
        "caution_when_any",
        "say",
        "orders",
        "reviewed",
    ),
)


def read_treatments(
    root: Path, rules: Rules, problems: list[KnowledgeProblem]
) -> tuple[Treatment, ...]:
    """mappings/treatments/, ordered by rank."""
    treatments, places = [], {}
    for path, node in read_folder(root, "treatments", problems):
        fields = node.fields(*_TREATMENT)
        if not set(_TREATMENT[0]) <= fields.keys():
            continue
        expect_stem(path, fields["id"])
        treatment = _treatment(fields, rules)
        _not_yet(
            node,
            (*treatment.consider, *treatment.block, *treatment.hold, *treatment.caution),
            (NEEDS_PREFIX, DATA_PREFIX),
        )
        treatments.append(treatment)
        places[treatment.id] = node
    _one_after_another(treatments, places)
    return tuple(sorted(treatments, key=lambda treatment: (treatment.rank, treatment.id)))


def _one_after_another(treatments: Iterable[Treatment], places: Mapping[str, Node]) -> None:
    """There are two passes: an outcome that is asked for must not wait for another one."""
    asking = {one.id: asks_outcomes(one) for one in treatments}
    for name, asked in asking.items():
        for other in sorted(one for one in asked if asking.get(one)):
            problem = f"it asks for the outcome of {other}, which asks for outcomes itself"
            places[name].problem(problem, "a treatment that asks for no outcome")


def _not_yet(node: Node, criteria: Iterable[Criterion], prefixes: tuple[str, ...]) -> None:
    """A file may only ask what is known when its turn comes."""
    for leaf in (leaf for criterion in criteria for leaf in leaves(criterion)):
        for name in leaf.statement.facts:
            if name.startswith(prefixes):
                problem = f"{name} is not known yet when this file is asked"
                node.problem(problem, "outcome.*; needs.* in requests; data.* in warnings")


def _treatment(fields: Mapping[str, Node], rules: Rules) -> Treatment:
    undecided = _one_of(fields, "when_undecided", ("ask", "silent"))
    standing = rules.stand("treatments", fields["id"].text(), fields)
    return Treatment(
        id=fields["id"].text(),
        title=fields["title"].text(),
        covers=_covers(fields["covers"]),
        version=standing.version,
        status=standing.status,
        summary=_summary(fields["summary"]),
        indicator=cast(Indicator, _one_of(fields, "indicator", INDICATORS)),
        place=cast(Any, _one_of(fields, "place", ("option", "board", "note"))),
        silent=undecided == "silent",
        family=_name(fields, "family"),
        rank=_rank(fields.get("rank")),
        consider=rules.criteria(fields["consider_when_all"]),
        block=rules.criteria(fields.get("block_when_any")),
        hold=rules.criteria(fields.get("hold_when_any")),
        caution=rules.criteria(fields.get("caution_when_any")),
        sayings=rules.sayings(fields.get("say")),
        orders=rules.orders(fields.get("orders")),
    )


def read_requests(
    root: Path, rules: Rules, problems: list[KnowledgeProblem]
) -> tuple[Request, ...]:
    """mappings/requests/, in the order of their names."""
    requests = []
    required = ("id", "title", "covers", "summary", "facts")
    optional = ("ask_when_all", "never_when_any", "group", "say", "orders", "rank", *STANDING)
    for path, node in read_folder(root, "requests", problems):
        fields = node.fields(required, optional)
        if not set(required) <= fields.keys():
            continue
        expect_stem(path, fields["id"])
        rules.stand("requests", fields["id"].text(), fields)
        ask_when = rules.criteria(fields.get("ask_when_all"))
        never_when = rules.criteria(fields.get("never_when_any"))
        _not_yet(node, (*ask_when, *never_when), (DATA_PREFIX,))
        requests.append(
            Request(
                id=fields["id"].text(),
                title=fields["title"].text(),
                covers=_covers(fields["covers"]),
                summary=_summary(fields["summary"]),
                facts=_facts(fields["facts"], rules.vocabulary),
                ask_when=ask_when,
                never_when=never_when,
                sayings=rules.sayings(fields.get("say")),
                orders=rules.orders(fields.get("orders")),
                group=_name(fields, "group"),
                rank=_rank(fields.get("rank")),
            )
        )
    return tuple(sorted(requests, key=lambda request: (request.rank, request.id)))


def read_warnings(root: Path, rules: Rules, problems: list[KnowledgeProblem]) -> tuple[Caveat, ...]:
    """mappings/warnings/, in the order of their names."""
    warnings = []
    required = ("id", "title", "covers", "when_any", "text", "source")
    for path, node in read_folder(root, "warnings", problems):
        fields = node.fields(required, ("indicator", "orders", *STANDING))
        if not set(required) <= fields.keys():
            continue
        expect_stem(path, fields["id"])
        rules.stand("warnings", fields["id"].text(), fields)
        warnings.append(
            Caveat(
                id=fields["id"].text(),
                title=fields["title"].text(),
                covers=_covers(fields["covers"]),
                when_any=rules.criteria(fields["when_any"]),
                text=fields["text"].text(),
                sources=rules.sources(fields["source"]),
                indicator=cast(Indicator, _one_of(fields, "indicator", INDICATORS)),
                orders=rules.orders(fields.get("orders")),
            )
        )
    return tuple(warnings)


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
            _facts(asked, vocabulary)


def _table(fact_type: FactType, fields: Mapping[str, Node], rules: Rules) -> Table:
    rows = tuple(_row(item, fact_type, rules) for item in fields["rows"].items())
    return Table(fact_type, rows, _otherwise(fields.get("otherwise"), fact_type))


def _highest(fact_type: FactType, fields: Mapping[str, Node], rules: Rules) -> HighestOf:
    inputs = _facts(fields["highest_of"], rules.vocabulary)
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
    inputs = _facts(fields["count_of"], rules.vocabulary)
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


def _facts(node: Node, vocabulary: Vocabulary) -> tuple[str, ...]:
    for item in node.items():
        if item.text() not in vocabulary:
            item.problem(f"there is no fact {item.text()!r}", "a fact of facts/ or derived/")
    return tuple(name for name in node.texts() if name in vocabulary)


def _covers(node: Node) -> tuple[str, ...]:
    """Rows of the treatment logic."""
    rows = node.items(may_be_empty=True)
    for row in rows:
        if not re.fullmatch(r"[TD][0-9]{2}", row.text()):
            row.problem(f"{row.text()!r} is no row", "T01 to T99, D01 to D99")
    return tuple(row.text() for row in rows)


def _name(fields: Mapping[str, Node], key: str) -> str:
    """A name that several files share; of its own the id."""
    if key not in fields:
        return fields["id"].text()
    name = fields[key].text()
    if not re.fullmatch(r"[a-z0-9]+(?:[-_][a-z0-9]+)*", name):
        fields[key].problem(f"{name!r} is no name", "small letters, digits and hyphens")
    return name


def _summary(node: Node) -> str:
    text = node.text()
    if len(text) > SUMMARY_LENGTH:
        node.problem(f"the summary has {len(text)} characters", f"{SUMMARY_LENGTH} at most")
    return text


def _one_of(fields: Mapping[str, Node], key: str, accepted: tuple[str, ...]) -> str:
    return fields[key].one_of(accepted) if key in fields else accepted[0]


def _rank(node: Node | None) -> int:
    if node is None:
        return 500
    if not node.text().isdigit():
        node.problem(f"{node.text()!r} is no rank", "a whole number; low comes first")
        return 500
    return int(node.text())
