"""Outcomes, what is asked for, and the second pass."""

from itertools import product

import pytest

from cdshooks.clinical.assess import assess
from cdshooks.clinical.criterion import Group, Leaf
from cdshooks.clinical.fact import Fact
from cdshooks.clinical.statement import parse
from cdshooks.clinical.treatment import Caveat, Request, Treatment
from cdshooks.clinical.truth import Truth
from cdshooks.clinical.value import Choice, Flag
from cdshooks.clinical.vocabulary import FactType, Vocabulary
from cdshooks.clinical.weigh import outcome_of, weigh
from tests.spec.vocabulary import VOCABULARY, facts

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN


def leaf(text, vocabulary=VOCABULARY, **more):
    return Leaf(parse(text, vocabulary), f"Why {text}.", ("who2019",), **more)


def treatment(name="prrt", **lists):
    given = {"consider": (), "block": (), "hold": (), "caution": (), "silent": False} | lists
    return Treatment(
        id=name,
        title=name,
        covers=("T18",),
        version="1",
        status="draft",
        summary="",
        indicator="info",
        place="option",
        family=name,
        rank=1,
        **given,
    )


def request(name, *asked, **lists):
    given = {"ask_when": (), "never_when": ()} | lists
    return Request(
        id=name,
        title=name,
        covers=(),
        summary="",
        facts=asked,
        sayings=(),
        orders=(),
        group=name,
        rank=1,
        **given,
    )


def requested(treatments, requests, given):
    found = assess(treatments, requests, (), given, VOCABULARY)
    return {asked.request.id: (asked.facts, asked.waiting) for asked in found.requests}


@pytest.mark.parametrize(("consider", "block", "hold"), list(product(Truth, repeat=3)))
def test_the_outcome_follows_from_the_truths_in_this_order(consider, block, hold):
    outcome = outcome_of(consider, block, hold)
    if consider is NO:
        assert outcome == "not-offered"
    elif block is YES:
        assert outcome == "blocked"
    elif consider is UNKNOWN:
        assert outcome == "needs-data"
    elif hold is YES:
        assert outcome == "hold"
    elif UNKNOWN in (block, hold):
        assert outcome == "offer-check"
    else:
        assert outcome == "offer"


ORDER = ("not-offered", "blocked", "needs-data", "hold", "offer-check", "offer")


@pytest.mark.parametrize("consider", Truth)
@pytest.mark.parametrize("worse", [(NO, UNKNOWN), (UNKNOWN, YES), (NO, YES)])
def test_a_safety_fact_can_only_demote(consider, worse):
    better_truth, worse_truth = worse
    for other in Truth:
        for place in ("block", "hold"):
            given = {"block": other, "hold": other}
            better = outcome_of(consider, **{**given, place: better_truth})
            demoted = outcome_of(consider, **{**given, place: worse_truth})
            assert ORDER.index(demoted) <= ORDER.index(better)


def test_an_unknown_consider_asks_for_its_facts_and_a_false_branch_asks_nothing():
    either = Group("any", (leaf("tumour.site is lung"), leaf("extent.advanced")))
    weighed = weigh(treatment(consider=(either,)), facts(tumour__site="ileum"), VOCABULARY)
    assert weighed.outcome == "needs-data"
    assert weighed.needs == ("extent.advanced",)


def test_offer_check_needs_the_unknown_safety_facts_only():
    weighed = weigh(
        treatment(
            consider=(leaf("tumour.ki67 <= 20 %"),),
            block=(leaf("patient.age < 12 years"),),
            hold=(leaf("lab.platelets < 75 x10^9/L"), leaf("patient.ecog > 2")),
        ),
        facts(tumour__ki67=5, patient__age=50, patient__ecog=1),
        VOCABULARY,
    )
    assert weighed.outcome == "offer-check"
    assert weighed.needs == ("lab.platelets",)


def test_a_silent_treatment_asks_for_nothing_while_it_is_undecided():
    asking = treatment("asking", consider=(leaf("tumour.ki67 <= 20 %"),))
    silent = treatment("silent", consider=(leaf("extent.advanced"),), silent=True)
    requests = [request("ki67", "tumour.ki67"), request("extent", "extent.advanced")]
    assert requested([asking, silent], requests, facts()) == {
        "ki67": (("tumour.ki67",), ("asking",))
    }


def test_a_silent_statement_asks_for_nothing():
    quiet = treatment(consider=(leaf("extent.advanced", when_unknown="silent"),))
    assert requested([quiet], [request("extent", "extent.advanced")], facts()) == {}


def test_a_statement_may_be_read_as_yes_while_it_is_unknown():
    opened = treatment(consider=(leaf("extent.advanced", when_unknown="yes"),))
    assert weigh(opened, facts(), VOCABULARY).outcome == "offer"
    assert weigh(opened, facts(extent__advanced=False), VOCABULARY).outcome == "not-offered"


def test_a_fact_is_asked_once_for_all_treatments_that_wait_for_it():
    two = [treatment(n, consider=(leaf("tumour.ki67 <= 20 %"),)) for n in ("one", "two")]
    assert requested(two, [request("ki67", "tumour.ki67")], facts()) == {
        "ki67": (("tumour.ki67",), ("one", "two"))
    }


def test_a_request_may_ask_by_itself_and_may_be_barred():
    alone = request("ki67", "tumour.ki67", ask_when=(leaf("tumour.ki67 not on file"),))
    assert requested([], [alone], facts()) == {"ki67": (("tumour.ki67",), ())}
    assert requested([], [alone], facts(tumour__ki67=3)) == {}
    barred = request(
        "ki67",
        "tumour.ki67",
        ask_when=(leaf("always"),),
        never_when=(leaf("tumour.site is lung"),),
    )
    assert requested([], [barred], facts(tumour__site="lung")) == {}
    assert "ki67" in requested([], [barred], facts())


