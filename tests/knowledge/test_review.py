"""The sheet that a NET board signs: nothing left out, and nothing that needs a programmer."""

import re

import pytest

from cdshooks.clinical.criterion import Group
from cdshooks.clinical.treatment import Saying
from cdshooks.clinical.vocabulary import FactType, Vocabulary
from cdshooks.knowledge.export.review import Seen, review_sheet, sections
from cdshooks.knowledge.export.telling import Telling
from cdshooks.knowledge.export.wording import named, spoken
from tests.shipped import KNOWLEDGE

SECTIONS = {name: "\n".join(lines) for name, lines in sections(KNOWLEDGE).items()}
SHEET = review_sheet(KNOWLEDGE, Seen(requests={"sstr_imaging": ["a-patient"]}))

WORDS = Vocabulary(
    {
        one.name: one
        for one in (
            FactType("lab.platelets", "Platelets", "number", "10*9/L", "x10^9/L"),
            FactType(
                "tumour.site",
                "Primary site",
                "choice",
                values=("lung", "thymus", "jejunum-ileum"),
                shown={"jejunum-ileum": "jejunum or ileum"},
            ),
            FactType("syndrome.types", "Syndrome", "members", values=("insulin", "gastrin")),
            FactType("extent.advanced", "Advanced disease", "flag"),
        )
    }
)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("always", "always"),
        ("lab.platelets < 75 x10^9/L", "Platelets is below 75 x10^9/L"),
        ("lab.platelets >= 75 x10^9/L", "Platelets is at least 75 x10^9/L"),
        ("lab.platelets not on file", "Platelets is not on file"),
        ("not lab.platelets < 75 x10^9/L", "not so: Platelets is below 75 x10^9/L"),
        ("tumour.site is lung", "Primary site is lung"),
        ("tumour.site is not jejunum-ileum", "Primary site is not jejunum or ileum"),
        ("tumour.site in {lung, thymus}", "Primary site is lung or thymus"),
        ("tumour.site not in {lung, thymus}", "Primary site is neither lung nor thymus"),
        ("syndrome.types has any of insulin, gastrin", "Syndrome includes insulin or gastrin"),
        ("extent.advanced", "Advanced disease: yes"),
        ("extent.advanced is false", "Advanced disease: no"),
        ("extent.advanced is not false", "Advanced disease: yes"),
        ("not extent.advanced", "Advanced disease: no"),
        ("recorded(extent.advanced)", "a record says: Advanced disease: yes"),
        ("not recorded(tumour.site is lung)", "no record says: Primary site is lung"),
    ],
)
def test_a_statement_is_a_sentence(statement, words):
    assert spoken(statement, WORDS) == words


@pytest.mark.parametrize("treatment", KNOWLEDGE.treatments, ids=lambda one: one.id)
def test_nothing_of_a_treatment_is_left_out(treatment):
    told = SECTIONS[f"treatments/{treatment.id}"]
    words = named(KNOWLEDGE)
    for leaf in treatment.every_leaf():
        said = spoken(leaf.statement.text, words)
        assert f"**{said[:1].upper()}{said[1:]}.** {leaf.why}" in told
    for text in (treatment.summary, treatment.title, *treatment.covers):
        assert text in told
    for saying in treatment.sayings:
        assert saying.text in told
    for order in treatment.orders:
        assert order.label in told
    for source in treatment.sources:
        assert KNOWLEDGE.citations[source].label in told


def test_every_threshold_stands_in_a_table_with_its_source():
    for treatment in KNOWLEDGE.treatments:
        told = SECTIONS[f"treatments/{treatment.id}"]
        rows = [line for line in told.splitlines() if line.startswith("| ")]
        for leaf in treatment.every_leaf():
            if leaf.statement.number is None:
                continue
            said = spoken(leaf.statement.text, named(KNOWLEDGE))
            marks = ", ".join("**policy**" if one == "policy" else one for one in leaf.sources)
            assert [row for row in rows if said[1:] in row and row.endswith(f"| {marks} |")]


def test_every_request_warning_and_derived_fact_has_a_part():
    assert {f"requests/{one.id}" for one in KNOWLEDGE.requests} <= SECTIONS.keys()
    assert {f"warnings/{one.id}" for one in KNOWLEDGE.warnings} <= SECTIONS.keys()
    assert {f"derived/{one.fact.name}" for one in KNOWLEDGE.derivations} <= SECTIONS.keys()
    for fact in KNOWLEDGE.vocabulary:
        if fact.unknown_days:
            assert f"{fact.unknown_days} days" in SECTIONS["ages"]


def test_no_statement_stands_in_the_words_of_the_rule_language():
    """File names stand in backquotes; everything else is for a clinician."""
    prose = re.sub(r"`[^`]*`|\]\([^)]*\)", "", SHEET)
    names = [one.name for one in KNOWLEDGE.vocabulary if "." in one.name]
    assert [name for name in names if re.search(rf"(?<![\w.]){re.escape(name)}\b", prose)] == []


def test_every_rule_has_a_line_to_sign():
    assert SHEET.count("| signed, or what to change |") == len(KNOWLEDGE.standings)
    for name in KNOWLEDGE.standings:
        assert "| signed, or what to change |" in SECTIONS[name]


def test_what_a_sentence_waits_for_keeps_its_groups():
    """One of several is not told as if all of them had to hold."""
    one, other = KNOWLEDGE.treatments[0].every_leaf(), KNOWLEDGE.treatments[1].every_leaf()
    when = Group("all", (Group("any", (next(one), next(other))),))
    lines = list(Telling(KNOWLEDGE).sayings([Saying("It helps.", ("policy",), when)]))
    assert lines[2:4] == [
        "- It helps. (**policy**) Only when all of these hold:",
        "  - S1.1. At least one of:",
    ]
    assert [line[:14] for line in lines[4:6]] == ["    - S1.1.1. ", "    - S1.1.2. "]


def test_the_patients_that_show_a_rule_are_named():
    assert "- asked for: `a-patient`" in SHEET


def test_uncovered_rows_are_named():
    covered = {row for one in KNOWLEDGE.treatments for row in one.covers}
    assert "T18" in covered
    listed = re.search(r"without a file of their own: (.*)\.", SHEET)
    assert listed is None or covered.isdisjoint(listed[1].split(", "))
