"""Files on the command line as assessment documents; bad input stops nothing after it."""

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from cdshooks.engine import Engine
from cdshooks.errors import CdsHooksError
from cdshooks.faces.terminal.inputs import Item, items
from cdshooks.fhir.record import patient_ids


def documents_of(
    engine: Engine, files: Iterable[Path], as_of: date | None, jurisdiction: str | None
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every document with the name of its input, in the order of the input."""
    for path in files:
        try:
            for item in items(path):
                documents = _assessed(engine, item, as_of, jurisdiction)
                yield from zip(_names(item, len(documents)), documents, strict=True)
        except OSError as error:
            yield str(path), _unreadable(str(path), error.strerror or "cannot be read")


def _names(item: Item, patients: int) -> list[str]:
    """The name of an input; of one with several patients first whose: a long file name is cut."""
    if patients == 1:
        return [item.name]
    return [f"Patient/{one}, {item.name}" for one in patient_ids((("Bundle", item.body),))]


def _assessed(
    engine: Engine, item: Item, as_of: date | None, jurisdiction: str | None
) -> list[dict[str, Any]]:
    """The documents of one input; of one that cannot be read, its problem in their place."""
    try:
        return engine.assess_body(item.body, as_of, jurisdiction)
    except CdsHooksError as error:
        problem = str(error)
    except Exception as error:  # noqa: BLE001  one record must not cost the others their answer
        problem = f"internal error ({type(error).__name__}): please report it"
    return [_unreadable(item.name, problem)]


def _unreadable(name: str, problem: str) -> dict[str, Any]:
    return {"problems": [{"reference": name, "problem": problem}]}
