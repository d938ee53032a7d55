"""A higher Ki-67 alone never gives a milder class, nor opens an option for slow tumours.

That order, duplicates and what is irrelevant change nothing stands with the laws of tests/property.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdshooks.clinical.weigh import weigh
from tests.fhir.readers.small import measured, observation, report
from tests.knowledge.encoding import KNOWLEDGE, SOAK, VOCABULARY, facts, possible
from tests.knowledge.test_second_encoding_grade import TABLES
from tests.property.strategies import CASES as OFFERED_TO
from tests.property.strategies import POOL, consistent
from tests.safety.patients import assess_resources, tumour

EXAMPLES = 10_000 if SOAK else 150
GRAVITY = {"G1": 1, "TC": 1, "G2": 2, "AC": 2, "G3-NET": 3, "HG-UNDET": 3, "NEC": 3}
NUMBERS = (0, 1, 2, 2.9, 3, 4.9, 5, 9.9, 10, 15, 20, 20.1, 25, 30, 30.1, 54, 55, 55.1, 70, 100)
TWO_NUMBERS = st.sets(st.sampled_from(NUMBERS), min_size=2, max_size=2).map(sorted)
GRADING = (
    *("tumour.site", "tumour.mitoses", "tumour.differentiation", "tumour.coded_differentiation"),
    *("tumour.grade_stated", "tumour.lung_type_stated", "tumour.necrosis"),
    *("tumour.grade_by_morphology", "net.entity"),
)
# For tumours that grow slowly: a higher Ki-67 may close them, and never opens one.
FOR_SLOW_TUMOURS = ("active-surveillance", "ssa-tumour-control", "debulking-surgery")
TREATMENTS = {one.id: one for one in KNOWLEDGE.treatments}
RANK = {"not-offered": 0, "blocked": 1, "needs-data": 1, "hold": 2, "offer-check": 2, "offer": 2}


@st.composite
def graded(draw):
    """What is on file of a grade, the Ki-67 apart."""
    told = {
        name: draw(st.sampled_from(POOL[name])) for name in draw(st.sets(st.sampled_from(GRADING)))
    }
    return {"net.entity": "NEN", "net.status": "active"} | told


def gravity(plain):
    """(the mildest, the gravest) of the classes that are possible; None if nothing follows."""
    classes = [GRAVITY[one] for one in possible(facts(plain, TABLES), "tumour.grade_class")]
    return (min(classes), max(classes)) if classes else None


@settings(max_examples=EXAMPLES, deadline=None)
@given(graded(), TWO_NUMBERS)
def test_h11_a_higher_ki67_never_gives_a_milder_class(plain, values):
    lower, higher = (gravity(plain | {"tumour.ki67": value}) for value in values)
    if lower is not None:
        assert higher is not None
        assert higher[0] >= lower[0]
        assert higher[1] >= lower[1]


@st.composite
def near_an_option(draw):
    """(treatment, a patient to whom it is offered, with some values changed)."""
    name = draw(st.sampled_from(FOR_SLOW_TUMOURS))
    plain = dict(draw(st.sampled_from(OFFERED_TO[name])))
    for changed in draw(st.lists(st.sampled_from([*POOL]), max_size=4)):
        plain[changed] = draw(st.sampled_from(POOL[changed]))
    return name, consistent(plain)


@settings(max_examples=EXAMPLES, deadline=None)
@given(near_an_option(), TWO_NUMBERS)
def test_h11_a_higher_ki67_never_opens_an_option_for_slow_tumours(near, values):
    """But where the class was open: mitoses of 1 to 3 with Ki-67 2 % are G1 or G2, with 3 % G2."""
    name, plain = near
    known = (facts(plain | {"tumour.ki67": value}) for value in values)
    lower, higher = (weigh(TREATMENTS[name], one, VOCABULARY) for one in known)
    if "tumour.mitoses" not in lower.undecided:
        assert RANK[higher.outcome] <= RANK[lower.outcome]


@pytest.mark.parametrize(
    "beside",
    [
        (),
        (observation("Tumour grade", valueString="G2"),),
        (measured("Mitotic count", 4, "/2 mm2"),),
        (report("Well-differentiated neuroendocrine tumour."),),
        (report("Poorly differentiated neuroendocrine carcinoma."),),
    ],
)
def test_h11_from_the_record_on_the_class_grows_with_the_number(beside):
    reached = []
    for number in NUMBERS:
        made = measured("LOINC#29593-1", number, "%")
        found = assess_resources(*tumour(graded=False), *beside, made)["facts"]
        reached.append(min(GRAVITY[one] for one in found["tumour.grade_class"]["possible"]))
    assert reached == sorted(reached)
