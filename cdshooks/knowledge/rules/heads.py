"""The keys that the heads of several kinds of rules share, and what a rule may ask."""

import re
from collections.abc import Iterable, Mapping

from cdshooks.clinical.criterion import Criterion, leaves
from cdshooks.clinical.vocabulary import Vocabulary
from cdshooks.knowledge.source import Node

SUMMARY_LENGTH = 139  # CDS Hooks: "less than 140 characters"
_MIDDLE = 500


def expect_known(node: Node, criteria: Iterable[Criterion], later: tuple[str, ...]) -> None:
    """A problem for each fact that begins with one of `later`: it exists only after this file."""
    for leaf in (leaf for criterion in criteria for leaf in leaves(criterion)):
        for name in leaf.statement.facts:
            if name.startswith(later):
                problem = f"{name} is not known yet when this file is asked"
                node.problem(problem, "outcome.*; needs.* in requests; data.* in warnings")


def fact_names(node: Node, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The facts that a list names; a problem for each that does not exist."""
    for item in node.items():
        if item.text() not in vocabulary:
            item.problem(f"there is no fact {item.text()!r}", "a fact of facts/ or derived/")
    return tuple(name for name in node.texts() if name in vocabulary)


def covers(node: Node) -> tuple[str, ...]:
    """Rows of the treatment logic."""
    rows = node.items(may_be_empty=True)
    for row in rows:
        if not re.fullmatch(r"[TD][0-9]{2}", row.text()):
            row.problem(f"{row.text()!r} is no row", "T01 to T99, D01 to D99")
    return tuple(row.text() for row in rows)


def shared_name(fields: Mapping[str, Node], key: str) -> str:
    """The name of a family or group; a file that writes none is one of its own, named by its id."""
    if key not in fields:
        return fields["id"].text()
    name = fields[key].text()
    if not re.fullmatch(r"[a-z0-9]+(?:[-_][a-z0-9]+)*", name):
        fields[key].problem(f"{name!r} is no name", "small letters, digits and hyphens")
    return name


def summary(node: Node) -> str:
    """The summary of a card, short enough for CDS Hooks."""
    text = node.text()
    if len(text) > SUMMARY_LENGTH:
        node.problem(f"the summary has {len(text)} characters", f"{SUMMARY_LENGTH} at most")
    return text


def one_of(fields: Mapping[str, Node], key: str, accepted: tuple[str, ...]) -> str:
    """One of the accepted words; the first where the key is not written."""
    return fields[key].one_of(accepted) if key in fields else accepted[0]


def rank(node: Node | None) -> int:
    """The place among others, low first; what says nothing stands in the middle."""
    if node is None:
        return _MIDDLE
    if not node.text().isdigit():
        node.problem(f"{node.text()!r} is no rank", "a whole number; low comes first")
        return _MIDDLE
    return int(node.text())
