"""The files of mappings/warnings/."""

from collections.abc import Mapping
from pathlib import Path
from typing import cast

from cdshooks.clinical.treatment import Caveat, Indicator
from cdshooks.errors import KnowledgeProblem
from cdshooks.knowledge.rules.criteria import Rules
from cdshooks.knowledge.rules.heads import covers, one_of
from cdshooks.knowledge.source import Node, expect_stem, read_folder
from cdshooks.knowledge.standing import STANDING

_REQUIRED = ("id", "title", "covers", "when_any", "text", "source")
_INDICATORS = ("info", "warning", "critical")


def read_warnings(root: Path, rules: Rules, problems: list[KnowledgeProblem]) -> tuple[Caveat, ...]:
    """mappings/warnings/, in the order of their names."""
    warnings = []
    for path, node in read_folder(root, "warnings", problems):
        fields = node.fields(_REQUIRED, ("indicator", "orders", *STANDING))
        if set(_REQUIRED) <= fields.keys():
            expect_stem(path, fields["id"])
            warnings.append(_caveat(fields, rules))
    return tuple(warnings)


def _caveat(fields: Mapping[str, Node], rules: Rules) -> Caveat:
    rules.stand("warnings", fields["id"].text(), fields)
    return Caveat(
        id=fields["id"].text(),
        title=fields["title"].text(),
        covers=covers(fields["covers"]),
        when_any=rules.criteria(fields["when_any"]),
        text=fields["text"].text(),
        sources=rules.sources(fields["source"]),
        indicator=cast(Indicator, one_of(fields, "indicator", _INDICATORS)),
        orders=rules.orders(fields.get("orders")),
    )
