"""Every threshold of mappings/, by hand, with a value on each side of it.

A threshold that is changed, added or dropped makes this fail: the table is written by a person and
compared with the knowledge, never made from it.
"""

import re
from decimal import Decimal

import pytest

from cdshooks.clinical.criterion import leaves
from cdshooks.clinical.derive import Table
from cdshooks.clinical.fact import Fact, Facts
from cdshooks.clinical.statement import parse
from cdshooks.clinical.truth import Truth
from cdshooks.clinical.value import exactly
from tests.shipped import KNOWLEDGE

# statement: (a value for which it is YES, the nearest one for which it is NO)
THRESHOLDS = {
    # WHO 2019: G1 below 3 %, G2 3-20 %, G3 above 20 %; mitoses below 2, 2-20, above 20 per 2 mm2
    "tumour.ki67 < 3 %": ("2.99", "3"),
    "tumour.ki67 <= 20 %": ("20", "20.01"),
    "tumour.ki67 > 20 %": ("20.01", "20"),
    "tumour.ki67 > 30 %": ("30.01", "30"),
    "tumour.ki67 > 55 %": ("55.01", "55"),
    "tumour.mitoses < 2 per2mm2": ("1.99", "2"),
    "tumour.mitoses >= 2 per2mm2": ("2", "1.99"),
    "tumour.mitoses <= 20 per2mm2": ("20", "21"),
    "tumour.mitoses > 20 per2mm2": ("21", "20"),
    "tumour.mitoses > 10 per2mm2": ("11", "10"),
    # SSA and PRRT: CLARINET below 10 %, NETTER-2 10-55 %
    "tumour.ki67 < 10 %": ("9.99", "10"),
    "tumour.ki67 >= 10 %": ("10", "9.99"),
    "tumour.ki67 <= 55 %": ("55", "55.01"),
    # surveillance: G2 below 5 % (policy), 20 mm
    "tumour.ki67 < 5 %": ("4.99", "5"),
    "tumour.size_mm <= 20 mm": ("20", "20.1"),
    "tumour.size_mm > 20 mm": ("20.1", "20"),
    "liver.largest_mm <= 20 mm": ("20", "20.1"),
    "liver.largest_mm > 20 mm": ("20.1", "20"),
    "liver.lesion_count <= 5": ("5", "6"),
    "liver.lesion_count > 5": ("6", "5"),
    # the liver: ablation up to 50 mm, with a caution above 30 mm, which is the limit of
    # electroporation; bleeding below 50; radioembolisation up to 2 mg/dL
    "liver.largest_mm <= 50 mm": ("50", "50.1"),
    "liver.largest_mm > 30 mm": ("30.1", "30"),
    "liver.largest_mm <= 30 mm": ("30", "30.1"),
    "tumour.size_mm <= 30 mm": ("30", "30.1"),
    "liver.involvement_pct > 75 %": ("75.1", "75"),
    "lab.platelets < 50 x10^9/L": ("49", "50"),
    "lab.bilirubin_mgdl > 2 mg/dL": ("2.1", "2"),
    # mIBG therapy
    "lab.platelets < 80 x10^9/L": ("79", "80"),
    # PRRT safety gate
    "lab.creatinine_clearance < 30 mL/min": ("29.9", "30"),
    "lab.creatinine_clearance < 40 mL/min": ("39.9", "40"),
    "lab.creatinine_clearance >= 40 mL/min": ("40", "39.9"),
    "lab.creatinine_clearance < 50 mL/min": ("49.9", "50"),
    "lab.egfr < 30 mL/min/1.73m2": ("29.9", "30"),
    "lab.egfr < 50 mL/min/1.73m2": ("49.9", "50"),
    "lab.haemoglobin < 8 g/dL": ("7.9", "8"),
    "lab.leucocytes < 2 x10^9/L": ("1.9", "2"),
    "lab.platelets < 75 x10^9/L": ("74", "75"),
    "lab.bilirubin_uln > 3 xULN": ("3.01", "3"),
    "lab.alt_uln > 3 xULN": ("3.01", "3"),
    "lab.albumin < 30 g/L": ("29.9", "30"),
    "patient.ecog > 2": ("3", "2"),
    # chemotherapy
    "lab.neutrophils < 1.5 x10^9/L": ("1.49", "1.5"),
    "lab.platelets < 100 x10^9/L": ("99", "100"),
    "patient.ecog >= 3": ("3", "2"),
    # surgery: 20 mm, of an insulinoma 30 mm (policy); endoscopy up to 10 mm (policy)
    "tumour.size_mm <= 10 mm": ("10", "10.1"),
    "tumour.size_mm > 10 mm": ("10.1", "10"),
    # Milan criteria for liver transplantation
    "liver.involvement_pct <= 50 %": ("50", "50.1"),
    "progression.stable_months >= 6 months": ("6", "5.9"),
    "patient.age <= 60 years": ("60", "61"),
    "patient.age > 55 years": ("56", "55"),
    # tissue: older than 24 months is taken again at progression (policy)
    "tumour.specimen_age > 730 days": ("731", "730"),
    # ages
    "patient.age < 12 years": ("11", "12"),
    "patient.age < 15 years": ("14", "15"),
    "patient.age < 18 years": ("17", "18"),
    "prior.systemic_non_ssa >= 1": ("1", "0"),
    "prior.systemic_non_ssa = 0": ("0", "1"),
}


def _core(text):
    """The comparison inside `not ...` and `recorded(...)`."""
    while found := re.fullmatch(r"not (.+)|recorded\((.+)\)", text):
        text = found[1] or found[2]
    return text


def criteria_of(knowledge):
    """Every criterion of a knowledge, of the orders and the tables too."""
    for treatment in knowledge.treatments:
        yield from treatment.criteria
        yield from (saying.when for saying in treatment.sayings if saying.when)
    for request in knowledge.requests:
        yield from (*request.ask_when, *request.never_when)
    for one in (*knowledge.treatments, *knowledge.requests):
        yield from (order.unless for order in one.orders if order.unless)
    yield from (criterion for warning in knowledge.warnings for criterion in warning.when_any)
    for table in knowledge.derivations:
        yield from (row.when for row in table.rows) if isinstance(table, Table) else ()


def thresholds_of(knowledge):
    statements = (leaf.statement for one in criteria_of(knowledge) for leaf in leaves(one))
    return {_core(one.text) for one in statements if one.number is not None}


def against(knowledge):
    """The thresholds of a knowledge that are not in the table."""
    yield from thresholds_of(knowledge) - set(THRESHOLDS)


def test_h14_the_table_names_every_threshold_and_no_other():
    assert thresholds_of(KNOWLEDGE) == set(THRESHOLDS)


@pytest.mark.parametrize("text", sorted(THRESHOLDS))
def test_h14_a_threshold_parts_the_values_on_its_two_sides(text):
    statement = parse(text, KNOWLEDGE.vocabulary)
    (name,) = statement.facts
    unit = KNOWLEDGE.vocabulary[name].unit
    for number, truth in zip(THRESHOLDS[text], (Truth.YES, Truth.NO), strict=True):
        facts = _empty().having([Fact(name, exactly(Decimal(number), unit))])
        assert statement.ask(facts) is truth


def _empty():
    return Facts({fact_type.name: Fact(fact_type.name) for fact_type in KNOWLEDGE.vocabulary})
