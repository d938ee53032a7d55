"""Treatments of one family that fit for the same reasons are told as kinds of one option."""

import pytest

from cdshooks.clinical.treatment import DraftOrder, Saying
from cdshooks.hooks.kinds import kinds_named

NAMES = ("prrt", "prrt-first", "everolimus", "surgery")


@pytest.fixture
def ablation(bench):
    """Two kinds of ablation that share everything but a sentence, a caution and a check."""

    def kind(name, title, rank, *, sayings=(), **more):
        return bench.treatment(
            name,
            title,
            family="ablation",
            rank=rank,
            consider=(bench.leaf("extent.stage is metastatic", "There are metastases.", "guide"),),
            sayings=(Saying("It is a day case.", ("guide",)), *sayings),
            orders=(bench.order("Draft a referral for ablation"),),
            **more,
        )

    shared = bench.leaf("prior.ssa is past", "Ask why the analogue was stopped.", "policy")
    own = bench.leaf("tumour.site is pancreas", "The pancreas leaks.", "policy")
    low = bench.leaf("lab.platelets < 75 x10^9/L", "It bleeds.", "guide")
    pregnant = bench.leaf("patient.pregnant", "It can wait.", "guide")
    heat = kind("prrt", "Radiofrequency ablation", 1, caution=(shared,), hold=(pregnant,))
    cold = kind(
        "everolimus",
        "Cryoablation",
        2,
        caution=(shared, own),
        hold=(pregnant, low),
        sayings=(Saying("It can cause shock.", ("trial",)),),
    )
    return heat, cold


def lines(bench, treatments, *facts):
    return bench.cards(*bench.progressive, *facts, treatments=treatments)["options"].detail.split(
        "\n"
    )


def test_kinds_are_named_in_one_sentence(bench, ablation):
    told = lines(bench, ablation, *bench.safe)
    opening = (
        "**Radiofrequency ablation** or **cryoablation** may be considered. Each fits because:"
    )
    assert told.count(opening) == 1
    assert "It also fits as" not in "\n".join(told)


def test_what_is_alike_stands_once_and_names_no_kind(bench, ablation):
    told = "\n".join(lines(bench, ablation, *bench.safe))
    assert told.count("There are metastases.") == 1
    assert told.count("- **Note:** It is a day case.") == 1
    assert told.count("It is a day case.") == 1
    assert told.count("- **Caution:** Somatostatin analogue: past") == 1
    assert told.count("Ask why the analogue was stopped.") == 1


def test_what_differs_names_its_kind(bench, ablation):
    told = "\n".join(lines(bench, ablation, *bench.safe))
    assert "- **Note (cryoablation):** It can cause shock. *TRIAL-1*" in told
    assert "- **Caution (cryoablation):** Primary site: pancreas" in told


def test_a_check_that_one_kind_waits_for_names_it(bench, ablation):
    told = "\n".join(lines(bench, ablation))
    assert "may be considered, once what is still to check is known." in told
    assert "- **Still to check:** Pregnant. *European guidance*" in told
    assert "- **Still to check (cryoablation):** Platelets. *European guidance*" in told


def test_a_kind_that_is_ready_is_not_made_to_wait_for_another(bench, ablation):
    hcg = bench.flag("patient.pregnant", so=False, reference="Observation/hcg")
    told = "\n".join(lines(bench, ablation, hcg))
    assert "**cryoablation** may be considered. Each fits because:" in told
    assert "- **Still to check (cryoablation):** Platelets." in told


def test_a_sentence_of_some_kinds_names_these(bench, ablation):
    heat, cold = ablation
    third = bench.treatment(
        "surgery",
        "Electroporation",
        family="ablation",
        rank=3,
        consider=heat.consider,
        sayings=(heat.sayings[0],),
    )
    told = "\n".join(lines(bench, (heat, cold, third), *bench.safe))
    assert "**Radiofrequency ablation**, **cryoablation** or **electroporation** may be" in told
    assert "- **Caution (radiofrequency ablation, cryoablation):** Somatostatin" in told


