"""Each sentence of a card goes back to the record, to a rule, or to the few words that are ours.

A bullet is taken apart: what the knowledge says word for word (it then ends with a source), what a
fact says (label and value, with the resource that it was read from), what a reader noted.
"""

import re
from functools import cache

import pytest

from cdshooks.clinical.criterion import leaves
from cdshooks.clinical.derive import HighestOf, Table
from cdshooks.clinical.explain import value_text
from cdshooks.hooks.card import prose
from cdshooks.hooks.wording import short_label
from tests.property.test_laws import every_criterion
from tests.safety.patients import CASES, assessed, body, facts_of
from tests.shipped import KNOWLEDGE

REFERENCE = re.compile(r"`[^`]+`")
CITED = re.compile(r"(?: \*[^*]+\*,?)+$")
LEAD = re.compile(r"^- (\*\*[^*]+:\*\* )?")
QUOTED = re.compile(r"Read from “[^”]*”")
LABELS = sorted({prose(one.label) for one in KNOWLEDGE.vocabulary}, key=len, reverse=True)
LABEL = "|".join(map(re.escape, LABELS))
SOURCES = {prose(short_label(one)) for one in KNOWLEDGE.citations.values()}
# Words of ours; all that they frame are labels, titles and counts.
OURS = re.compile(
    rf"As above|from|\(out of date\)|(?:{LABEL}): not recorded"
    rf"|(?:{LABEL}): newest value of [0-9-]{{10}} is too old to be used"
    rf"|(?:As above: )?(?:{LABEL})|(?:{LABEL})(?:, (?:{LABEL}))*|(?:and )?\d+ more"
    rf"|(?:not known|not settled|out of date)(?: \(.+\))?(?:: (?:{LABEL}).*)?|set aside"
    rf"|Nothing on file about: (?:{LABEL})(?:, (?:{LABEL}))* \(taken as none\)"
)
FRAMES = (
    *("Knowledge ", "Immediate review by the treating team is suggested.", "… and "),
    *("**The knowledge behind this card", "Left out for length: "),
)


@cache
def rules():
    """Every text of the knowledge that a card may print."""
    texts = {one.text.removesuffix(".") for one in KNOWLEDGE.warnings}
    for one in KNOWLEDGE.derivations:
        if isinstance(one, Table):
            texts |= {row.note for row in one.rows if row.note}
        elif isinstance(one, HighestOf):
            texts |= {note for _, note in one.alone_notes}
    return reasons() | {prose(text) for text in texts}


@cache
def reasons():
    """What has a source of its own: the reasons of statements, and what is said of an option."""
    told = (*KNOWLEDGE.treatments, *KNOWLEDGE.requests)
    texts = {leaf.why for one in every_criterion() for leaf in leaves(one)}
    texts |= {saying.text for one in told for saying in one.sayings}
    return {prose(text) for text in texts if text}


@cache
def titles():
    found = {prose(one.title) for one in (*KNOWLEDGE.treatments, *KNOWLEDGE.requests)}
    return found | {title[0].lower() + title[1:] for title in found}


def noted(found):
    """What readers noted of this patient's facts, and what could not be used."""
    notes = {note for fact in found["facts"].values() for note in fact.get("notes", ())}
    return {prose(one) for one in notes | {one["problem"] for one in found.get("problems", ())}}


@cache
def values(case):
    """Every fact of the patient as a card prints it."""
    return {prose(value_text(one, KNOWLEDGE.vocabulary)) for one in facts_of(case)}


def untraced(line, case):
    """The parts of a bullet that come from nowhere."""
    text = QUOTED.sub("", REFERENCE.sub("", CITED.sub("", LEAD.sub("", line))))
    known_texts = rules() | noted(assessed(case)) | values(case)
    for known in sorted(known_texts, key=len, reverse=True):
        text = text.replace(known, "|")
    parts = re.split(r"[;|]|\. |\.$", text.replace("Waiting for it: ", ""))
    for part in (one.strip(" .,:") for one in parts):
        if part and not OURS.fullmatch(part) and not named(part):
            yield part


def named(part):
    """Is it a treatment, or several as "one, two or three"?"""
    kinds = [part, *re.split(r", | or ", part.partition(" (or ")[0])]
    return kinds[0] in titles() or all(kind in titles() for kind in kinds[1:])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_h12_every_sentence_of_a_card_is_traced(case):
    found = assessed(case)
    lines = [line for card in found.get("cards", ()) for line in body(card).splitlines() if line]
    bullets = [line for line in lines if line.startswith("- ")]
    assert [(line, part) for line in bullets for part in untraced(line, case)] == []
    others = [line for line in lines if line not in bullets]
    assert [line for line in others if not line.startswith(("**", *FRAMES))] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_h12_what_a_rule_says_names_its_source_and_what_a_fact_says_its_place(case):
    """Every source that a card cites is one of the knowledge."""
    for card in assessed(case).get("cards", ()):
        for line in body(card).splitlines():
            if line.startswith("- "):
                marks = CITED.search(line)
                cited = re.findall(r"\*([^*]+)\*", marks[0]) if marks else []
                assert cited or REFERENCE.search(line), line
                assert {*cited} <= SOURCES, line
                assert cited or not any(text in line for text in reasons()), line


def test_h12_a_sentence_from_nowhere_is_found():
    case = CASES[0]
    for invented in (
        "- PRRT cures most patients. *Project policy*",
        "- **Note:** The patient should be operated. *ENETS 2024*",
        "- Nothing on file about: the weather (taken as none).",
        "- Grade class: G3, from nothing at all, give PRRT today. `Observation/x`",
        "- Ki-67: 99 %. `Observation/ki67`",
    ):
        assert [*untraced(invented, case)]
