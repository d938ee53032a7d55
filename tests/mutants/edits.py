"""Every mutant of mappings/: one small edit of one file, made in memory and taken back.

The files are composed into YAML trees once. A mutant changes a tree, the real loader reads the
changed tree, and the tree is put back; no file is written.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import yaml
from yaml import compose

from cdshooks.knowledge.load import Knowledge, default_root, load
from tests.knowledge.encoding import KNOWLEDGE

ROOT = default_root()
EQUIVALENT = Path(__file__).with_name("equivalent.yaml")
SOURCE, LOAD = "cdshooks.knowledge.source", "cdshooks.knowledge.load"
RULES = ("treatments", "blocks", "requests", "warnings", "derived")

# The step by which a threshold is moved: the smallest that a report tells apart and a clinician
# would call a different value.
STEPS = {
    "tumour.ki67": "1",
    "tumour.mitoses": "1",
    "tumour.size_mm": "1",
    "liver.largest_mm": "1",
    "liver.lesion_count": "1",
    "liver.involvement_pct": "1",
    "lab.haemoglobin": "0.5",
    "lab.leucocytes": "0.5",
    "lab.neutrophils": "0.5",
    "lab.bilirubin_uln": "0.5",
    "lab.bilirubin_mgdl": "0.5",
    "lab.alt_uln": "0.5",
    "lab.platelets": "5",
    "lab.creatinine_clearance": "1",
    "lab.egfr": "1",
    "lab.albumin": "1",
}
ACROSS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "=": "!="}
_COMPARED = re.compile(
    r"(?P<name>[a-z]+(?:\.[a-z0-9_]+)+) (?P<sign><=|>=|<|>|=) (?P<number>[\d.]+)"
)


@dataclass(frozen=True)
class Mutant:
    """One edit. `kind` is threshold, statement, group, age or code; `was` is what stood there."""

    file: str
    line: int
    kind: str
    was: str
    became: str
    edit: Callable[[], Callable[[], None]]

    @property
    def folder(self) -> str:
        return self.file.split("/")[0]


def every_mutant() -> Iterator[Mutant]:
    """In the order of the files."""
    for folder in RULES:
        for path in sorted((ROOT / folder).glob("*.yaml")):
            file = f"{folder}/{path.name}"
            for holder, position in _criteria(_tree(path.read_text(encoding="utf-8"))):
                yield from _of_item(file, holder, position)
    for path in sorted((ROOT / "facts").glob("*.yaml")):
        yield from _of_facts(f"facts/{path.name}", _tree(path.read_text(encoding="utf-8")), "")


def equivalents(mutants: Iterable[Mutant]) -> dict[Mutant, str]:
    """The mutants that equivalent.yaml lists, each with the reason why nothing can notice it.

    `nth` tells apart edits of a file that read alike; without it the entry is about all of them.
    """
    alike: dict[tuple[str, str, str], list[Mutant]] = {}
    for mutant in mutants:
        alike.setdefault((mutant.file, mutant.was, mutant.became), []).append(mutant)
    reasons: dict[Mutant, str] = {}
    for one in yaml.safe_load(EQUIVALENT.read_text(encoding="utf-8")) or ():
        found = alike[one["file"], one["was"], one["became"]]
        chosen = found if "nth" not in one else [found[one["nth"] - 1]]
        reasons |= dict.fromkeys(chosen, one["why"])
    return reasons


@contextmanager
def knowledge_with(mutant: Mutant) -> Iterator[Knowledge]:
    """The knowledge with one edit; KnowledgeInvalid if the loader refuses it."""
    undo = mutant.edit()
    try:
        with ExitStack() as patches:
            patches.enter_context(patch(f"{SOURCE}.yaml.compose", lambda text, **_: _tree(text)))
            if mutant.folder != "facts":  # read anew only where it may have changed
                patches.enter_context(patch(f"{LOAD}.read_facts", lambda *_: KNOWLEDGE.facts))
            yield load(ROOT)
    finally:
        undo()


@cache
def _tree(text: str) -> Any:
    return compose(text, Loader=yaml.CBaseLoader)


# ---- statements, thresholds and groups ----------------------------------------------------------


def _criteria(node: Any) -> Iterator[tuple[Any, int]]:
    """(list, position) of every item that is a statement or a group of them, at any depth."""
    if isinstance(node, yaml.SequenceNode):
        for position, item in enumerate(node.value):
            if _keys(item) & {"if", "any", "all"}:
                yield node, position
            yield from _criteria(item)
    elif isinstance(node, yaml.MappingNode):
        for _, value in node.value:
            yield from _criteria(value)


def _keys(node: Any) -> set[str]:
    return {key.value for key, _ in node.value} if isinstance(node, yaml.MappingNode) else set()


def _of_item(file: str, holder: Any, position: int) -> Iterator[Mutant]:
    item = holder.value[position]
    for key, value in item.value:
        line = key.start_mark.line + 1
        if key.value in {"any", "all"} and len(value.value) > 1:
            other = "all" if key.value == "any" else "any"
            yield Mutant(file, line, "group", key.value, other, _rewriting(key, other))
        elif key.value == "if":
            text = " ".join(value.value.split())
            for became in _moved(text):
                yield Mutant(file, line, "threshold", text, became, _rewriting(value, became))
            if text != "always":
                flipped = text.removeprefix("not ") if text.startswith("not ") else f"not {text}"
                yield Mutant(file, line, "statement", text, flipped, _rewriting(value, flipped))
            yield Mutant(file, line, "statement", text, "(dropped)", _dropping(holder, item))


def _moved(text: str) -> Iterator[str]:
    """The statement with its number a step lower and higher, and with the limit on its far side."""
    found = _COMPARED.search(text)
    if not found:
        return
    step, number = Decimal(STEPS.get(found["name"], "1")), Decimal(found["number"])
    head, tail = text[: found.start("sign")], text[found.end("number") :]
    for moved in (number - step, number + step):
        if moved >= 0:
            yield f"{head}{found['sign']} {moved}{tail}"
    if found["sign"] in "<=>=":
        yield f"{head}{ACROSS[found['sign']]} {number}{tail}"


def _rewriting(node: Any, became: str) -> Callable[[], Callable[[], None]]:
    return lambda: _set(node, became)


# ---- how facts are read -------------------------------------------------------------------------

AGES = ("warn_after", "unknown_after")
LIMITS = (*AGES, "above", "below")


def _of_facts(file: str, node: Any, path: str) -> Iterator[Mutant]:
    """Ages and limits moved, code groups and lists of words removed."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _of_facts(file, item, path)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _of_key(file, key, value, path)


