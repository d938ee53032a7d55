"""Who has signed which version of a rule: `reviewed` is never said of what nobody signed."""

from pathlib import Path

import pytest

from cdshooks.engine import Engine
from cdshooks.faces import fixtures
from cdshooks.knowledge.load import check, load

PRRT = "treatments/prrt-lu177-dotatate.yaml"
SSTR = "requests/sstr_imaging.yaml"
SIGNED = 'reviewed: [{by: A. Reader, role: endocrinologist, date: 2026-12-01, version: "1"}]\n'


def written(mappings, file, *added, status="draft", version="1"):
    """One file with another status and version, and with lines at its end."""
    path = mappings / file
    kept = [
        line
        for line in path.read_text(encoding="utf-8").splitlines()
        if not line.startswith(("status:", "version:"))
    ]
    head = [f"status: {status}", f'version: "{version}"']
    path.write_text("\n".join([*kept, *head, *added]) + "\n", encoding="utf-8")


def signed(mappings, *files):
    for file in files:
        written(mappings, file, SIGNED, status="reviewed")


BLOCKS_OF_PRRT = [
    *("blocks/active-net.yaml", "blocks/prrt-blocks.yaml", "blocks/prrt-progression-hold.yaml"),
    *("blocks/prrt-holds.yaml", "blocks/prrt-fitness-holds.yaml"),
    *("blocks/prrt-cautions.yaml", "blocks/carcinoid-cover.yaml"),
]


def test_nobody_has_signed_anything_yet():
    """Until a NET board does, and then this test goes."""
    standings = load().standings
    assert {one.status for one in standings.values()} == {"draft"}
    assert [one for one in standings.values() if one.signatures] == []


def test_every_rule_has_a_standing():
    knowledge = load()
    expected = {f"treatments/{one.id}" for one in knowledge.treatments}
    expected |= {f"requests/{one.id}" for one in knowledge.requests}
    expected |= {f"warnings/{one.id}" for one in knowledge.warnings}
    expected |= {f"derived/{one.fact.name}" for one in knowledge.derivations}
    expected |= {f"blocks/{name}" for name in knowledge.blocks}
    assert set(knowledge.standings) == expected


@pytest.mark.parametrize(
    ("file", "blocks"),
    [
        (PRRT, BLOCKS_OF_PRRT),
        (SSTR, []),
        ("warnings/grade_discordance.yaml", ["blocks/grade-discordance.yaml"]),
    ],
)
def test_h9_a_signature_of_this_version_makes_a_rule_reviewed(mappings, file, blocks):
    signed(mappings, file, *blocks)
    standing = load(mappings).standings[file.removesuffix(".yaml")]
    assert standing.status == "reviewed"
    assert standing.signatures[0].by == "A. Reader"


def test_a_block_and_a_derived_fact_can_be_signed_too(mappings):
    signed(mappings, "blocks/active-net.yaml", "derived/tumour-gep.yaml")
    standings = load(mappings).standings
    assert standings["blocks/active-net"].status == "reviewed"
    assert standings["derived/tumour.gep"].status == "reviewed"


@pytest.mark.parametrize(
    ("status", "version", "reviewed", "said"),
    [
        ("reviewed", "1", "", "nobody has signed version 1"),
        ("reviewed", "2", SIGNED, "nobody has signed version 2"),
        ("draft", "1", SIGNED, "version 1 is signed, but its status is draft"),
        ("reviewed", "1", SIGNED.replace("2026-12-01", "December"), "is no date"),
        ("reviewed", "1", SIGNED.replace("role: endocrinologist, ", ""), "'role' is missing"),
        ("reviewed", "1", SIGNED.replace("A. Reader", '""'), "a text is expected"),
        ("draft", "one", "", "is no version"),
    ],
)
def test_h9_a_status_that_the_signatures_do_not_bear_is_refused(
    mappings, status, version, reviewed, said
):
    written(mappings, PRRT, reviewed, status=status, version=version)
    problems = check(mappings)
    assert any(said in one.problem and one.file.endswith(PRRT) for one in problems), problems


@pytest.mark.parametrize("block", BLOCKS_OF_PRRT)
def test_a_rule_is_not_reviewed_while_a_block_that_it_uses_is_a_draft(mappings, block):
    """Also one that only another block uses: a change of a block is a change of its rules."""
    signed(mappings, PRRT, *(one for one in BLOCKS_OF_PRRT if one != block))
    (problem, *_) = problems = check(mappings)
    name = block.removeprefix("blocks/").removesuffix(".yaml")
    assert {one.problem for one in problems} == {
        f"the block {name} is not reviewed, so this rule is not either"
    }
    lines = Path(problem.file).read_text(encoding="utf-8").splitlines()
    assert lines[problem.line - 1].strip() == f"- use: {name}"


def test_a_signature_of_an_earlier_version_stays_on_file(mappings):
    """After a change the rule is a draft again; who signed what before is kept."""
    written(mappings, PRRT, SIGNED, version="2")
    standing = load(mappings).standings["treatments/prrt-lu177-dotatate"]
    assert (standing.status, standing.signatures[0].version) == ("draft", "1")


def test_every_assessment_names_the_edition_that_it_follows():
    engine = Engine.load()
    edition = engine.knowledge.edition
    named = {"version": edition.version, "digest": edition.digest}
    case = fixtures.load_cases(fixtures.default_root())[0]
    for document in engine.assess_body(case.body(), case.as_of, case.jurisdiction):
        assert document["knowledge"] == named
    empty = engine.assess_body(b'{"resourceType": "Bundle", "type": "collection"}')
    assert [one["knowledge"] for one in empty] == [named]
