"""No row and no statement of the seeds is without a file, or a reason."""

import pytest

from tests.coverage import files, pages, rows, seeds
from tests.shipped import KNOWLEDGE

COVERING = files(KNOWLEDGE)
NUMBERED = [f"T{n:02}" for n in range(1, 43)] + [f"D{n:02}" for n in range(1, 17)]


def test_every_row_is_named_once_and_no_file_covers_another():
    assert list(rows()) == NUMBERED
    assert set(COVERING) == set(NUMBERED)


@pytest.mark.parametrize("row", NUMBERED)
def test_a_row_has_a_file_or_says_how_it_is_told(row):
    told = rows()[row]
    assert told["means"]
    assert set(told) <= {"means", "as"}
    assert COVERING[row] or "as" in told


@pytest.mark.parametrize("source", sorted(one for one in KNOWLEDGE.citations if "seed-" in one))
def test_every_statement_of_a_seed_has_its_rows_or_a_reason(source):
    statements = seeds()[source]
    for told in statements:
        assert set(told) <= {"says", "rows", "why"}
        assert told.get("rows") or told.get("why"), told
        assert set(told.get("rows", ())) <= set(NUMBERED), told
    assert len({told["says"] for told in statements}) == len(statements)


def test_every_row_comes_from_a_statement_or_from_what_was_found_beyond():
    beyond = {"D11", "D12"}  # the safety checks of PRRT and the age of data: in no seed
    carried = {row for told in seeds().values() for one in told for row in one.get("rows", ())}
    assert {*NUMBERED} - carried == beyond


@pytest.mark.parametrize("path", sorted(pages()), ids=lambda path: path.name)
def test_the_page_on_file_is_the_page_of_today(path):
    """If this fails: `make docs`."""
    assert path.read_text(encoding="utf-8") == pages()[path]
