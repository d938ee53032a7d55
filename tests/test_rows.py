"""Every row of the contract has a test that carries its name, or a sentence why it has none."""

import pytest

from tests.rows import TITLES, named_tests, read_name, rows, sections, shown_by

ROWS = rows()
SHOWN = shown_by()
SIZES = {"P": 126, "A": 10, "B": 12, "C": 8, "D": 12, "E": 13, "F": 8, "G": 11, "H": 14}


def test_every_row_is_there_once():
    assert all(row.asks for row in ROWS.values())
    assert {*ROWS} == {f"{kind}{n}" for kind, size in SIZES.items() for n in range(1, size + 1)}
    listed = [row for page in TITLES for part in sections(page).values() for row in part]
    assert len(listed) == len(ROWS)


def test_a_row_is_shown_by_a_test_or_says_why_not():
    """Each row on this list needs a test that is named after it, or a reason in docs/*.yaml."""
    lacking = [name for name, row in ROWS.items() if not (name in SHOWN or row.why or row.later)]
    assert not lacking, f"without a test: {', '.join(lacking)}"


def test_no_row_that_does_not_apply_is_shown():
    """A reason that a test contradicts is out of date."""
    assert {name: SHOWN[name][0].name for name in SHOWN if name in ROWS and ROWS[name].why} == {}


def test_no_test_carries_a_row_that_does_not_exist():
    wrong = [
        f"{test.path.name}: {test.name} ({row})"
        for test in named_tests()
        for row in test.rows
        if row not in ROWS
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("test_p41_missing_keys_are_fetched", ("P41",)),
        ("test_p7_to_p9_c1_members", ("P7", "P8", "P9", "C1")),
        ("test_a5_a_link_that_leaves_the_base", ("A5",)),
        ("test_a_card_is_short", ()),
        ("test_two_cards_p41", ()),
    ],
)
def test_rows_are_read_from_the_beginning_of_a_name(name, found):
    assert read_name(name)[0] == found
