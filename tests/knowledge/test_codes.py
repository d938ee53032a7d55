"""Codes of mappings/ against an independent source, and against what must never be shipped."""

import re
from pathlib import Path

import pytest
import simple_icd_10_cm
import yaml

from cdshooks.knowledge.codes import Code
from tests.shipped import KNOWLEDGE

# What people looked up: code to where it was seen, and what must be recognised.
TABLE = yaml.safe_load(Path(__file__).with_name("codes.yaml").read_text(encoding="utf-8"))
RECOGNISED = {system: set(TABLE.pop(system)) for system in ("ICD-10-CM", "ICD-10")}
# A whole chapter is no code of its own.
CHAPTERS = {"C"}


def concepts_of(knowledge):
    """Every concept of a knowledge, with those of its answers."""
    for family in knowledge.facts.families.values():
        yield from family.concepts.values()
    for definition in knowledge.facts.definitions:
        for rule in definition.rules:
            yield from (rule.concept, *rule.answers)


def codes_of(knowledge):
    """Every code of the facts, and every coding of the draft orders."""
    found = {code for one in concepts_of(knowledge) for code in (*one.codes, *one.never)}
    systems = {system.uri: name for name, system in knowledge.systems.by_name.items()}
    for owner in (*knowledge.treatments, *knowledge.requests):
        for coding in (one for order in owner.orders for one in _codings(order.resource)):
            shown = coding.get("display", "(identifier only)")
            found.add(Code(systems[coding["system"]], coding["code"], shown))
    return found


def _codings(part):
    if isinstance(part, dict):
        if {"system", "code"} <= part.keys():
            yield part
        part = list(part.values())
    if isinstance(part, list):
        for one in part:
            yield from _codings(one)


CONCEPTS = [*concepts_of(KNOWLEDGE)]
CODES = codes_of(KNOWLEDGE)
ICD = sorted({(c.code, c.display, c.prefix) for c in CODES if c.system == "ICD-10-CM"})


@pytest.mark.parametrize(("code", "display", "prefix"), ICD)
def test_every_icd_10_cm_code_exists_with_its_display(code, display, prefix):
    if code in CHAPTERS or (prefix and not simple_icd_10_cm.is_valid_item(code)):
        assert any(one.startswith(code) for one in simple_icd_10_cm.get_all_codes())
        return
    assert simple_icd_10_cm.get_description(code).casefold() == display.casefold()


def against(knowledge):
    """The codes that a knowledge has and nobody looked up, or that it lost."""
    codes = codes_of(knowledge)
    for system, listed in TABLE.items():
        yield from {str(code) for code in listed} ^ {c.code for c in codes if c.system == system}
    own = {code for one in concepts_of(knowledge) for code in one.codes}
    for system, listed in RECOGNISED.items():
        exact = {c.code for c in own if c.system == system}
        prefixes = tuple(c.code for c in own if c.prefix and c.system == system and len(c.code) > 1)
        yield from (code for code in listed - exact if not code.startswith(prefixes))


def test_h14_every_code_was_looked_up_and_none_is_lost():
    assert [*against(KNOWLEDGE)] == []


@pytest.mark.parametrize("system", sorted(TABLE))
def test_a_code_has_the_name_that_was_seen(system):
    names = {str(code): row["name"] for code, row in TABLE[system].items() if "name" in row}
    shown = {(c.code, c.display.casefold()) for c in CODES if c.system == system}
    different = [one for one in shown if one[0] in names and names[one[0]].casefold() != one[1]]
    assert different == []


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


def test_no_phrase_is_a_bare_number():
    """The chart takes that for granted: it does not look for names in a number."""
    bare = [w for one in CONCEPTS for w in one.heard if not any(map(str.isalpha, w))]
    assert bare == []
