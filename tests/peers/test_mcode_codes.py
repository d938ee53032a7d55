"""Codes that mCODE lists too: the same system, and a name that means the same."""

import re

import orjson
import pytest

from tests.knowledge.test_codes import CODES, KNOWLEDGE

URIS = {system.uri: name for name, system in KNOWLEDGE.systems.by_name.items()}
NAMED = ("ICD-10-CM", "LOINC", "RxNorm", "NCIt")  # of SNOMED CT we ship words of our own


def listed(package):
    """(system URI, code, display) of every concept that a value set enumerates."""
    for file in sorted(package.glob("ValueSet-*.json")):
        for include in orjson.loads(file.read_bytes()).get("compose", {}).get("include", ()):
            for concept in include.get("concept", ()):
                yield include["system"], concept["code"], concept.get("display", "")


@pytest.fixture(scope="module")
def shared(mcode):
    """(code of ours, system and display by mCODE) of every code that both list.

    WHO ICD-10 and ICD-10-CM share most categories, and mCODE lists the latter only.
    """
    ours = {code.code: code for code in CODES if code.system != "ICD-10"}
    return [
        (ours[code], system, name) for system, code, name in listed(mcode.parent) if code in ours
    ]


def test_a_code_that_mcode_lists_is_of_the_same_system(shared):
    assert len({code.code for code, _, _ in shared}) > 40
    assert [code for code, system, _ in shared if URIS.get(system) != code.system] == []


def test_a_code_that_mcode_lists_has_a_name_that_means_the_same(shared):
    different = [(code, display) for code, _, display in shared if not same(code, display)]
    assert different == []


def same(code, display):
    """Nearly the same words; of SNOMED CT, whose names we do not take over, some word in common."""
    ours, theirs = words(code.display), words(display)
    if code.system in NAMED:
        return len(ours & theirs) >= 0.5 * len(ours | theirs)
    return bool(ours & theirs) or not theirs


def words(text):
    """The beginnings of its words, without the SNOMED tag ("(finding)") and what we remark."""
    text = re.sub(r" \([^()]*\)$|, seen .*", "", text.casefold())
    return {word[:6] for word in re.findall(r"[a-z0-9]{2,}", text)}
