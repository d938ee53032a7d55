"""Criteria, sentences and draft orders: what every kind of rule is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from cdshooks.clinical.criterion import Criterion, Group, Leaf, WhenUnknown
from cdshooks.clinical.statement import StatementInvalid, parse
from cdshooks.clinical.treatment import Citation, DraftOrder, Saying
from cdshooks.clinical.vocabulary import Vocabulary
from cdshooks.errors import KnowledgeProblem
from cdshooks.knowledge.codes import CodeSystems
from cdshooks.knowledge.orders import read_template
from cdshooks.knowledge.source import Node, expect_stem, read_folder
from cdshooks.knowledge.standing import STANDING, Standing, read_standing


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
        """The standing of one file, which is kept in `standings`.

        A rule says what its blocks say: it is not reviewed while one of these is a draft.
        """
        standing = self.standings.setdefault(f"{kind}/{name}", read_standing(fields))
        if standing.status == "reviewed":
            for used in (one for field in fields.values() for one in field.behind("use")):
                block = self.standings.get(f"blocks/{used.text()}", standing)
                if block.status != "reviewed":
                    problem = f"the block {used.text()} is not reviewed, so this rule is not either"
                    used.problem(problem, "status: draft, or a signature in the block")
        return standing

    def criteria(self, node: Node | None) -> tuple[Criterion, ...]:
        """A list of criteria, with the shared blocks put in their place."""
        found: list[Criterion] = []
        for item in node.items() if node else ():
            found += self._criterion(item)
        return tuple(found)

    def _criterion(self, node: Node) -> Sequence[Criterion]:
        keys = node.keys()
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
