"""The tests of a module as one table: which of them fail with another knowledge?

Row tests are written for pytest, each row a parameter. Here they are asked again, with a changed
knowledge in the place of the module's KNOWLEDGE.
"""

import inspect
from collections.abc import Callable, Iterator
from itertools import product
from types import ModuleType
from typing import Any
from unittest.mock import patch

from cdshooks.knowledge.load import Knowledge


def failing(module: ModuleType, knowledge: Knowledge) -> Iterator[tuple[str, dict[str, Any]]]:
    """(test, row) of each test of a module that fails with this knowledge.

    What a card lacks is found by unpacking or looking up as well as by an assertion. A test that
    needs a fixture of pytest is left out.
    """
    with patch.object(module, "KNOWLEDGE", knowledge):
        for name, test in inspect.getmembers(module, inspect.isfunction):
            if name.startswith("test_"):
                yield from ((name, row) for row in _rows(test) if _fails(test, row))


def _fails(test: Callable[..., None], row: dict[str, Any]) -> bool:
    try:
        test(**row)
    except (AssertionError, LookupError, ValueError, StopIteration):
        return True
    return False


def _rows(test: Callable[..., None]) -> Iterator[dict[str, Any]]:
    """The parameters of each call; none if some are not given beside the test."""
    marks = getattr(test, "pytestmark", ())
    tables = [_table(*mark.args) for mark in marks if mark.name == "parametrize"]
    for chosen in product(*tables):
        row = {name: value for part in chosen for name, value in part.items()}
        if row.keys() == inspect.signature(test).parameters.keys():
            yield row


def _table(names: str | tuple[str, ...], rows: list[Any]) -> list[dict[str, Any]]:
    if isinstance(names, str):
        return [{names: value} for value in rows]
    return [dict(zip(names, row, strict=True)) for row in rows]