def test_the_summary_names_the_kinds(bench, ablation):
    board = next(one for one in bench.knowledge.treatments if one.id == "surgery")
    other = bench.treatment("surgery", board.title, rank=4, consider=ablation[0].consider)
    card = bench.cards(*bench.progressive, *bench.safe, treatments=(*ablation, other))["options"]
    assert card.summary == (
        "2 options to discuss: Radiofrequency ablation or cryoablation; Curative resection"
    )
    assert [one.label for one in card.suggestions] == ["Draft a referral for ablation"]


LONG = "First-line PRRT in a long title (or 1 alike)"


@pytest.mark.parametrize(
    ("titles", "told"),
    [
        (["Surgery"], "Surgery"),
        (["Radiofrequency ablation", "PRRT", "Beads"], "Radiofrequency ablation, PRRT or beads"),
        (["Heat", "Cold", "Beads", "Surgery"], "Heat (or 3 alike)"),
        (["First-line PRRT in a long title", "PRRT after progression in a long title"], LONG),
    ],
)
def test_kinds_are_named_where_they_are_few_and_short(bench, titles, told):
    assert kinds_named([bench.treatment("prrt", title) for title in titles]) == told


def test_kinds_are_counted_before_an_option_is_left_out_of_the_summary(bench, ablation):
    others = [
        bench.treatment(name, title, rank=9, consider=ablation[0].consider)
        for name, title in (
            ("prrt-first", "Another option with a title of a great length"),
            ("surgery", "Resection of the primary tumour"),
        )
    ]
    card = bench.cards(*bench.progressive, *bench.safe, treatments=(*ablation, *others))["options"]
    assert card.summary == (
        "3 options to discuss: Radiofrequency ablation (or 1 alike); "
        "Another option with a title of a great length; Resection of the primary tumour"
    )


def test_what_kinds_share_cites_what_each_of_them_cites(bench):
    def kind(name, source):
        told = bench.leaf("prior.ssa is past", "Ask why.", source)
        fits = bench.leaf("extent.stage is metastatic", "There are metastases.", source)
        return bench.treatment(name, name.title(), family="a", consider=(fits,), caution=(told,))

    told = lines(bench, (kind("prrt", "guide"), kind("surgery", "trial")), *bench.safe)
    for why in ("There are metastases.", "Ask why."):
        (line,) = (one for one in told if why in one)
        assert line.endswith("*European guidance*, *TRIAL-1*")


def test_what_stops_several_treatments_cites_what_each_of_them_cites(bench):
    pregnant = bench.flag("patient.pregnant", so=True, reference="Observation/preg")
    stopped = [
        bench.treatment(
            name, name.title(), block=(bench.leaf("patient.pregnant", "Harm.", source),)
        )
        for name, source in (("prrt", "guide"), ("surgery", "trial"))
    ]
    told = bench.cards(*bench.progressive, pregnant, treatments=stopped)["safety"].detail
    (line,) = (one for one in told.split("\n") if "Harm." in one)
    assert line.endswith("Harm. *European guidance*, *TRIAL-1*")


def test_the_summary_of_what_is_stopped_leaves_out_what_its_file_does_not_tell(bench):
    pregnant = bench.flag("patient.pregnant", so=True, reference="Observation/preg")
    scene = bench.leaf("prior.ssa is past", "The scene.", tell=False)
    harm = bench.leaf("patient.pregnant", "Harm.")
    option = bench.treatment("surgery", "Surgery", block=(scene, harm))
    card = bench.cards(*bench.progressive, pregnant, treatments=(option,))["safety"]
    assert card.summary == "Surgery ruled out: Pregnant: yes (2026-10-01)"


def test_a_caution_is_told_without_the_statements_that_only_set_its_scene(bench):
    scene = bench.leaf("tumour.site is pancreas", "The scene.", tell=False)
    point = bench.leaf("prior.ssa is past", "The point.")
    option = bench.treatment("surgery", "Surgery", caution=(scene, point))
    told = "\n".join(lines(bench, (option,), *bench.safe))
    assert "The point." in told
    assert "The scene." not in told


