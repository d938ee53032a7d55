"""Codes of mappings/ against an independent source, and against what must never be shipped."""

import re
from pathlib import Path

import pytest
import simple_icd_10_cm

from cdshooks.knowledge.load import load

KNOWLEDGE = load()
FACTS = KNOWLEDGE.facts
CONCEPTS = [
    *(concept for family in FACTS.families.values() for concept in family.concepts.values()),
    *(rule.concept for one in FACTS.definitions for rule in one.rules),
    *(answer for one in FACTS.definitions for rule in one.rules for answer in rule.answers),
]
CODES = {code for concept in CONCEPTS for code in (*concept.codes, *concept.never)}
ICD = sorted({code.code for code in CODES if code.system == "ICD-10-CM"})
# A whole chapter is no code of its own.
CHAPTERS = {"C"}


@pytest.mark.parametrize("code", [code for code in ICD if code not in CHAPTERS])
def test_every_icd_10_cm_code_exists(code):
    known = simple_icd_10_cm.is_valid_item(code)
    inside = any(one.startswith(code) for one in simple_icd_10_cm.get_all_codes())
    assert known or inside


def test_no_cpt_code_is_shipped():
    """CPT is licensed by the AMA: not even its code system is declared."""
    assert {code.system for code in CODES} <= set(KNOWLEDGE.systems.by_name)
    assert "CPT" not in KNOWLEDGE.systems.by_name


def test_what_could_not_be_verified_is_not_shipped():
    """Codes that the research notes call recalled, and not looked up."""
    recalled = {
        ("ATC", "L01BC06"),
        ("ATC", "L01AX03"),
        ("ATC", "L03AB04"),
        ("ATC", "L03AB05"),
        ("HCPCS", "A9592"),
        ("HCPCS", "C9067"),
        ("HCPCS", "J2353"),
        ("HCPCS", "J1930"),
    }
    assert not recalled & {(code.system, code.code) for code in CODES}


def test_every_code_has_a_display():
    for path in Path(__file__).parents[2].joinpath("mappings", "facts").glob("*.yaml"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if re.match(r"\s+- '?[A-Z][A-Za-z0-9-]+#", line):
                assert '"' in line, f"{path.name}: {line}"


@pytest.mark.parametrize("concept", CONCEPTS, ids=lambda concept: concept.key)
def test_a_code_is_never_both_a_thing_and_its_look_alike(concept):
    assert not set(concept.codes) & set(concept.never)
