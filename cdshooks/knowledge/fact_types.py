"""The head of a file in mappings/facts/ or derived/: which values a fact may have."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from cdshooks.clinical.value import Kind
from cdshooks.clinical.vocabulary import FactType
from cdshooks.knowledge.source import Node

KINDS = ("number", "choice", "flag", "members")


def expect_name(path: Path, node: Node) -> None:
    """A problem if a file is not named after the fact that it holds."""
    wanted = node.text().replace(".", "-").replace("_", "-")
    if path.stem != wanted:
        node.problem(f"the file is named {path.name}", f"{wanted}.yaml")


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