def test_an_aged_safety_value_of_an_offer_is_asked_again():
    safe = treatment(consider=(leaf("always"),), hold=(leaf("lab.platelets < 75 x10^9/L"),))
    given = facts(lab__platelets=200)
    old = given.having([Fact("lab.platelets", given.value("lab.platelets"), aged=True)])
    asked = [request("platelets", "lab.platelets")]
    assert requested([safe], asked, given) == {}
    assert requested([safe], asked, old) == {"platelets": (("lab.platelets",), ("prrt",))}


def test_a_row_may_ask_for_the_outcome_of_another_in_a_second_pass():
    outcomes = FactType("outcome.first", "First", "choice", values=ORDER)
    vocabulary = Vocabulary({**VOCABULARY.types, "outcome.first": outcomes})
    second = treatment(
        "second", consider=(leaf("outcome.first in {offer, offer-check}", vocabulary),)
    )
    first = treatment("first", consider=(leaf("extent.advanced"),))
    for advanced, expected in ((True, "offer"), (False, "not-offered")):
        found = assess([second, first], (), (), facts(extent__advanced=advanced), vocabulary)
        assert [w.outcome for w in found.treatments] == [expected] * 2


def with_needs(name):
    """The vocabulary with what a treatment still needs."""
    needs = FactType(f"needs.{name}", name, "members", values=tuple(VOCABULARY.types))
    return Vocabulary({**VOCABULARY.types, needs.name: needs})


@pytest.mark.parametrize(
    ("given", "is_asked"),
    [
        ({"tumour__ki67": 5, "patient__age": 50}, True),
        ({"tumour__ki67": 5}, False),  # the age is missing too
        ({"tumour__ki67": 50, "patient__age": 50}, False),  # ruled out
        ({"tumour__ki67": 5, "patient__age": 50, "extent__advanced": True}, False),
        ({"tumour__ki67": (15, 25), "patient__age": 50, "extent__advanced": True}, False),
    ],
)
def test_a_request_may_ask_once_a_silent_treatment_needs_this_fact_and_no_other(given, is_asked):
    vocabulary = with_needs("transplant")
    row = treatment(
        "transplant",
        consider=(
            leaf("tumour.ki67 <= 20 %"),
            leaf("patient.age < 60 years", when_unknown="silent"),
            leaf("extent.advanced"),
        ),
        silent=True,
    )
    alone = leaf("needs.transplant has only extent.advanced", vocabulary)
    extent = request("extent", "tumour.site", "extent.advanced", ask_when=(alone,))
    found = assess([row], [extent], (), facts(**given), vocabulary)
    asked = [(one.request.id, one.facts, one.waiting) for one in found.requests]
    assert asked == ([("extent", ("extent.advanced",), ())] if is_asked else [])


def test_an_old_input_of_a_derived_safety_fact_is_asked_for_again_by_what_settles_it():
    derived = FactType("risk.low", "Low", "flag", asks=("lab.platelets",))
    vocabulary = Vocabulary({**VOCABULARY.types, "risk.low": derived})
    given = facts().having([Fact("risk.low", Flag(so=False), ("by another",), aged=True)])
    row = treatment(consider=(leaf("always"),), hold=(leaf("risk.low", vocabulary),))
    found = assess([row], [request("platelets", "lab.platelets")], (), given, vocabulary)
    assert [one.request.id for one in found.requests] == ["platelets"]


def test_needs_name_base_facts():
    derived = FactType("extent.wide", "Wide", "flag", asks=("extent.advanced",))
    vocabulary = Vocabulary({**VOCABULARY.types, "extent.wide": derived})
    given = facts().having([Fact("extent.wide")])
    wide = treatment(consider=(leaf("extent.wide", vocabulary),))
    assert weigh(wide, given, vocabulary).needs == ("extent.advanced",)


def test_high_grade_of_unknown_differentiation_asks_for_the_differentiation():
    grade = FactType(
        "tumour.class",
        "Class",
        "choice",
        values=("G3-NET", "NEC", "HG-UNDET"),
        reads_as={"HG-UNDET": frozenset({"G3-NET", "NEC"})},
        asks=("tumour.ki67",),
        asks_by_value={"HG-UNDET": ("tumour.site",)},
    )
    vocabulary = Vocabulary({**VOCABULARY.types, "tumour.class": grade})
    row = treatment(consider=(leaf("tumour.class is NEC", vocabulary),))
    undetermined = facts().having([Fact("tumour.class", Choice(frozenset({"HG-UNDET"})))])
    assert weigh(row, undetermined, vocabulary).needs == ("tumour.site",)
    unknown = facts().having([Fact("tumour.class")])
    assert weigh(row, unknown, vocabulary).needs == ("tumour.ki67",)


def test_a_caveat_is_raised_only_when_it_is_sure():
    caveat = Caveat(
        "c", "C", ("D07",), (leaf("tumour.ki67 > 55 %"),), "Text", ("who2019",), "warning"
    )
    assert not assess((), (), (caveat,), facts(), VOCABULARY).warnings
    assert assess((), (), (caveat,), facts(tumour__ki67=60), VOCABULARY).warnings


def test_what_ruled_a_treatment_out_is_kept():
    row = treatment(consider=(leaf("tumour.ki67 <= 20 %"), leaf("extent.advanced")))
    weighed = weigh(row, facts(tumour__ki67=40), VOCABULARY)
    assert [one.statement.text for one in weighed.because] == ["tumour.ki67 <= 20 %"]
