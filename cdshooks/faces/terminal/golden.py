"""The cards of the fixture patients as files, so that a change of knowledge is read as a diff."""

import json
from collections.abc import Iterator
from pathlib import Path

from cdshooks.engine import Engine
from cdshooks.faces.fixtures import load_cases


def stale_goldens(engine: Engine, root: Path) -> Iterator[tuple[Path, str]]:
    """Every cards.json that is not what the engine writes today, with what it would be.

    Raises InputUnreadable.
    """
    for case in load_cases(root):
        documents = engine.assess_body(case.body(), case.as_of, case.jurisdiction)
        cards = [card for document in documents for card in document.get("cards", ())]
        text = json.dumps(cards, indent=2, ensure_ascii=False) + "\n"
        if not case.cards.is_file() or case.cards.read_text(encoding="utf-8") != text:
            yield case.cards, text
