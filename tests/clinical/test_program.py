"""Criteria as bits: each comes to what it comes to statement by statement."""

from decimal import Decimal
from itertools import product
from random import Random

import pytest

from cdshooks.clinical.criterion import Group, Leaf, all_deciding, answer, deciding, reasons
from cdshooks.clinical.fact import Fact, Facts
from cdshooks.clinical.marks import Given, Marks, differing
from cdshooks.clinical.program import Answers, Program
from cdshooks.clinical.statement import parse
from cdshooks.clinical.truth import Truth, all_of, any_of
from cdshooks.clinical.value import Choice, Flag, Members, Span
from tests.spec.vocabulary import VOCABULARY

STATEMENTS = (
    *("tumour.ki67 <= 20 %", "tumour.ki67 < 20 %", "tumour.ki67 = 3 %", "not tumour.ki67 > 10 %"),
    *("tumour.site in {ileum, lung}", "tumour.site is not lung", "tumour.site on file"),
    *("tumour.grade_class is NEC", "recorded(tumour.grade_class is not NEC)", "always"),
    *("extent.advanced", "not extent.advanced", "symptom.obstruction", "prior.ssa is current"),
    *("syndrome.types has any of carcinoid, insulin", "syndrome.types has only insulin"),
)
GIVEN = tuple(one for one in VOCABULARY.types if any(one in text for text in STATEMENTS))
VALUES = {
    "tumour.site": [None, *(Choice(frozenset(one)) for one in (("ileum",), ("lung", "pancreas")))],
    "tumour.grade_class": [None, Choice(frozenset({"NEC"})), Choice(frozenset({"HG-UNDET"}))],
    "extent.advanced": [None, Flag(so=True), Flag(so=False)],
    "symptom.obstruction": [None, Flag(so=True), Flag(so=False)],
    "prior.ssa": [None, Choice(frozenset({"current"})), Choice(frozenset({"none"}))],
    "syndrome.types": [
        None,
        Members(frozenset({"insulin"}), frozenset({"carcinoid"})),
        Members(frozenset({"insulin"}), frozenset()),
        Members(frozenset(), frozenset({"insulin", "carcinoid"})),
    ],
}
ENDS = [None, *map(Decimal, (0, 3, "9.9", 10, 15, 20, 30))]


def spans():
    """From each end to each, with both, one or none of them excluded."""
    for low, high in product(ENDS, ENDS):
        if low is None or high is None or low <= high:
            for opened in product((False, True), repeat=2):
                yield Span(low, high, "%", *opened)


VALUES["tumour.ki67"] = [None, *spans()]


def leaf(random):
    statement = parse(random.choice(STATEMENTS), VOCABULARY)
    return Leaf(statement, "Why.", (), random.choice(("ask", "silent", "yes")))


def criterion(random, depth=3):
    """A leaf, or a group of some; groups of one kind within each other, and empty ones, too."""
    if depth == 0 or random.random() < 0.4:
        return leaf(random)
    parts = tuple(criterion(random, depth - 1) for _ in range(random.randrange(5)))
    return Group(random.choice(("all", "any")), parts)


def patient(random):
    """Of each fact what silence means, or some value, on file or only assumed."""
    found = {name: VOCABULARY[name].when_silent() for name in GIVEN}
    for name in GIVEN:
        if random.random() < 0.7:
            found[name] = Fact(name, random.choice(VALUES[name]), assumed=random.random() < 0.2)
    return Facts(found)


def asked(program, facts):
    """The same facts, with what the program tells of them."""
    known = program.known(facts.by_name, Given(program.marks.values()))
    return Facts(facts.by_name, Answers(program, known))


@pytest.mark.parametrize("seed", range(40))
def test_a_criterion_comes_to_the_same_as_bits(seed):
    random = Random(seed)
    criteria = tuple(criterion(random) for _ in range(12))
    program = Program(criteria, VOCABULARY)
    for _ in range(25):
        plain = patient(random)
        facts = asked(program, plain)
        for one in criteria:
            truth = answer(one, Facts(plain.by_name))
            assert answer(one, facts) is truth
            assert all_deciding([one], facts, truth) == all_deciding([one], plain, truth)


