"""Serious allergies to the drugs of the treatments."""

import pytest

from tests.fhir.readers.small import allergy, concept, facts, value

FACT = "risk.hypersensitivity"
SEVERE = {"reaction": [{"manifestation": [concept("Rash")], "severity": "severe"}]}
ANAPHYLAXIS = {"reaction": [{"manifestation": [concept("Anaphylactic shock")]}]}
MILD = {"reaction": [{"manifestation": [concept("Rash")], "severity": "mild"}]}


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (allergy("RxNorm#7617", criticality="high"), {"ssa"}),
        (allergy("Lanreotide", criticality="high"), {"ssa"}),
        (allergy("ATC#V10XX04", criticality="high"), {"prrt"}),
        (allergy("Lutathera", **SEVERE), {"prrt"}),
        (allergy("Everolimus", **ANAPHYLAXIS), {"mtor"}),
        (allergy("Sirolimus", **ANAPHYLAXIS), {"mtor"}),
        (allergy("RxNorm#357977", **SEVERE), {"sunitinib"}),
        (allergy("Cabozantinib", criticality="high"), {"cabozantinib"}),
        (allergy("Cabozantinib", criticality="high", verified="unconfirmed"), {"cabozantinib"}),
        # not serious
        (allergy("Lanreotide"), set()),
        (allergy("Lanreotide", criticality="low"), set()),
        (allergy("Lanreotide", criticality="unable-to-assess"), set()),
        (allergy("Lanreotide", **MILD), set()),
        # not so
        (allergy("Lanreotide", criticality="high", verified="refuted"), set()),
        (allergy("Lanreotide", criticality="high", verified="entered-in-error"), set()),
        (allergy("Lanreotide", criticality="high", clinical="resolved"), set()),
        (allergy("Lanreotide", criticality="high", clinical="inactive"), set()),
        (allergy("No known allergy to octreotide", criticality="high"), set()),
        # another drug
        (allergy("Penicillin", criticality="high"), set()),
    ],
)
def test_an_allergy_counts_if_it_is_serious_and_not_refuted(made, expected):
    assert value(FACT, made) == expected


def test_several_allergies_are_kept_apart():
    given = allergy("Lanreotide", criticality="high"), allergy("Sunitinib", **SEVERE)
    found = facts(*given)[FACT]
    assert found.value.has == {"ssa", "sunitinib"}
    assert found.value.lacks == {"prrt", "mtor", "cabozantinib"}
    assert {place.path for place in found.readings} == {"criticality", "reaction[0].severity"}


def test_silence_is_none_and_assumed_unless_allergies_could_not_be_had():
    assert facts()[FACT].assumed
    assert facts(unavailable=["AllergyIntolerance"])[FACT].value is None
