"""The rule language, statement by statement: these tests are its manual."""

import pytest

from cdshooks.clinical.statement import StatementInvalid, parse
from cdshooks.clinical.truth import Truth
from tests.spec.vocabulary import VOCABULARY, facts

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN


def ask(text, **given):
    return parse(text, VOCABULARY).ask(facts(**given))


@pytest.mark.parametrize(
    ("text", "given", "truth"),
    [
        ("always", {}, YES),
        ("tumour.ki67 <= 20 %", {"tumour__ki67": 20}, YES),
        ("tumour.ki67 <= 20 %", {"tumour__ki67": 20.1}, NO),
        ("tumour.ki67 <= 20 %", {"tumour__ki67": (15, 25)}, UNKNOWN),
        ("tumour.ki67 <= 20 %", {}, UNKNOWN),
        ("not tumour.ki67 <= 20 %", {}, UNKNOWN),
        ("not tumour.ki67 <= 20 %", {"tumour__ki67": 21}, YES),
        ("patient.age >= 18 years", {"patient__age": 17}, NO),
        ("patient.ecog > 2", {"patient__ecog": (2, 3)}, UNKNOWN),
        ("lab.platelets < 75 x10^9/L", {"lab__platelets": 74.9}, YES),
        ("lab.platelets < 75 10*9/L", {"lab__platelets": 75}, NO),
        ("tumour.site is lung", {"tumour__site": "lung"}, YES),
        ("tumour.site is not lung", {"tumour__site": "lung"}, NO),
        ("tumour.site is not lung", {}, UNKNOWN),
        ("tumour.site in {ileum, pancreas}", {"tumour__site": "ileum|pancreas"}, YES),
        ("tumour.site not in {ileum, pancreas}", {"tumour__site": "lung"}, YES),
        ("tumour.grade_class is NEC", {"tumour__grade_class": "HG-UNDET"}, UNKNOWN),
        ("tumour.grade_class in {G3-NET, NEC}", {"tumour__grade_class": "HG-UNDET"}, YES),
        ("extent.advanced", {"extent__advanced": True}, YES),
        ("not extent.advanced", {"extent__advanced": True}, NO),
        ("extent.advanced", {}, UNKNOWN),
        ("extent.advanced is false", {"extent__advanced": False}, YES),
        ("symptom.obstruction", {}, NO),
        ("prior.ssa is none", {}, YES),
        ("syndrome.types has insulin", {}, UNKNOWN),
        ("syndrome.types has insulin", {"syndrome__types": {"carcinoid"}}, NO),
        ("syndrome.types has any of insulin, carcinoid", {"syndrome__types": {"insulin"}}, YES),
        ("syndrome.types has only insulin", {"syndrome__types": {"insulin"}}, YES),
        ("syndrome.types has only insulin", {"syndrome__types": {"insulin", "carcinoid"}}, NO),
        ("syndrome.types has only insulin", {"syndrome__types": set()}, NO),
        ("syndrome.types has only insulin", {}, UNKNOWN),
    ],
)
def test_a_statement_is_yes_no_or_unknown(text, given, truth):
    assert ask(text, **given) is truth


@pytest.mark.parametrize(
    ("text", "given", "truth"),
    [
        ("recorded(tumour.site is lung)", {}, NO),
        ("recorded(tumour.site is lung)", {"tumour__site": "lung"}, YES),
        ("recorded(tumour.site is lung)", {"tumour__site": "lung|ileum"}, NO),
        ("not recorded(tumour.site is lung)", {}, YES),
        ("tumour.ki67 on file", {}, NO),
        ("tumour.ki67 not on file", {}, YES),
        ("tumour.ki67 on file", {"tumour__ki67": (0, 100)}, YES),
        ("prior.ssa on file", {}, NO),
    ],
)
def test_what_is_asked_of_the_record_itself_is_never_unknown(text, given, truth):
    """A closed fact that is only assumed from silence is not on file."""
    statement = parse(text, VOCABULARY)
    assert statement.closed
    assert statement.ask(facts(**given)) is truth


@pytest.mark.parametrize(
    ("text", "accepted"),
    [
        ("tumour.ki68 <= 20 %", "tumour.ki67"),
        ("tumour.ki67 <= 20", "%"),
        ("tumour.ki67 <= 20 mm", "%"),
        ("tumour.ki67 is high", "a comparison"),
        ("tumour.site is stomach", "ileum, lung, pancreas"),
        ("tumour.site <= 3", "tumour.site is"),
        ("extent.advanced in {yes}", "not extent.advanced"),
        ("syndrome.types is carcinoid", "syndrome.types has"),
        ("syndrome.types has serotonin", "carcinoid, insulin"),
        ("tumour.ki67 > 3 % and extent.advanced", "a statement such as"),
        ("__import__('os')", "a statement such as"),
        ("", "a statement such as"),
    ],
)
def test_a_statement_that_cannot_be_asked_is_refused_with_what_would_be(text, accepted):
    with pytest.raises(StatementInvalid) as refused:
        parse(text, VOCABULARY)
    assert accepted in refused.value.accepted


def test_a_statement_knows_its_facts_and_its_threshold():
    statement = parse("not recorded(tumour.ki67 >= 55 %)", VOCABULARY)
    assert statement.facts == ("tumour.ki67",)
    assert statement.number == 55
