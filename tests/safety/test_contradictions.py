"""What contradicts itself is told on a card, and the graver reading governs.

The matrix has every pair of what may be said of a grade: the word of the report, Ki-67, mitoses and
differentiation. What is a contradiction is written here by hand, from the WHO table.
"""

from itertools import combinations, permutations, product

import pytest

from tests.fhir.readers.small import concept, condition, measured, observation, patient, report
from tests.safety.patients import assess_resources, body, card_of, outcomes

KI67 = "LOINC#29593-1"
GUT = "ICD-10-CM#C7A.8"
# Each saying: (the grade that it gives, what it is of, the resource). Poor differentiation is G3.
SAYINGS = {
    **{f"stated {g}": (int(g[1]), "word", g) for g in ("G1", "G2", "G3")},
    **{f"Ki-67 {n} %": (1 if n < 3 else 2 if n <= 20 else 3, "ki67", n) for n in (1, 10, 30, 70)},
    **{f"{n} mitoses": (1 if n < 2 else 2 if n <= 20 else 3, "mitoses", n) for n in (1, 10, 30)},
    "well differentiated": (1, "differentiation", "well"),
    "poorly differentiated": (3, "differentiation", "poorly"),
}
GRAVITY = {"G1": 1, "G2": 2, "G3-NET": 3, "HG-UNDET": 3, "NEC": 3}


def resource(saying, day="2026-10-01"):
    _, kind, value = SAYINGS[saying]
    if kind == "word":
        return observation("Tumour grade", valueCodeableConcept=concept(value), on=day)
    if kind == "ki67":
        return measured(KI67, value, "%", on=day)
    if kind == "mitoses":
        return measured("Mitotic count", value, "/2 mm2", on=day)
    return report(f"Neuroendocrine neoplasm, {value} differentiated.", on=day)


def contradicts(one, other):
    """By hand: which two sayings about one tumour cannot both be right."""
    (grade, kind, value), (other_grade, other_kind, other_value) = SAYINGS[one], SAYINGS[other]
    if "differentiation" in (kind, other_kind):
        said = value if kind == "differentiation" else other_value
        of_other = (other_kind, other_value, other_grade) if said == value else (kind, value, grade)
        if said == "well":
            return of_other[0] == "ki67" and of_other[1] > 55
        return of_other[2] < 3
    apart = abs(grade - other_grade)
    return apart == 2 if {kind, other_kind} == {"ki67", "mitoses"} else apart > 0


def told(found):
    """Is the conflict a warning of its own, and on the safety card?"""
    raised = "grade_discordance" in {one["id"] for one in found.get("warnings", ())}
    card = card_of(found, "safety")
    assert raised == (card is not None and "or differentiation disagree" in card["detail"])
    return raised


def gravity(found):
    """The least grave of the classes that are possible; 0 if nothing follows."""
    classes = found["facts"]["tumour.grade_class"].get("possible", ())
    return min((GRAVITY[one] for one in classes), default=0)


def of_one_tumour(*resources):
    return assess_resources(patient(gender="male"), condition(GUT), *resources)


MATRIX = [pair for pair in combinations(SAYINGS, 2) if SAYINGS[pair[0]][1] != SAYINGS[pair[1]][1]]


@pytest.mark.parametrize(("one", "other"), MATRIX)
def test_h3_every_contradiction_of_a_pair_is_told_and_the_higher_grade_governs(one, other):
    found = of_one_tumour(resource(one), resource(other))
    assert told(found) == contradicts(one, other)
    assert gravity(found) >= max(SAYINGS[one][0], SAYINGS[other][0])


IMPLAUSIBLE = [
    ("poorly differentiated", "Ki-67 1 %"),
    ("poorly differentiated", "Ki-67 10 %"),
    ("well differentiated", "Ki-67 70 %"),
    ("poorly differentiated", "well differentiated"),
]


@pytest.mark.parametrize(("one", "other"), IMPLAUSIBLE)
def test_h3_an_implausible_pair_is_high_grade_with_the_differentiation_open(one, other):
    found = of_one_tumour(resource(one), resource(other))
    assert found["facts"]["tumour.grade_class"]["possible"] == ["HG-UNDET"]
    assert told(found)
    assert "differentiation" in {one["id"] for one in found["requests"]}


@pytest.mark.parametrize("values", [*permutations((1, 10, 30), 2)])
def test_h3_of_two_biopsies_the_higher_counts_whichever_is_newer(values):
    """Two grades apart are a warning; one grade apart is what tumours do: the card tells both."""
    first, last = (
        measured(KI67, n, "%", on=day, id=f"ki67-{n}")
        for n, day in zip(values, ("2025-03-01", "2026-10-01"), strict=True)
    )
    found = of_one_tumour(first, last)
    steps = [SAYINGS[f"Ki-67 {n} %"][0] for n in values]
    assert gravity(found) == max(steps)
    assert told(found) == (abs(steps[0] - steps[1]) == 2)
    if values[1] < values[0]:
        assert any("lower" in note for note in found["facts"]["tumour.ki67"]["notes"])


