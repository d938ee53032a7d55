"""Kleene's strong three-valued logic, as a table and as laws."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdshooks.clinical.truth import Truth, all_of, any_of, certain, negate, over_all

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
truths = st.lists(st.sampled_from(Truth), max_size=6)

AND = {
    (YES, YES): YES,
    (YES, NO): NO,
    (YES, UNKNOWN): UNKNOWN,
    (NO, NO): NO,
    (NO, UNKNOWN): NO,
    (UNKNOWN, UNKNOWN): UNKNOWN,
}


@pytest.mark.parametrize("one", Truth)
@pytest.mark.parametrize("other", Truth)
def test_all_of_two_follows_kleenes_table(one, other):
    expected = AND[one, other] if (one, other) in AND else AND[other, one]
    assert all_of([one, other]) is expected


def test_nothing_at_all_is_yes_for_all_and_no_for_any():
    assert all_of([]) is YES
    assert any_of([]) is NO


@given(truths)
def test_any_is_not_all_not(given_truths):
    assert any_of(given_truths) is negate(all_of(negate(t) for t in given_truths))


@given(truths, st.randoms())
def test_order_does_not_matter(given_truths, random):
    shuffled = random.sample(given_truths, len(given_truths))
    assert all_of(shuffled) is all_of(given_truths)
    assert any_of(shuffled) is any_of(given_truths)


@pytest.mark.parametrize("truth", Truth)
def test_a_truth_refuses_to_be_a_bool(truth):
    """`if statement.ask(facts):` would read a missing scan as a no."""
    with pytest.raises(TypeError, match="not a bool"):
        bool(truth)


def test_over_all_is_unknown_unless_every_value_agrees():
    for answers in product([True, False], repeat=3):
        expected = certain(answers[0]) if len(set(answers)) == 1 else UNKNOWN
        assert over_all(answers) is expected
    assert over_all([]) is UNKNOWN