def test_a_referral_that_waits_for_no_check_is_drafted_before_it(bench):
    """A discussion in the board needs no laboratory value; the therapy does."""
    board = DraftOrder(
        "Draft a board referral",
        {"resourceType": "ServiceRequest", "code": {"text": "Board"}},
        before_checks=True,
    )
    unsafe = bench.leaf("lab.platelets < 75 x10^9/L", "It waits.", "guide")
    option = bench.treatment(
        "prrt", "PRRT again", hold=(unsafe,), orders=(board, bench.order("Draft PRRT"))
    )

    def drafted(*facts):
        card = bench.cards(*bench.progressive, *facts, treatments=(option,)).get("options")
        return [one.label for one in card.suggestions] if card else []

    assert drafted() == ["Draft a board referral"]
    assert drafted(*bench.safe) == ["Draft a board referral", "Draft PRRT"]
    assert drafted(bench.number("lab.platelets", "60", "Observation/plt")) == []
    detail = bench.cards(*bench.progressive, treatments=(option,))["options"].detail
    assert "**PRRT again** may be considered. It fits because:" in detail
    assert "- **Still to check:** Platelets." in detail


def test_what_is_always_on_hold_is_named_with_its_reason(bench):
    beads, yttrium = (
        bench.treatment(name, title, hold=(bench.leaf("always", why, "guide"),))
        for name, title, why in (
            ("prrt", "Beads", "Their trial was stopped."),
            ("surgery", "Yttrium", "It is historic."),
        )
    )
    card = bench.cards(*bench.progressive, treatments=(beads, yttrium))["safety"]
    assert card.summary == "Beads, Yttrium on hold"
    assert "**On hold: Beads**\n- Their trial was stopped. *European guidance*" in card.detail
    assert "**On hold: Yttrium**\n- It is historic. *European guidance*" in card.detail


def test_a_family_waits_as_one(bench, ablation):
    card = bench.cards(*bench.progressive, treatments=ablation)["missing-data"]
    assert "not known. Waiting for it: Radiofrequency ablation or cryoablation" in card.detail
    assert "**Platelets:** not known. Waiting for it: Cryoablation. " in card.detail


def test_a_note_waits_for_nothing(bench):
    """It stands under an option that asks by itself."""
    unsafe = bench.leaf("lab.platelets < 75 x10^9/L", "It waits.", "guide")
    option = bench.treatment("prrt", "PRRT", hold=(unsafe,))
    note = bench.treatment("surgery", "PRRT by the artery", place="note", hold=(unsafe,))
    card = bench.cards(*bench.progressive, treatments=(option, note))["missing-data"]
    assert "Waiting for it: PRRT. " in card.detail


def test_the_summary_of_what_is_ruled_out_ends_with_the_finding(bench):
    """However many treatments one finding stops; a family of them is one."""
    pregnant = bench.flag("patient.pregnant", so=True, reference="Observation/preg")
    harm = bench.leaf("patient.pregnant", "Harm.", "label")

    def stopped(*families):
        return tuple(
            bench.treatment(
                name,
                f"{name.capitalize()} with a rather long title",
                family=family,
                rank=rank,
                block=(harm,),
            )
            for rank, (name, family) in enumerate(zip(NAMES, families, strict=False))
        )

    def summary(*families):
        cards = bench.cards(*bench.progressive, pregnant, treatments=stopped(*families))
        return cards["safety"].summary

    assert summary("a", "a", "b") == (
        "Prrt with a rather long title (or 1 alike), Everolimus with a rather long title"
        " ruled out: Pregnant: yes (2026-10-01)"
    )
    assert summary("a", "b", "c", "d") == (
        "Prrt with a rather long title, Prrt-first with a rather long title, 2 more"
        " ruled out: Pregnant: yes (2026-10-01)"
    )


def option(bench, name, rank):
    spread = bench.leaf("extent.stage is metastatic", "There are metastases.", "guide")
    return bench.treatment(name, name.title(), rank=rank, consider=(spread,))


@pytest.mark.parametrize(("number", "brief"), [(2, False), (3, True)])
def test_from_three_options_on_each_says_in_one_line_what_fits(bench, number, brief):
    options = [option(bench, name, rank) for rank, name in enumerate(NAMES[:number])]
    told = lines(bench, options, *bench.safe)
    in_one_line = [line for line in told if line.startswith("- **Fits:** Stage: metastatic")]
    assert len(in_one_line) == (number if brief else 0)
    assert all(line.endswith("*European guidance*") for line in in_one_line)
    assert ("There are metastases." in "\n".join(told)) is not brief
