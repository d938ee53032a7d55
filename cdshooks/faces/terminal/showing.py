"""What the fixture patients show of the knowledge: which rule has which outcome in whom."""

from collections.abc import Iterable, Mapping
from typing import Any

from cdshooks.engine import Engine
from cdshooks.faces.fixtures import Case
from cdshooks.knowledge.export.review import Seen


def documents(engine: Engine, cases: Iterable[Case]) -> dict[str, list[dict[str, Any]]]:
    """The assessment documents of each case, by the name of the case. Raises InputUnreadable."""
    return {
        case.name: engine.assess_body(case.body(), case.as_of, case.jurisdiction) for case in cases
    }


def seen(engine: Engine, cases: Iterable[Case]) -> Seen:
    """The cases by rule and outcome, in the order of their names. Raises InputUnreadable."""
    treatments: dict[str, dict[str, list[str]]] = {}
    requests: dict[str, list[str]] = {}
    warnings: dict[str, list[str]] = {}
    for name, assessed in documents(engine, cases).items():
        for document in assessed:
            for one in document["treatments"]:
                by_outcome = treatments.setdefault(one["id"], {})
                by_outcome.setdefault(one["outcome"], []).append(name)
            _note(requests, document.get("requests", ()), name)
            _note(warnings, document.get("warnings", ()), name)
    return Seen(treatments, requests, warnings)


def _note(found: dict[str, list[str]], raised: Iterable[Mapping[str, Any]], name: str) -> None:
    for one in raised:
        found.setdefault(one["id"], []).append(name)
