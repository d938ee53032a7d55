"""Reading the YAML of mappings/, strictly.

Every scalar is text, a repeated key is an error, every value knows its file and line. Problems are
collected, so that one check reports all of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from cdshooks.errors import KnowledgeProblem

# libyaml, which PyYAML's wheels bring, makes the same trees ten times as fast as PyYAML itself.
_PARSER: Final[Any] = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class _Loader(_PARSER):  # type: ignore[misc]  # one of two classes
    """Makes trees without tags: every scalar is text here, and to find the tags takes as long."""

    def resolve(self, _kind: object, _value: object, _implicit: object) -> str:
        return ""

    def descend_resolver(self, _node: object, _index: object) -> None:
        pass

    def ascend_resolver(self) -> None:
        pass


_LOADER: Final = _Loader


@dataclass(slots=True, eq=False)
class Node:
    """A place in a YAML file, and the list to which its problems go.

    It is not frozen only because tens of thousands are made at each start, and a frozen one takes
    three times as long to make.
    """

    file: str
    yaml: yaml.Node
    problems: list[KnowledgeProblem]

    @property
    def line(self) -> int:
        return int(self.yaml.start_mark.line) + 1

    @property
    def blank(self) -> bool:
        """Is it an empty text, which only a few places may have?"""
        return isinstance(self.yaml, yaml.ScalarNode) and not str(self.yaml.value).strip()

    def problem(self, problem: str, accepted: str) -> None:
        self.problems.append(KnowledgeProblem(self.file, self.line, problem, accepted))

    def text(self) -> str:
        """The scalar as written, white space folded; '' (and a problem) if there is none."""
        folded = _folded(self.yaml)
        if folded:
            return folded
        self.problem("a text is expected here", "a text on one line, or quoted")
        return ""

    def one_of(self, accepted: tuple[str, ...]) -> str:
        text = self.text()
        if text in accepted:
            return text
        self.problem(f"{text!r} is not accepted", ", ".join(accepted))
        return accepted[0]

    def yes(self) -> bool:
        return self.one_of(("yes", "no")) == "yes"

    def items(self, *, may_be_empty: bool = False) -> list["Node"]:
        """The items of a list, at least one; a single scalar counts as a list of one."""
        if isinstance(self.yaml, yaml.SequenceNode):
            if not (self.yaml.value or may_be_empty):
                self.problem("the list is empty", "at least one item, or no such key")
            return [Node(self.file, item, self.problems) for item in self.yaml.value]
        if isinstance(self.yaml, yaml.ScalarNode):
            return [self]
        self.problem("a list is expected here", "a list: - item, or [item, item]")
        return []

    def texts(self) -> tuple[str, ...]:
        """The texts of the items; a problem where there is none, or an item is no text."""
        if isinstance(self.yaml, yaml.SequenceNode):
            texts = tuple(map(_folded, self.yaml.value))
            if texts and all(texts):
                return texts
        return tuple(item.text() for item in self.items())

    def keys(self) -> set[str]:
        """The keys here; none if these are not keys with values."""
        pairs = self.yaml.value if isinstance(self.yaml, yaml.MappingNode) else ()
        return {str(key.value) for key, _ in pairs}

    def pairs(self) -> Iterator[tuple[str, "Node"]]:
        """Every key with its value, whatever the keys are."""
        if not isinstance(self.yaml, yaml.MappingNode):
            self.problem("keys with values are expected here", "key: value")
            return
        seen: set[str] = set()
        for key, value in self.yaml.value:
            name = str(key.value)
            if name in seen:
                Node(self.file, key, self.problems).problem(
                    f"{name!r} is given twice", "one of each"
                )
            seen.add(name)
            yield name, Node(self.file, value, self.problems)

    def behind(self, key: str) -> Iterator["Node"]:
        """Every value that stands behind this key here, at any depth."""
        if isinstance(self.yaml, yaml.MappingNode):
            for name, value in self.pairs():
                if name == key:
                    yield value
                yield from value.behind(key)
        elif isinstance(self.yaml, yaml.SequenceNode):
            for item in self.items(may_be_empty=True):
                yield from item.behind(key)

    def fields(self, required: tuple[str, ...], optional: tuple[str, ...]) -> dict[str, "Node"]:
        """The values by key; a key that is not named, or a missing one, is a problem."""
        accepted = required + optional
        found = {}
        for name, value in self.pairs():
            if name in accepted:
                found[name] = value
            else:
                value.problem(f"there is no key {name!r} here", ", ".join(accepted))
        for name in required:
            if name not in found:
                self.problem(f"{name!r} is missing", f"{name}: ...")
        return found


def _folded(node: yaml.Node) -> str:
    return " ".join(node.value.split()) if isinstance(node, yaml.ScalarNode) else ""


def compose(text: str) -> yaml.Node | None:
    """The tree of a file in which every scalar is text; None of an empty one."""
    node: yaml.Node | None = yaml.compose(text, Loader=_LOADER)
    return node


def as_seen(path: Path) -> str:
    """The path by which whoever stands here opens the file, short where it lies below."""
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except (OSError, ValueError):  # a folder to stand in that is gone; a path of another folder
        return path.as_posix()


def read_file(path: Path, problems: list[KnowledgeProblem]) -> Node | None:
    """The root node of one file; None (and a problem) when it is not YAML."""
    file = as_seen(path)
    try:
        node = compose(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        problems.append(KnowledgeProblem(file, 1, "the file is missing", "a readable file"))
        return None
    except OSError:
        problems.append(KnowledgeProblem(file, 1, "the file cannot be read", "a readable file"))
        return None
    except RecursionError:
        problems.append(KnowledgeProblem(file, 1, "not YAML: nested too deeply", "a few levels"))
        return None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or "is not UTF-8"
        line = mark.line + 1 if mark else 1
        problems.append(KnowledgeProblem(file, line, f"not YAML: {what}", "YAML 1.2 in UTF-8"))
        return None
    if node is None:
        problems.append(KnowledgeProblem(file, 1, "the file is empty", "see docs/knowledge.md"))
        return None
    return Node(file, node, problems)


def read_folder(
    root: Path, folder: str, problems: list[KnowledgeProblem]
) -> Iterator[tuple[Path, Node]]:
    """Every file of a folder of mappings/, in the order of their names."""
    for path in _files(root, folder):
        node = read_file(path, problems)
        if node is not None:
            yield path, node


def names_in(root: Path, folder: str) -> list[str]:
    """What the files of a folder say that they are: they are named after it (`expect_stem`)."""
    return [path.stem for path in _files(root, folder)]


def _files(root: Path, folder: str) -> list[Path]:
    return sorted((root / folder).glob("*.yaml"))


def expect_stem(path: Path, node: Node) -> None:
    """A problem if a file is not named after what it says it is."""
    if path.stem != node.text():
        node.problem(f"{node.text()!r} stands in {path.name}", f"{node.text()}.yaml")
