"""docs/protocol.md and docs/robustness.md: each row of the contract with the tests that show it.

A test says in its name which rows it shows: `test_p45_f8_a_page_is_used_and_...` shows P45 and F8,
`test_p7_to_p13_...` all from P7 to P13. The names are read from the source, nothing is run.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

TESTS = Path(__file__).parent
DOCS = TESTS.parent / "docs"
_ROW = re.compile(r"([a-ip])(\d{1,3})")

TITLES = {
    "protocol": (
        "The protocol: what CDS Hooks asks of a service, and what shows it",
        "Each row is a requirement of CDS Hooks 2.0.1, its best practices, or plain HTTP, in our",
        "words. Behind it stand the tests whose names carry the row, as sentences.",
    ),
    "robustness": (
        "Robustness: faults and attacks, and what shows that they are survived",
        "Each row is a fault or an attack with what has to happen then. Behind it stand the tests",
        "whose names carry the row, as sentences.",
    ),
}


@dataclass(frozen=True, slots=True)
class Row:
    """`why` it does not apply; what is missing until `later`; its `bound`: up to where it holds.

    Each is empty if there is nothing.
    """

    name: str
    asks: str
    why: str = ""
    later: str = ""
    bound: str = ""


@dataclass(frozen=True, slots=True)
class NamedTest:
    path: Path
    name: str
    rows: tuple[str, ...]
    says: str


def sections(page: str) -> dict[str, list[Row]]:
    """The rows of docs/PAGE.yaml by section, in their order."""
    told = yaml.safe_load((DOCS / f"{page}.yaml").read_text(encoding="utf-8"))
    return {
        section: [Row(name, **parts) for name, parts in rows.items()]
        for section, rows in told.items()
    }


def rows() -> dict[str, Row]:
    """Every row of both pages by its name."""
    return {row.name: row for page in TITLES for part in sections(page).values() for row in part}


def named_tests(root: Path = TESTS) -> list[NamedTest]:
    """The tests whose names carry rows, in the order of files and lines."""
    return [test for path in sorted(root.rglob("*.py")) for test in _of_file(path)]


def _of_file(path: Path) -> Iterator[NamedTest]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            found, says = read_name(node.name)
            if found:
                yield NamedTest(path, node.name, found, says)


def read_name(name: str) -> tuple[tuple[str, ...], str]:
    """The rows that a test's name carries, and the sentence that is the rest of it.

    >>> read_name("test_p7_to_p9_c1_it_shows_its_members")
    (('P7', 'P8', 'P9', 'C1'), 'it shows its members')
    >>> read_name("test_a_card_is_short")
    ((), 'a card is short')
    """
    words = name.removeprefix("test_").split("_")
    found: list[str] = []
    while words and (row := _ROW.fullmatch(words[0])):
        family, first = row[1].upper(), int(row[2])
        last = _ROW.fullmatch(words[2]) if words[1:2] == ["to"] and len(words) > 2 else None
        end = int(last[2]) if last else first
        found += [f"{family}{number}" for number in range(first, end + 1)]
        words = words[3 if last else 1 :]
    return tuple(found), " ".join(words)


@cache
def shown_by() -> dict[str, list[NamedTest]]:
    """The tests of each row that has some."""
    found: dict[str, list[NamedTest]] = {}
    for test in named_tests():
        for row in test.rows:
            found.setdefault(row, []).append(test)
    return found


def page_text(page: str) -> str:
    title, *intro = TITLES[page]
    lines = [f"# {title}", "", "Written by `make docs`; do not edit.", "", *intro]
    showing = shown_by()
    for section, told in sections(page).items():
        lines += ["", f"## {section}", "", "| row | asked | shown by |", "| --- | --- | --- |"]
        lines += [_line(row, showing.get(row.name, [])) for row in told]
    return "\n".join([*lines, ""])


def _line(row: Row, tests: list[NamedTest]) -> str:
    shown = [f"[{test.says}](../{test.path.relative_to(DOCS.parent)})" for test in tests]
    remarks = [f"*{remark.strip()}*" for remark in (row.why, row.later, row.bound) if remark]
    return f"| {row.name} | {row.asks} | {'<br>'.join([*shown, *remarks])} |"
