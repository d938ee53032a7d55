"""Every field of every file of mappings/, broken in turn, and what has to come of it.

The files are broken as trees, in memory: marks stay, so a problem must name the old line.
"""

import copy
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import yaml

from cdshooks.knowledge.load import default_root

ROOT = default_root()
STRING = "tag:yaml.org,2002:str"
HOWS = ("removed", "nonsense", "emptied", "mistyped", "misnamed", "doubled")

# Keys below these are names that the file chooses itself.
NAMING = {
    *("concepts", "says", "units", "answers", "table", "alone", "asks_by_value", "upper_limit"),
    *("shown", "words", "never_words", "helps", "prefetch", "reads_as"),
}
PHRASES = {"words", "never_words", "helps"}

# Text of its own: any words will do. Everything else has to be one of a few things.
FREE = re.compile(
    r"(?:^|\.)(title|label|summary|text|means|note|not_assessed|licence|description|usageRequirements)$"
    r"|orders\.resource\..*(text|display)$|alone\.\*$|shown\.\*$|prefetch\.\*\.why$"
    r"|(words|never_words|helps)\.\*$|reviewed\.(by|role)$|says\.\*$|unit_text$"
)
# May be left out: the rule then says less, or a remark always, which no check can know.
OPTIONAL = re.compile(
    r"(?:^|\.)(indicator|place|rank|family|group|when_undecided|say|orders|reviewed|means|unless|note|rows\.source|say\.when"
    r"|when_unknown|critical|tell|priority|dosageInstruction|coding|display|not_assessed|required"
    r"|block_when_any|hold_when_any|caution_when_any|ask_when_all|never_when_any|otherwise|alone"
    r"|shown|reads_as|asks|asks_by_value|none|aliases|dots|take|worst|warn_after|unknown_after"
    r"|never|never_words|helps|says|words|codes|answers|units|upper_limit|table|above|below|version"
    r"|status|read_from|unit|unit_text|when_silent)$|\.\*$"
)
# What other files, or other keys of this one, rely on: broken, it is refused there, or it is legal.
RELIED_ON = re.compile(
    r"^(facts|derived)\b.*(:|\.)(fact|values|values\[\]|unit|unit_text|type|reads_as|reads_as\.\*"
    r"|shown|when_silent|rows|highest_of|count_of|none|asks_by_value\.\*)(\[\])?$"
    r"|^facts:.*(facts\[\]|concepts\.\*|concepts|says\.\*|says|units\.\*|codes|words|read|in|read_from"
    r"|answers\.\*|upper_limit\.\*|table\.\*|above|below|never|helps|never_words|words\.\*)(\[\])?$"
    r"|^(sources|systems)\.yaml:\*|^blocks:block$|^treatments:id$|^services:prefetch\.\*$"
    r"|\.version$|:(version|status|reviewed)$"
)


@dataclass(frozen=True)
class Broken:
    """One file with one fault: where it was made, and the lines within which it must be told."""

    file: str
    role: str
    how: str
    first: int
    last: int
    text: str
    path: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.file}:{self.first} {self.role} {self.how}"

    @property
    def key(self) -> str:
        return self.role.partition(":")[2].replace("[]", "")

    @property
    def legal(self) -> bool:
        """Whether the broken file still says something that a clinician may have meant."""
        if self.how == "nonsense":
            return bool(FREE.search(self.key))
        if self.how == "removed":
            return self.role.endswith("[]") or bool(OPTIONAL.search(self.key))
        return False

    @property
    def relied_on(self) -> bool:
        return bool(RELIED_ON.search(self.role)) and self.how in ("removed", "nonsense", "misnamed")

    def tree(self) -> yaml.Node:
        root = copy.deepcopy(tree_of(self.text))
        _BREAK[self.how](_at(root, self.path[:-1]), self.path[-1])
        return root


