"""The synthetic patients that travel with the service."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from cdshooks.errors import InputUnreadable, KnowledgeProblem
from cdshooks.hooks.example import example_request
from cdshooks.knowledge.services import Service
from cdshooks.knowledge.source import Node, as_seen, read_file


@dataclass(frozen=True, slots=True)
class Case:
    """One patient in one situation, and the day on which the record is looked at."""

    name: str
    title: str
    as_of: date
    jurisdiction: str | None
    folder: Path

    @property
    def cards(self) -> Path:
        return self.folder / "cards.json"

    @property
    def bundle_file(self) -> Path:
        return self.folder / "bundle.json"

    def body(self) -> bytes:
        """The record as it stands in bundle.json. Raises InputUnreadable."""
        try:
            return self.bundle_file.read_bytes()
        except OSError:
            raise InputUnreadable(f"{as_seen(self.bundle_file)} cannot be read") from None

    def bundle(self) -> dict[str, Any]:
        """The record as JSON. Raises InputUnreadable."""
        try:
            found = json.loads(self.body())
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise InputUnreadable(f"{as_seen(self.bundle_file)} is no JSON object")
        return found


def request_of(case: Case, service: Service) -> bytes:
    """A hook request about the patient. Raises InputUnreadable."""
    found = example_request(case.bundle(), service, case.as_of, case.jurisdiction)
    return orjson.dumps(found, option=orjson.OPT_INDENT_2)


def curl(base: str, case: str, service: str) -> str:
    """A shell line that asks a service about a fixture patient."""
    return (
        f"curl -s {base}/fixtures/{case}/request.json"
        " | curl -s -H 'Content-Type: application/json' --data-binary @-"
        f" {base}/cds-services/{service}"
    )


def default_root() -> Path:
    """fixtures/ beside the package in a checkout, or inside it in a wheel."""
    package = Path(__file__).resolve().parent.parent
    packed = package / "_data" / "fixtures"
    return packed if packed.is_dir() else package.parent / "fixtures"


def load_cases(root: Path) -> tuple[Case, ...]:
    """Every case under `root`, in the order of their names. Raises InputUnreadable."""
    return tuple(_cases(root))


def _cases(root: Path) -> Iterator[Case]:
    for path in sorted(root.glob("*/case.yaml")):
        problems: list[KnowledgeProblem] = []
        node = read_file(path, problems)
        case = None if node is None else _case(path.parent, node)
        if case is None or problems:
            raise InputUnreadable("\n".join(map(str, problems)))
        yield case


def _case(folder: Path, node: Node) -> Case | None:
    """The head of one case; what it expects is for the tests to read."""
    fields = dict(node.pairs())
    for key in ("title", "as_of"):
        if key not in fields:
            node.problem(f"{key!r} is missing", f"{key}: ...")
            return None
    try:
        as_of = date.fromisoformat(fields["as_of"].text())
    except ValueError:
        fields["as_of"].problem("is no date", "YYYY-MM-DD")
        return None
    jurisdiction = fields["jurisdiction"].text() if "jurisdiction" in fields else None
    return Case(folder.name, fields["title"].text(), as_of, jurisdiction, folder)
