"""Every statement of the rules is asked of patients for whom it holds and of others for whom it
does not; and the second encodings are asked of as many states as it takes to trust them."""

from random import Random

import pytest

from cdshooks.clinical.assess import assess
from cdshooks.clinical.criterion import leaves
from tests.knowledge import test_second_encoding_derived as derived
from tests.knowledge import test_second_encoding_grade as grade
from tests.knowledge import test_second_encoding_neighbours as neighbours
from tests.knowledge import test_second_encoding_treatments as treatments
from tests.knowledge.encoding import KNOWLEDGE, SOAK, Between, either, facts
from tests.property.strategies import random_patient
from tests.property.test_laws import every_criterion
from tests.safety.patients import CASES, facts_of

# Values of facts that only add a sentence, a question or a warning.
BESIDE = {
    **dict.fromkeys(
        (
            *("risk.alpha_blockade", "risk.men1", "risk.ascites", "risk.biliary_anastomosis"),
            *("risk.hbv", "syndrome.crisis", "imaging.sstr_superseded", "tumour.specimens_differ"),
            *("syndrome.metanephrines_measured", "net.benign_conflict", "prior.prrt_recent"),
        ),
        (True, False),
    ),
    "tumour.ki67": (1, 30),
    "tumour.mitoses": (1, 25),
    "liver.involvement_pct": (40, 60, 80, Between(70, 80)),
    "imaging.fdg_status": ("positive", "negative", None),
    "tumour.specimen_age": (300, 730, 731, None),
    "syndrome.types": (either("catecholamine"), either("carcinoid"), either()),
    "syndrome.hints": tuple(
        either(one) for one in ("adrenal-mass", "carcinoid", "gastrin", "insulin", "pancreatic")
    ),
    "order.classes": (either("ia-prrt"), either("prrt"), either()),
}
RANDOM = 4_000 if SOAK else 500


def whole_patients():
    """The patients of fixtures/, then random ones; with what follows for treatments and data."""
    yield from map(facts_of, CASES)
    for number in range(RANDOM):
        random = Random(f"path {number}")
        plain = random_patient(random)
        for name in random.sample([*BESIDE], 6):
            plain[name] = random.choice(BESIDE[name])
        yield assess(
            *(KNOWLEDGE.treatments, KNOWLEDGE.requests, KNOWLEDGE.warnings),
            *(facts(plain), KNOWLEDGE.vocabulary),
        ).facts


def test_h10_every_statement_is_left_both_ways():
    """But "always". A statement about the record itself is never unknown, the others may be."""
    waiting = {
        leaf.statement.text: leaf.statement for one in every_criterion() for leaf in leaves(one)
    }
    assert len(waiting) > 350
    seen = {text: set() for text in waiting}
    for known in whole_patients():
        for text, statement in [*waiting.items()]:
            seen[text].add(statement.ask(known).name)
            if {"YES", "NO"} <= seen[text]:
                del waiting[text]
    assert {text: seen[text] for text in waiting} == {"always": {"YES"}}


@pytest.mark.skipif(not SOAK, reason="counts what only SOAK=1 asks")
def test_h10_the_encodings_are_compared_on_a_hundred_thousand_states():
    asked = {
        "grade": len(grade.exact()) + len(grade.spans()),
        "derived": sum(len(derived.states_of(table)) for table in derived.STATES),
        "neighbours": sum(len(neighbours.changes(one)) for one in neighbours.AROUND),
        "random": len(treatments.PATIENTS),
    }
    assert sum(asked.values()) >= 100_000, asked