@pytest.mark.parametrize("seed", range(40))
def test_a_list_comes_to_the_same_as_bits(seed):
    """And what leaves it open is the same, in the order of the file."""
    random = Random(seed)
    criteria = tuple(criterion(random) for _ in range(5))
    program = Program(criteria, VOCABULARY)
    for _ in range(25):
        plain = patient(random)
        known = asked(program, plain).answered.known
        truths = [answer(one, plain) for one in criteria]
        unknown = [*all_deciding(criteria, plain, Truth.UNKNOWN)]
        for question, truth in (
            (program.all_of(criteria), all_of(truths)),
            (program.any_of(criteria), any_of(truths)),
        ):
            assert question.truth(known) is truth
            if truth is Truth.UNKNOWN:
                assert question.unknown(known) == unknown


@pytest.mark.parametrize("seed", range(40))
def test_the_reasons_of_a_criterion_are_the_same_as_bits(seed):
    """What makes it YES or NO, and why it is YES in as few words as will do."""
    random = Random(seed)
    criteria = tuple(criterion(random) for _ in range(12))
    program = Program(criteria, VOCABULARY)
    for _ in range(25):
        plain = patient(random)
        known = asked(program, plain).answered.known
        for one in criteria:
            truth, question = answer(one, plain), program.question(one)
            if truth is not Truth.UNKNOWN:
                assert question.deciding(known, truth) == [*deciding(one, plain, truth)]
            if truth is Truth.YES:
                assert question.reasons(known) == [*reasons(one, plain)]


@pytest.mark.parametrize("text", [one for one in STATEMENTS if one.startswith("tumour.ki67")])
def test_numbers_that_are_kept_as_alike_are_answered_alike(text):
    """A number is kept by its place among the limits, not by itself."""
    statements = [parse(one, VOCABULARY) for one in STATEMENTS if "ki67" in one]
    program = Program([Leaf(one, "", ()) for one in statements], VOCABULARY)
    marks = program.marks["tumour.ki67"]
    for span in spans():
        fact = Fact("tumour.ki67", span)
        assert differing([(marks, fact)]) == marks.bits(fact) ^ marks.silence
    assert len(marks.seen) < len([*spans()])


def test_a_value_is_asked_once_and_then_remembered():
    statement = parse("tumour.ki67 <= 20 %", VOCABULARY)
    times = []

    def ask(facts):
        times.append(facts)
        return statement.ask(facts)

    for remembered, expected in ((8, 1), (0, 3)):
        marks = Marks(VOCABULARY["tumour.ki67"].when_silent(), 0, remembered)
        marks.add(type(statement)(statement.text, statement.facts, ask), opened=False, yes=4)
        times.clear()
        for number in (5, 7, 5):
            value = Span(Decimal(number), Decimal(number), "%")
            assert differing([(marks, Fact("tumour.ki67", value))]) == 4 | marks.filed
        assert len(times) == expected


def test_what_a_program_did_not_compile_is_asked_of_the_facts():
    known, other = (Leaf(parse("extent.advanced", VOCABULARY), "", ()) for _ in range(2))
    facts = asked(
        Program([known], VOCABULARY),
        Facts({"extent.advanced": Fact("extent.advanced", Flag(so=True))}),
    )
    assert answer(known, facts) is answer(other, facts) is Truth.YES


def test_facts_that_are_added_are_heard_by_what_was_answered_before():
    criterion = Leaf(parse("extent.advanced", VOCABULARY), "", ())
    program = Program([criterion], VOCABULARY)
    answers = asked(program, Facts({"extent.advanced": Fact("extent.advanced")})).answered
    assert answers[criterion] is Truth.UNKNOWN
    answers.learn(answers.known ^ program.delta(Fact("extent.advanced", Flag(so=False))))
    assert answers[criterion] is Truth.NO