@cache
def tree_of(text: str) -> yaml.Node:
    return yaml.compose(text, Loader=yaml.BaseLoader)


def every_fault() -> Iterator[Broken]:
    """Every fault of every field, in the order of the files."""
    for path in sorted(ROOT.rglob("*.yaml")):
        file = path.relative_to(ROOT).as_posix()
        text = path.read_text(encoding="utf-8")
        for place, role, parent, node in _places(tree_of(text), file.split("/")[0] + ":"):
            first, last = parent.start_mark.line + 1, parent.end_mark.line + 1
            for how in HOWS:
                if _applies(how, parent, node):
                    yield Broken(file, role, how, first, last, text, place)


def _applies(how: str, parent: yaml.Node, node: yaml.Node) -> bool:
    if how in ("misnamed", "doubled"):
        return isinstance(parent, yaml.MappingNode)
    if how == "removed" and isinstance(parent, yaml.SequenceNode):
        return len(parent.value) > 1
    return how not in ("nonsense", "emptied") or isinstance(node, yaml.ScalarNode)


def _places(
    node: yaml.Node, role: str, path: tuple[int, ...] = (), seen: set[int] | None = None
) -> Iterator[tuple[tuple[int, ...], str, yaml.Node, yaml.Node]]:
    """Path, role, parent and node of every field; of a list of phrases the first stands for all."""
    seen = set() if seen is None else seen
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        phrases = re.search(r"(words|never_words|helps)\.\*$", role)
        for position, item in enumerate(node.value[: 1 if phrases else None]):
            yield (*path, position), f"{role}[]", node, item
            yield from _places(item, f"{role}[]", (*path, position), seen)
    if isinstance(node, yaml.MappingNode):
        names = role.rstrip("[]").rpartition(".")[2].rpartition(":")[2] in NAMING
        named = names or role in ("sources.yaml:", "systems.yaml:")
        for position, (key, value) in enumerate(node.value):
            joint = "" if role.endswith(":") else "."
            inner = f"{role}{joint}{'*' if named else key.value}"
            yield (*path, position), inner, node, value
            yield from _places(value, inner, (*path, position), seen)


def _at(node: yaml.Node, path: tuple[int, ...]) -> yaml.Node:
    for position in path:
        found = node.value[position]
        node = found[1] if isinstance(found, tuple) else found
    return node


def _put(parent: yaml.Node, position: int, new: yaml.Node) -> None:
    old = _at(parent, (position,))
    new.start_mark, new.end_mark = old.start_mark, old.end_mark
    pair = isinstance(parent, yaml.MappingNode)
    parent.value[position] = (parent.value[position][0], new) if pair else new


def _mistype(parent: yaml.Node, position: int) -> None:
    old = _at(parent, (position,))
    word = yaml.ScalarNode(STRING, "zzz", old.start_mark, old.end_mark)
    mapping = yaml.MappingNode("tag:yaml.org,2002:map", [(word, word)])
    _put(parent, position, word if isinstance(old, yaml.MappingNode) else mapping)


def _misname(parent: yaml.Node, position: int) -> None:
    key, value = parent.value[position]
    new = yaml.ScalarNode(STRING, "zzz", key.start_mark, key.end_mark)
    parent.value[position] = (new, value)


_BREAK: Mapping[str, Callable[[yaml.Node, int], object]] = {
    "removed": lambda parent, position: parent.value.pop(position),
    "nonsense": lambda parent, at: _put(parent, at, yaml.ScalarNode(STRING, "zzz nonsense")),
    "emptied": lambda parent, at: _put(parent, at, yaml.ScalarNode(STRING, "")),
    "mistyped": _mistype,
    "misnamed": _misname,
    "doubled": lambda parent, position: parent.value.append(parent.value[position]),
}


def read_broken(fault: Broken, text: str) -> yaml.Node:
    """What yaml.compose gives for a file, with the fault in it."""
    return fault.tree() if text == fault.text else tree_of(text)