def specimen(code):
    coding = {"system": "http://terminology.hl7.org/CodeSystem/icd-o-3", "code": code}
    return observation("LOINC#31206-6", valueCodeableConcept={"coding": [coding]})


@pytest.mark.parametrize(
    "resources",
    [
        (report("Neuroendocrine tumour G3 (NET G3)."), report("Small cell neuroendocrine NEC.")),
        (report("Well-differentiated NET, G1."), report("Poorly differentiated carcinoma, NEC.")),
        (specimen("8240/3"), specimen("8013/3")),
        (specimen("8249/3"), specimen("8013/3")),
    ],
)
@pytest.mark.parametrize("ki67", [None, 2, 30, 60])
def test_h3_a_net_and_a_carcinoma_at_once_are_neither(resources, ki67):
    counted = [measured(KI67, ki67, "%")] if ki67 else []
    found = of_one_tumour(*resources, *counted)
    assert found["facts"]["tumour.grade_class"]["possible"] == ["HG-UNDET"]
    assert told(found)
    offered = [name for name, one in outcomes(found).items() if one.startswith("offer")]
    assert not {"platinum-etoposide-nec", "prrt-first-line", "ssa-tumour-control"} & {*offered}


def test_h3_a_code_for_carcinoma_beside_a_report_of_a_net_is_told():
    """Pathology outweighs a billing code; that the two differ is told."""
    found = assess_resources(
        *(patient(gender="male"), condition("ICD-10-CM#C7A.1")),
        *(report("Well-differentiated neuroendocrine tumour, G3."), measured(KI67, 40, "%")),
    )
    assert told(found)


# ---- sites ---------------------------------------------------------------------------------------

SITES = {
    "pancreas": ("ICD-10-CM#C25.4", "Neuroendocrine tumour of the pancreas"),
    "jejunum-ileum": ("ICD-10-CM#C7A.012", "Neuroendocrine tumour of the ileum"),
    "rectum": ("ICD-10-CM#C7A.026", "Neuroendocrine tumour of the rectum"),
    "lung": ("ICD-10-CM#C7A.090", "Neuroendocrine tumour of the lung"),
    "stomach": ("ICD-10-CM#C7A.092", "Neuroendocrine tumour of the stomach"),
}
SPREAD = report("CT: metastases of the neuroendocrine tumour in the bone.")


def net_of(code, text=None):
    return condition(code, *([text] if text else ()))


@pytest.mark.parametrize(("one", "other"), [*combinations(SITES, 2)])
def test_h3_two_primary_sites_leave_both_possible_and_no_option_chooses(one, other):
    """The headline names both; the site is asked for where an option hangs on it."""
    both = [net_of(SITES[site][0], SITES[site][1]) for site in (one, other)]
    found = assess_resources(patient(gender="male"), *both, SPREAD, measured(KI67, 5, "%"))
    assert set(found["facts"]["tumour.site"]["possible"]) == {one, other}
    assert " or " in body(card_of(found, "options")).splitlines()[0]
    if {one, other} & {"pancreas", "lung"}:
        assert "primary_site" in {one["id"] for one in found["requests"]}
        assert "not settled: Primary site" in body(card_of(found, "missing-data"))


@pytest.mark.parametrize(("coded", "named"), [*permutations(SITES, 2)])
def test_h3_a_code_and_a_text_of_unlike_sites_are_told(coded, named):
    """The code counts; that the text says another thing stands on the safety card."""
    one = condition(SITES[coded][0], SITES[named][1], id="net")
    found = assess_resources(patient(gender="male"), one)
    assert found["facts"]["tumour.site"]["possible"] == [coded]
    assert "`Condition/net`, `code.text`: names another primary site" in body(
        card_of(found, "safety")
    )


@pytest.mark.parametrize(
    ("said", "is_told"),
    [
        ("Liver metastases; primary in the pancreas.", True),
        ("Liver metastases; primary in the ileum.", False),
        ("Liver metastases; no primary in the pancreas.", False),
        ("Primary in the pancreas?", False),
    ],
)
def test_h3_a_report_of_another_primary_is_told(said, is_told):
    found = assess_resources(
        *(patient(gender="male"), net_of("ICD-10-CM#C7A.012"), report(said, id="ct"))
    )
    assert found["facts"]["tumour.site"]["possible"] == ["jejunum-ileum"]
    named = [one for one in found.get("problems", ()) if "another primary" in one["problem"]]
    assert bool(named) is is_told


@pytest.mark.parametrize(
    ("rough", "exact"),
    [("ICD-10-CM#C7A.019", "NET of the ileum"), ("ICD-10-CM#C7A.098", "NET of the ovary")],
)
def test_h3_a_part_told_exactly_contradicts_nothing(rough, exact):
    found = assess_resources(patient(gender="male"), net_of(rough, exact))
    assert not found.get("problems")


def test_h3_the_matrix_has_every_pair_of_unlike_sayings():
    assert len(MATRIX) == sum(
        1 for a, b in product(SAYINGS, repeat=2) if a < b and SAYINGS[a][1] != SAYINGS[b][1]
    )
