"""Decision tables, highest-of and counts: how facts are derived from facts."""

from decimal import Decimal

from cdshooks.clinical.criterion import Group, Leaf
from cdshooks.clinical.derive import CountOf, HighestOf, Row, Table, derive, inputs_of
from cdshooks.clinical.fact import Fact
from cdshooks.clinical.statement import parse
from cdshooks.clinical.value import Choice, Flag, Span
from cdshooks.clinical.vocabulary import FactType
from tests.spec.vocabulary import VOCABULARY, facts

STEP = FactType("tumour.step", "Step", "choice", values=("G1", "G2", "G3"))


def row(text, *then, note=""):
    leaf = Leaf(parse(text, VOCABULARY), "Because.", ("who2019",))
    return Row(Group("all", (leaf,)), frozenset(then), note)


WHO = Table(
    STEP,
    (
        row("tumour.ki67 < 3 %", "G1"),
        row("tumour.ki67 <= 20 %", "G2"),
        row("tumour.ki67 > 20 %", "G3", note="High."),
    ),
    otherwise=frozenset(),
)


def step(**given):
    return WHO.derive(facts(**given))


def test_the_first_row_that_is_yes_settles_a_table():
    assert step(tumour__ki67=2).value == Choice(frozenset({"G1"}))
    assert step(tumour__ki67=3).value == Choice(frozenset({"G2"}))
    assert step(tumour__ki67=20).value == Choice(frozenset({"G2"}))
    assert step(tumour__ki67=20.5).value == Choice(frozenset({"G3"}))


def test_a_row_that_is_unknown_leaves_its_result_possible():
    """Ki-67 "2-4 %" is G1 or G2, and neither is chosen."""
    assert step(tumour__ki67=(2, 4)).value == Choice(frozenset({"G1", "G2"}))


def test_nothing_known_derives_nothing():
    derived = step()
    assert derived.value is None
    assert derived.why_absent


def test_what_follows_because_no_row_holds_is_on_file_if_the_inputs_are():
    """Else a fact that was derived from the record would read as assumed."""
    table = Table(STEP, (row("tumour.ki67 < 3 %", "G1"),), otherwise=frozenset({"G2"}))
    derived = table.derive(facts(tumour__ki67=9))
    assert (derived.derived_from, derived.assumed) == (("tumour.ki67",), False)
    assert not WHO.derive(facts()).assumed


def test_a_derived_fact_names_its_inputs_and_its_notes():
    derived = step(tumour__ki67=40)
    assert derived.derived_from == ("tumour.ki67",)
    assert derived.notes == ("High.",)


def test_a_table_without_otherwise_falls_back_to_unknown():
    table = Table(STEP, (row("tumour.site is lung", "G1"),), otherwise=None)
    assert table.derive(facts(tumour__site="ileum")).value is None


def test_a_flag_table_with_both_answers_possible_is_unknown():
    flag = FactType("x.y", "X", "flag")
    table = Table(flag, (row("tumour.site is lung", "true"),), otherwise=frozenset({"false"}))
    assert table.derive(facts(tumour__site="lung")).value == Flag(so=True)
    assert table.derive(facts(tumour__site="ileum")).value == Flag(so=False)
    assert table.derive(facts()).value is None


def test_a_flag_table_that_falls_through_or_says_unknown_is_unknown():
    """Never a certain yes or no from nothing: a renal hold without a laboratory value."""
    flag = FactType("x.y", "X", "flag")
    fallen = Table(flag, (row("tumour.ki67 > 20 %", "true"),), otherwise=None)
    said = Table(flag, (row("always"),), otherwise=frozenset({"false"}))
    for given in (facts(), facts(tumour__ki67=3)):
        assert fallen.derive(given).value is None
        assert said.derive(given).value is None


def test_the_highest_of_two_sets_is_the_higher_of_each_pair():
    """{G1, G2} with G2 gives G2; with G1 it stays {G1, G2}."""
    highest = HighestOf(STEP, ("tumour.a", "tumour.b"), (("tumour.a", "a alone"),))

    def combined(a, b):
        one = Fact("tumour.a", a and Choice(frozenset(a)))
        other = Fact("tumour.b", b and Choice(frozenset(b)))
        return highest.derive(facts().having([one, other]))

    assert combined({"G1", "G2"}, {"G2"}).value == Choice(frozenset({"G2"}))
    assert combined({"G1", "G2"}, {"G1"}).value == Choice(frozenset({"G1", "G2"}))
    assert combined({"G1"}, None).notes == ("a alone",)
    assert combined(None, {"G3"}).notes == ()
    assert combined(None, None).value is None


def test_a_count_is_a_span_while_some_input_is_unknown():
    count = CountOf(FactType("prior.n", "Lines", "number"), ("prior.ssa", "tumour.site"), "none")
    assert count.derive(facts()).value == Span(Decimal(0), Decimal(1), "")
    assert count.derive(facts(prior__ssa="past", tumour__site="lung")).value == Span(
        Decimal(2), Decimal(2), ""
    )


def test_derivations_build_on_each_other():
    high = FactType("tumour.high", "High", "flag")
    vocabulary = type(VOCABULARY)({**VOCABULARY.types, "tumour.step": STEP, "tumour.high": high})
    leaf = Leaf(parse("tumour.step is G3", vocabulary), "Because.", ())
    table = Table(high, (Row(Group("all", (leaf,)), frozenset({"true"})),), frozenset({"false"}))
    derived = derive(facts(tumour__ki67=30), (WHO, table))
    assert derived.value("tumour.high") == Flag(so=True)
    assert inputs_of(table) == {"tumour.step"}
