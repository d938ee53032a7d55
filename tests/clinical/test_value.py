"""A fact is the set of values it may have."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdshooks.clinical.truth import Truth
from cdshooks.clinical.value import (
    Choice,
    Flag,
    Members,
    Span,
    decimal_text,
    exactly,
    higher_of,
    lower_of,
    narrower,
)

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
DOUBT = {"HG-UNDET": frozenset({"G3-NET", "NEC"})}


def span(low, high, *, low_open=False, high_open=False):
    def end(x):
        return None if x is None else Decimal(str(x))

    return Span(end(low), end(high), "%", low_open, high_open)


def choice(*possible):
    return Choice(frozenset(possible))


@pytest.mark.parametrize(
    ("charted", "at_most_20", "below_3"),
    [
        pytest.param(span(14, 14), YES, NO, id="14 %"),
        pytest.param(span(0, 3, high_open=True), YES, YES, id="< 3 %"),
        pytest.param(span(3, 20), YES, NO, id="3-20 %"),
        pytest.param(span(15, 25), UNKNOWN, NO, id="15-25 %"),
        pytest.param(span(20, 20), YES, NO, id="20 %"),
        pytest.param(span(20, None, low_open=True), NO, NO, id="> 20 %"),
        pytest.param(span(20, None), UNKNOWN, NO, id=">= 20 %"),
        pytest.param(span("2.9999999", "2.9999999"), YES, YES, id="2.9999999 %"),
        pytest.param(span(3, 3), YES, NO, id="3 %"),
        pytest.param(span(0, 3), YES, UNKNOWN, id="<= 3 %"),
        pytest.param(span(None, None), UNKNOWN, UNKNOWN, id="anything"),
    ],
)
def test_a_statement_holds_if_it_holds_for_every_value(charted, at_most_20, below_3):
    """The table of the design: nothing is rounded to a middle."""
    assert charted.compare("<=", Decimal(20)) is at_most_20
    assert charted.compare("<", Decimal(3)) is below_3


def test_equality_is_sure_only_of_a_single_value():
    assert span(2, 2).compare("=", Decimal(2)) is YES
    assert span(1, 3).compare("=", Decimal(2)) is UNKNOWN
    assert span(3, 4).compare("=", Decimal(2)) is NO
    assert span(2, 3, low_open=True).compare("=", Decimal(2)) is NO


def test_the_higher_of_two_readings_is_taken_end_by_end():
    assert higher_of(span(8, 10), span(2, 2)) == span(8, 10)
    assert higher_of(span(2, 12), span(5, 6)) == span(5, 12)
    assert higher_of(span(0, 3, high_open=True), span(3, 3)) == span(3, 3)
    assert lower_of(span(8, 10), span(2, 2)) == span(2, 2)
    assert higher_of(span(20, None, low_open=True), span(4, 4)).low == Decimal(20)


@pytest.mark.parametrize(
    ("possible", "wanted", "truth"),
    [
        ({"G1"}, {"G1", "G2"}, YES),
        ({"G1", "G2"}, {"G1", "G2"}, YES),
        ({"G1", "G2"}, {"G1"}, UNKNOWN),
        ({"NEC"}, {"G1"}, NO),
        ({"HG-UNDET"}, {"NEC"}, UNKNOWN),
        ({"HG-UNDET"}, {"G3-NET"}, UNKNOWN),
        ({"HG-UNDET"}, {"G3-NET", "NEC"}, YES),
        ({"HG-UNDET"}, {"G1", "G2", "TC", "AC"}, NO),
        ({"HG-UNDET"}, {"NEC", "HG-UNDET"}, YES),
        ({"G2", "HG-UNDET"}, {"NEC"}, UNKNOWN),
    ],
)
def test_a_choice_answers_for_every_value_it_may_be(possible, wanted, truth):
    """HG-UNDET is read as "G3-NET or NEC"."""
    assert Choice(frozenset(possible)).among(frozenset(wanted), DOUBT) is truth


def test_members_know_what_is_in_what_is_not_and_nothing_of_the_rest():
    types = Members(frozenset({"carcinoid"}), frozenset({"insulin"}))
    assert types.contains("carcinoid") is YES
    assert types.contains("insulin") is NO
    assert types.contains("gastrin") is UNKNOWN


numbers = st.integers(-5, 105)
spans = st.builds(
    lambda a, b, lo, ho: span(
        min(a, b), max(a, b), low_open=lo and a != b, high_open=ho and a != b
    ),
    numbers,
    numbers,
    st.booleans(),
    st.booleans(),
)


@given(spans, spans, numbers, st.sampled_from(["<", "<=", ">", ">=", "="]))
def test_narrowing_a_span_never_reverses_an_answer(wide, inner, limit, sign):
    if narrower(inner, wide):
        before = wide.compare(sign, Decimal(limit))
        assert before in (UNKNOWN, inner.compare(sign, Decimal(limit)))


@given(spans, numbers, st.sampled_from(["<", "<=", ">", ">=", "="]))
def test_a_span_answers_as_each_of_its_values_does(given_span, limit, sign):
    """Compared on a fine grid of the span's own values: all YES, none YES, or UNKNOWN."""
    grid = [Decimal(n) / 2 for n in range(-12, 214)]
    inside = [n for n in grid if _within(n, given_span)]
    answers = {exactly(n, "%").compare(sign, Decimal(limit)) for n in inside}
    answer = given_span.compare(sign, Decimal(limit))
    if answer is not UNKNOWN:
        assert answers <= {answer}


def _within(number, given_span):
    low = number > given_span.low or (number == given_span.low and not given_span.low_open)
    high = number < given_span.high or (number == given_span.high and not given_span.high_open)
    return low and high


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (span(14, 14), "14 %"),
        (span(0, 3, high_open=True), "< 3 %"),
        (span(3, 20), "3-20 %"),
        (span(20, None, low_open=True), "> 20 %"),
        (Span(Decimal(54), Decimal(54), "a"), "54 years"),
        (Flag(so=False), "no"),
        (choice("G2", "G1"), "G1 or G2"),
        (Members(frozenset(), frozenset()), "none"),
    ],
)
def test_values_print_as_a_report_would_say_them(value, printed):
    assert str(value) == printed


@pytest.mark.parametrize("limit", [3, 9, 30])
@given(st.data())
def test_a_number_is_written_without_an_exponent_and_without_zeros_at_its_end(limit, data):
    """However long it is: what is short is written in a shorter way, to the same end."""
    digits, places = data.draw(st.integers(-(10**limit), 10**limit)), data.draw(st.integers(-3, 8))
    number = Decimal(digits).scaleb(-places)
    text = decimal_text(number)
    assert text == f"{number.normalize():f}"
    assert "." not in text or text[-1] not in ".0"