def _of_key(file: str, key: Any, value: Any, path: str) -> Iterator[Mutant]:
    line, name = key.start_mark.line + 1, key.value
    if name in LIMITS and isinstance(value, yaml.ScalarNode):
        for became in _other_limits(name, value.value):
            edit = _rewriting(value, became)
            yield Mutant(file, line, "limit", f"{path}{name}: {value.value}", became, edit)
    elif name in CODES:
        removed = ", ".join(" ".join(one.value.split()) for one in _listed(value))
        yield Mutant(file, line, name, f"{path}{removed}", "(removed)", _emptying(value))
    elif name in WORDS:
        for language, words in value.value:
            line = language.start_mark.line + 1
            removed = ", ".join(word.value for word in _listed(words))
            yield Mutant(file, line, name, f"{path}{removed}", "(removed)", _emptying(words))
    else:
        yield from _of_facts(file, value, path if name in PLAIN else f"{name}: ")


CODES, WORDS = ("codes", "never"), ("words", "never_words", "helps")
PLAIN = ("facts", "concepts", "read", "answers")


def _other_limits(name: str, text: str) -> tuple[str, str]:
    """An age a week shorter and longer; another limit a tenth lower and higher."""
    if name in AGES:
        days = int(text.split(maxsplit=1)[0])
        return f"{days - 7} days", f"{days + 7} days"
    step = Decimal("0.1") if "." in text else Decimal(1)
    return str(Decimal(text) - step), str(Decimal(text) + step)


def _listed(node: Any) -> list[Any]:
    return node.value if isinstance(node, yaml.SequenceNode) else [node]


def _emptying(node: Any) -> Callable[[], Callable[[], None]]:
    """The list without its items; a single phrase becomes one that no chart has."""
    if isinstance(node, yaml.ScalarNode):
        return _rewriting(node, "a phrase that no chart has")
    return lambda: _set(node, [])


def _dropping(holder: Any, item: Any) -> Callable[[], Callable[[], None]]:
    return lambda: _set(holder, [one for one in holder.value if one is not item])


def _set(node: Any, value: Any) -> Callable[[], None]:
    was, node.value = node.value, value
    return lambda: setattr(node, "value", was)
