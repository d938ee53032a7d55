"""Which cards a clinician gets, and what stands on them."""

import re
from dataclasses import replace
from datetime import date

import pytest
from fhir.resources.R4B import get_fhir_model_class
from markdown_it import MarkdownIt

from cdshooks.clinical.criterion import Group
from cdshooks.clinical.fact import Fact, Problem
from cdshooks.clinical.treatment import Caveat, Citation, DraftOrder, Saying
from cdshooks.clinical.value import Choice
from cdshooks.hooks.card import SUMMARY_AT_MOST
from cdshooks.hooks.wording import short_label

REFERENCE = re.compile(r"`[A-Za-z0-9\-._/:#\[\]]+`")
CITED = re.compile(r"\*[^*]+\*$|\*[^*]+\*, \*[^*]+\*")
COMMANDS = re.compile(r"\b(must|shall|should|give|start|stop|order|prescribe)\b", re.IGNORECASE)


@pytest.fixture
def offered(bench):
    return bench.cards(*bench.progressive, *bench.safe)


@pytest.fixture
def pregnant(bench):
    return bench.flag("patient.pregnant", so=True, reference="Observation/preg")


def labels(card):
    return [suggestion.label for suggestion in card.suggestions]


def drafts(card):
    return [action.resource for one in card.suggestions for action in one.actions]


def section(card, title):
    """The lines below a bold title, up to the next empty line."""
    _, _, below = card.detail.partition(f"**{title}")
    return below.split("\n\n")[0]


# ---- which cards ---------------------------------------------------------------------------------


def test_without_a_net_there_is_nothing_to_say(bench):
    assert bench.cards() == {}
    assert bench.cards(bench.choice("net.status", "none", "Condition/x")) == {}


def test_h13_three_cards_at_most_and_one_more_for_immediate_harm(bench, pregnant):
    """P11 of alert fatigue: whatever is wrong at once, it is four cards, the gravest first."""
    everything = bench.cards(
        *bench.progressive,
        pregnant,
        bench.choice("prior.everolimus", "current", "MedicationRequest/eve"),
        bench.flag("risk.conflict", so=True),
        Fact("extent.stage", why_absent="not documented"),
        problems=(Problem("Observation/x", "code", "is not a text"),),
    )
    assert list(everything) == ["immediate-harm", "options", "safety", "missing-data"]
    indicators = [card.indicator for card in everything.values()]
    assert indicators == ["critical", "warning", "warning", "info"]


def test_all_known_and_all_safe_is_one_card(offered):
    assert list(offered) == ["options"]
    assert offered["options"].indicator == "info"


def test_a_suspected_tumour_is_for_the_board_and_the_missing_data(bench):
    cards = bench.cards(
        bench.choice("net.status", "suspected", "Condition/q"),
        problems=(Problem("DiagnosticReport/r", "code", "is not a text"),),
    )
    assert list(cards) == ["options", "missing-data"]
    assert "**Suspected NET" in cards["options"].detail
    assert labels(cards["options"]) == ["Draft a referral to the NET meeting"]
    assert "`DiagnosticReport/r`" in cards["missing-data"].detail, "never a silent loss"


def test_a_tumour_in_the_history_has_follow_up_and_no_orders(bench):
    follow_up = bench.treatment(
        "follow-up",
        "Active surveillance",
        consider=(bench.leaf("net.status is history", "Follow-up only."),),
        caution=(bench.leaf("net.status is history", "Plan follow-up.", "guide"),),
        orders=(bench.order("Draft imaging"),),
    )
    past = bench.choice("net.status", "history", "Condition/old")
    cards = bench.cards(past, treatments=(follow_up,))
    assert list(cards) == ["options"]
    assert cards["options"].indicator == "info"
    assert cards["options"].suggestions == ()
    assert "Plan follow-up." in cards["options"].detail
    assert bench.cards(past) == {}


def test_the_indicator_of_an_option_with_a_caution_is_warning(bench):
    running = bench.choice("prior.ssa", "current", "MedicationRequest/ssa")
    cards = bench.cards(*bench.progressive, *bench.safe, running)
    assert cards["options"].indicator == "warning"
    assert "- **Caution:** Somatostatin analogue: current" in cards["options"].detail


# ---- options -------------------------------------------------------------------------------------


def test_the_disease_stands_in_one_line_with_how_it_is_known(offered):
    lines = offered["options"].detail.splitlines()
    assert lines[0] == "**NET · pancreas · G2 · SSTR positive · metastatic**"
    assert (
        "- Grade class: G2, from Ki-67: 8 % (2025-03-02). Ki-67 alone decides: no mitotic count on"
        " file. `Observation/ki67`"
    ) in lines


def test_what_is_not_known_says_so(bench):
    active = bench.choice("net.status", "active", "Condition/net1")
    assert bench.cards(active)["options"].detail.splitlines()[0] == (
        "**NET, family not known · primary site not known · grade not known · SSTR not known"
        " · extent not known**"
    )


def test_the_pattern_of_metastases_is_told_once_it_is_settled(bench):
    open_pattern = Choice(frozenset({"liver-only", "disseminated"}))
    for value, told in ((open_pattern, False), (Choice(frozenset({"liver-only"})), True)):
        fact = bench.fact("extent.pattern", value, "DiagnosticReport/ct")
        detail = bench.cards(*bench.progressive, fact)["options"].detail
        assert ("· metastatic, liver-only**" in detail) is told
        assert ("`DiagnosticReport/ct`" in detail) is told


def test_what_the_record_does_not_say_is_not_recorded(bench):
    """A statement about the record itself holds by silence, and the card says so."""
    option = bench.treatment(
        "surgery",
        "Surveillance",
        consider=(
            bench.leaf("not recorded(progression.status is progressive)", "Growth ends it."),
        ),
    )
    active = bench.choice("net.status", "active", "Condition/net1")
    detail = bench.cards(active, treatments=(option,))["options"].detail
    assert "- Nothing on file about: Progression (taken as none). *TRIAL-1*" in detail


def test_words_of_a_report_are_quoted_and_escaped(bench):
    read = bench.fact(
        "imaging.sstr_status",
        Choice(frozenset({"positive"})),
        "DiagnosticReport/pet",
        from_text=True,
    )
    place = read.readings[0]._replace(printed="Intense uptake <b>in liver</b>")
    cards = bench.cards(*bench.progressive, read._replace(readings=(place,)))
    assert r"Read from “Intense uptake \<b\>in liver\<\/b\>” `DiagnosticReport/pet`" in (
        cards["options"].detail
    )


def test_each_reason_has_value_date_place_and_source(offered):
    told = section(offered["options"], "PRRT after progression")
    assert (
        "- Progression: progressive (2026-10-01) `Observation/recist`. Tested after progression."
        " *TRIAL-1*"
    ) in told
    assert "- Nothing on file about: PRRT (taken as none). *Project policy*" in told
    assert "- **Note:** The hazard ratio was 0.21. *TRIAL-1*" in told


def test_a_caution_leaves_out_what_its_file_does_not_tell(bench):
    active = bench.leaf("net.status is active", "It is there now.", tell=False)
    small = bench.leaf("tumour.ki67 <= 20 %", "Growth is slow.")
    option = bench.treatment(
        "surgery", "Resection", consider=(active,), caution=(Group("all", (active, small)),)
    )
    cards = bench.cards(*bench.progressive, treatments=(option,))
    assert "It is there now." not in cards["options"].detail
    assert "- **Caution:** Ki-67: 8 %" in cards["options"].detail


@pytest.mark.parametrize(
    ("size", "told"), [("14", True), ("21", False), (None, False)], ids=["so", "not so", "unknown"]
)
def test_a_sentence_with_a_condition_is_said_only_where_it_holds(bench, size, told):
    said = Saying("Ask for endoscopy.", ("guide",), bench.leaf("tumour.ki67 <= 20 %", "Small."))
    option = bench.treatment(
        "surgery",
        "Resection",
        consider=(bench.leaf("net.status is active", "Now."),),
        sayings=(said,),
    )
    active = bench.choice("net.status", "active", "Condition/net1")
    read = [bench.number("tumour.ki67", size, "Observation/ki67")] if size else []
    detail = bench.cards(active, *read, treatments=(option,))["options"].detail
    assert ("- **Note:** Ask for endoscopy. *European guidance*" in detail) is told


def test_what_was_explained_is_not_explained_again(offered):
    detail = offered["options"].detail
    assert detail.count("Options are for a tumour that is present now.") == 1
    assert "- As above: NET: active (2025-03-01) *Project policy*" in detail


def test_treatments_of_one_family_are_one_option_with_the_lowest_rank_first(bench):
    higher = bench.number("tumour.ki67", "15", "Observation/ki67")
    card = bench.cards(*bench.progressive, *bench.safe, higher)["options"]
    assert card.summary == "2 options to discuss: PRRT after progression; Everolimus"
    lead = card.detail.index("**PRRT after progression** may be considered")
    assert lead < card.detail.index("It also fits as **PRRT as first treatment**")
    assert labels(card).count("Draft a referral for PRRT") == 1


def test_the_board_is_suggested_with_what_makes_it_urgent(bench, pregnant):
    told = section(bench.cards(*bench.progressive, pregnant)["options"], "Discussion in a NET")
    assert "Pregnant: yes (2026-10-01) `Observation/preg`. Pregnant, so discuss urgently." in told
    assert "- Settle with the patient what matters most. *European guidance*" in told


def test_an_option_with_open_checks_names_them_and_drafts_no_therapy(bench):
    card = bench.cards(*bench.progressive)["options"]
    assert card.summary.startswith("2 options to discuss (checks due first): ")
    assert "once what is still to check is known" in card.detail
    assert "- **Still to check:** Pregnant, Platelets, Creatinine clearance." in card.detail
    assert labels(card) == ["Draft a referral to the NET meeting"]


def test_one_option_has_its_own_summary(bench):
    stable = bench.choice("extent.stage", "localised", "Condition/net1")
    facts = [one for one in bench.progressive if one.name != "progression.status"]
    card = bench.cards(*facts, *bench.safe, stable)["options"]
    assert card.summary == "Consider Curative resection"


# ---- safety --------------------------------------------------------------------------------------


def test_a_hold_names_value_unit_date_place_and_source(bench):
    low = bench.number("lab.platelets", "60", "Observation/plt")
    card = bench.cards(*bench.progressive, *bench.safe, low)["safety"]
    assert card.summary == ("PRRT after progression on hold: Platelets: 60 x10^9/L (2026-10-01)")
    assert section(card, "On hold: PRRT after progression") == (
        "**\n- Platelets: 60 x10^9/L (2026-10-01) `Observation/plt`."
        " PRRT waits for platelets of 75 or"
        " more. *European guidance*"
    )
    assert card.indicator == "warning"
    assert card.suggestions == ()


def test_a_block_names_what_rules_the_treatment_out(bench, pregnant):
    card = bench.cards(*bench.progressive, pregnant)["safety"]
    assert "**Ruled out now: PRRT after progression; Everolimus**" in card.detail
    assert "Radiation harms the unborn child. *US label*" in card.detail


def test_treatments_that_one_finding_stops_stand_together(bench, pregnant):
    """PRRT in both its uses is ruled out by one pregnancy, which is told once."""
    higher = bench.number("tumour.ki67", "15", "Observation/ki67")
    detail = bench.cards(*bench.progressive, pregnant, higher)["safety"].detail
    together = "**Ruled out now: PRRT after progression; PRRT as first treatment; Everolimus**"
    assert together in detail
    assert detail.count("Radiation harms the unborn child.") == 1


def test_a_silent_treatment_that_may_not_fit_warns_of_nothing(bench, pregnant):
    quiet = bench.treatment(
        "prrt",
        "A late option",
        silent=True,
        consider=(bench.leaf("progression.status is progressive", "Only then."),),
        block=(bench.leaf("patient.pregnant", "Harm."),),
    )
    active = bench.choice("net.status", "active", "Condition/net1")
    assert "safety" not in bench.cards(active, pregnant, treatments=(quiet,))
    loud = replace(quiet, silent=False)
    assert "safety" in bench.cards(active, pregnant, treatments=(loud,))


def test_conflicting_data_are_a_warning_with_their_reason(bench):
    conflict = bench.flag("risk.conflict", so=True, reference="Observation/grade")
    card = bench.cards(*bench.progressive, *bench.safe, conflict)["safety"]
    assert "- Stated grade conflicts with Ki-67: pathology review. *European guidance*" in (
        card.detail
    )
    assert "`Observation/grade`. The higher grade is used." in card.detail


def test_what_could_not_be_read_is_named_and_many_are_counted(bench):
    found = tuple(Problem(f"Observation/o{n}", "valueString", "is not a text") for n in range(9))
    card = bench.cards(*bench.progressive, *bench.safe, problems=found)["safety"]
    assert card.indicator == "info"
    assert card.summary == "9 entries not used in full"
    assert "- `Observation/o0`, `valueString`: is not a text" in card.detail
    assert "`Observation/o5`" not in card.detail
    assert "… and 4 more, 9 in all." in card.detail


def test_an_entry_of_which_several_elements_cannot_be_used_is_counted_once(bench):
    odd = tuple(Problem("Observation/a", path, "is odd") for path in ("value", "value.unit"))
    card = bench.cards(*bench.progressive, *bench.safe, problems=odd)["safety"]
    assert card.summary == "1 entry not used in full"
    assert card.detail.count("`Observation/a`") == 2
    both = (*odd, Problem("Observation/b", "effectiveDateTime", "is not a FHIR date"))
    card = bench.cards(*bench.progressive, *bench.safe, problems=both)["safety"]
    assert card.summary == "2 entries not used in full"


def test_an_id_that_is_no_id_cannot_break_out(bench):
    found = (Problem("Observation/`<img src=x>", "code", "is not a text"),)
    html = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(
        bench.cards(*bench.progressive, *bench.safe, problems=found)["safety"].detail
    )
    assert "<img" not in html


# ---- immediate harm ------------------------------------------------------------------------------


def test_a_running_therapy_against_a_hard_contraindication_is_critical(bench, pregnant):
    """Everolimus runs, so it is not offered anew, and its outcome does not tell of the danger."""
    running = bench.choice("prior.everolimus", "current", "MedicationRequest/eve")
    card = bench.cards(*bench.progressive, pregnant, running)["immediate-harm"]
    assert card.indicator == "critical"
    assert card.summary == "Pregnant: yes (2026-10-01), while Everolimus is ordered or running"
    assert "- Everolimus: current (2026-10-01). `MedicationRequest/eve`" in card.detail
    assert "`Observation/preg`. Everolimus harms the unborn child. *US label*" in card.detail
    assert card.suggestions == ()


def test_a_warning_of_the_knowledge_about_a_running_therapy_is_critical_too(bench, pregnant):
    running = bench.choice("prior.prrt", "current", "Procedure/prrt")
    card = bench.cards(*bench.progressive, pregnant, running)["immediate-harm"]
    assert card.summary == "Pregnant: yes (2026-10-01), while PRRT is ordered or running"
    assert card.detail.count("`Procedure/prrt`") == 1


@pytest.mark.parametrize("status", ["none", "past"])
def test_the_choice_of_a_treatment_is_never_critical(bench, pregnant, status):
    before = bench.choice("prior.everolimus", status, "MedicationRequest/eve")
    assert "immediate-harm" not in bench.cards(*bench.progressive, pregnant, before)


def test_another_therapy_that_runs_is_no_harm(bench, pregnant):
    """PRRT comes after an analogue; that the analogue runs in pregnancy is another question."""
    running = bench.choice("prior.ssa", "current", "MedicationRequest/ssa")
    cards = bench.cards(*bench.progressive, pregnant, running)
    assert "immediate-harm" not in cards
    assert "safety" in cards


def test_a_pregnancy_that_is_not_known_is_no_alarm(bench):
    running = bench.choice("prior.everolimus", "current", "MedicationRequest/eve")
    assert "immediate-harm" not in bench.cards(*bench.progressive, running)


def emergency(bench, indicator):
    """A warning of the knowledge that drafts an order."""
    return Caveat(
        "emergency",
        "Conflict",
        (),
        (bench.leaf("risk.conflict", "It cannot wait.", "guide"),),
        "Conflict on file: urgent review is suggested",
        ("guide",),
        indicator,
        (bench.order("Draft an urgent review"),),
    )


@pytest.mark.parametrize(
    ("indicator", "topic", "other"),
    [("critical", "immediate-harm", "safety"), ("warning", "safety", "immediate-harm")],
)
def test_an_emergency_interrupts_with_its_order_and_any_other_warning_keeps_its_place(
    bench, pregnant, indicator, topic, other
):
    """The order of the emergency is drafted although pregnancy rules every treatment out."""
    conflict = bench.flag("risk.conflict", so=True, reference="Observation/x")
    warned = {"warnings": (emergency(bench, indicator),), "treatments": ()}
    cards = bench.cards(*bench.progressive, pregnant, conflict, **warned)
    assert topic in cards
    assert other not in cards
    assert cards[topic].indicator == indicator
    assert "Conflict on file: urgent review is suggested" in cards[topic].summary
    assert labels(cards[topic]) == ["Draft an urgent review"]


# ---- missing data --------------------------------------------------------------------------------


def test_each_request_says_what_is_not_known_what_waits_and_why(bench):
    facts = [one for one in bench.progressive if one.name != "imaging.sstr_status"]
    card = bench.cards(*facts, *bench.safe)["missing-data"]
    assert card.summary == "SSTR status unknown: PET/CT first"
    assert card.detail.startswith(
        "- **Receptor PET/CT:** not known. Waiting for it: PRRT after progression. *US label*\n"
        "\n**When ordering:**\n- Time it before the next dose. *European guidance*\n"
    )
    assert labels(card) == ["Draft a receptor PET/CT"]
    assert card.indicator == "info"


def test_requests_of_one_group_share_a_line_and_an_order(bench):
    card = bench.cards(*bench.progressive)["missing-data"]
    assert "- **Platelets; Creatinine clearance:** not known." in card.detail
    assert labels(card) == ["Draft hCG", "Draft a blood count"]


def test_what_most_options_wait_for_comes_first(bench):
    card = bench.cards(*bench.progressive)["missing-data"]
    assert card.summary == "Missing: Pregnancy status; Platelets; Creatinine clearance"
    assert card.detail.startswith("- **Pregnancy status:**"), "everolimus waits for it too"


def test_of_orders_of_one_kind_only_the_first_is_drafted(bench):
    scans = tuple(
        replace(one, orders=(bench.order(f"Draft {one.id}", once="ct-mri"),))
        for one in bench.knowledge.requests
        if one.id in ("extent", "progression")
    )
    lines = bench.cards(bench.choice("net.status", "active", "Condition/net1"), requests=scans)[
        "missing-data"
    ]
    assert {"Extent", "Progression"} <= set(re.findall(r"\*\*(\w+):", lines.detail))
    assert len(labels(lines)) == 1


def test_bare_requests_that_the_same_option_waits_for_share_a_line(bench):
    """Two laboratory values that PRRT waits for are one line, and an order each."""
    requests = tuple(
        replace(one, group=one.id, orders=(bench.order(f"Draft {one.id}"),))
        for one in bench.knowledge.requests
        if one.id in ("platelets", "clearance", "pregnancy")
    )
    card = bench.cards(*bench.progressive, requests=requests)["missing-data"]
    assert "- **Platelets; Creatinine clearance:** not known." in card.detail
    assert "- **Pregnancy status:**" in card.detail, "everolimus waits for it too"
    assert labels(card) == ["Draft pregnancy", "Draft platelets", "Draft clearance"]


def test_a_value_that_is_too_old_to_rely_on_says_so(bench):
    old = bench.number("lab.platelets", "180", "Observation/platelets", aged=True)
    card = bench.cards(*bench.progressive, *bench.safe, old)["missing-data"]
    assert "out of date: Platelets: 180 x10^9/L (2026-10-01)." in card.detail


def test_no_scan_is_drafted_in_pregnancy(bench, pregnant):
    facts = [one for one in bench.progressive if one.name != "imaging.sstr_status"]
    scan = "Draft a receptor PET/CT"
    expecting = pregnant._replace(value=None, readings=(), why_absent="not documented")
    assert scan in labels(bench.cards(*facts, expecting)["missing-data"])
    surgery = bench.treatment(
        "surgery",
        "Something",
        consider=(bench.leaf("imaging.sstr_status is positive", "It needs the receptor."),),
    )
    cards = bench.cards(*facts, pregnant, treatments=(surgery,))
    assert "Receptor PET/CT" in cards["missing-data"].detail
    assert scan not in labels(cards["missing-data"])
    assert "Waiting for it: Something. No PET." in cards["missing-data"].detail
    assert "Time it before" not in cards["missing-data"].detail


# ---- draft orders --------------------------------------------------------------------------------


def test_a_draft_is_complete_and_nobody_elses(offered):
    assert drafts(offered["options"])[1] == {
        "resourceType": "MedicationRequest",
        "medicationCodeableConcept": {"text": "Draft everolimus 10 mg daily"},
        "status": "draft",
        "intent": "proposal",
        "subject": {"reference": "Patient/p1"},
        "reasonReference": [{"reference": "Condition/net1"}],
    }


def test_every_template_is_valid_r4_once_it_is_completed(bench, offered):
    cards = [*offered.values(), *bench.cards(*bench.progressive).values()]
    resources = [resource for card in cards for resource in drafts(card)]
    assert {resource["resourceType"] for resource in resources} == {
        "ServiceRequest",
        "MedicationRequest",
    }
    for resource in resources:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)


def test_a_condition_without_an_id_is_no_reason(bench):
    entity = bench.choice("net.entity", "NEN", "conditions.entry[3]")
    others = [one for one in bench.progressive if one.name != "net.entity"]
    card = bench.cards(*others, *bench.safe, entity)["options"]
    assert all("reasonReference" not in resource for resource in drafts(card))


def test_without_a_patient_id_nothing_is_drafted(bench):
    cards = bench.cards(*bench.progressive, patient_id=None)
    assert all(card.suggestions == () for card in cards.values())


def test_a_client_can_send_feedback_and_name_every_action(bench, offered):
    """P77, P83: uuids on cards and suggestions, a description on each action."""
    cards = [*offered.values(), *bench.cards(*bench.progressive).values()]
    for card in offered.values():
        ids = [card.uuid, *(suggestion.uuid for suggestion in card.suggestions)]
        assert len(set(ids)) == len(ids)
    for card in cards:
        assert all(action.type == "create" for one in card.suggestions for action in one.actions)
        assert all(action.description for one in card.suggestions for action in one.actions)
        assert card.selection == "any"


def test_an_order_the_knowledge_closes_is_not_drafted(bench):
    order = DraftOrder(
        "Draft a scan",
        {"resourceType": "ServiceRequest", "code": {"text": "CT"}},
        bench.leaf("prior.ssa is past", "No."),
    )
    board = bench.treatment(
        "board", "Board", place="board", consider=(), orders=(order, bench.order("Draft another"))
    )
    card = bench.cards(*bench.progressive, treatments=(board,))["options"]
    assert labels(card) == ["Draft another"]


def test_completing_an_order_leaves_the_template_alone(bench, offered):
    assert drafts(offered["options"])
    assert all(
        "subject" not in order.resource
        for one in bench.knowledge.treatments
        for order in one.orders
    )


# ---- every card ----------------------------------------------------------------------------------


@pytest.fixture
def many_cards(bench, pregnant):
    conflict = bench.flag("risk.conflict", so=True, reference="Observation/grade")
    running = bench.choice("prior.everolimus", "current", "MedicationRequest/eve")
    found = tuple(Problem(f"Observation/o{n}", "code", "is not a text") for n in range(9))
    patients = (
        bench.cards(*bench.progressive),
        bench.cards(*bench.progressive, *bench.safe),
        bench.cards(*bench.progressive, pregnant, running, conflict, problems=found),
        bench.cards(bench.choice("net.status", "active", "Condition/net1")),
        bench.cards(bench.choice("net.status", "suspected", "Condition/net1")),
    )
    return [card for cards in patients for card in cards.values()]


def test_every_bullet_names_a_resource_or_a_source(many_cards):
    """H12: a card says no more than the data and the sources."""
    bullets = [
        line
        for card in many_cards
        for line in card.detail.partition("**Sources**")[0].splitlines()
        if line.startswith("- ")
    ]
    assert len(bullets) > 60
    assert [one for one in bullets if not REFERENCE.search(one) and not CITED.search(one)] == []


def test_every_source_that_a_line_names_is_listed_with_its_address(many_cards):
    for card in many_cards:
        told, _, listed = card.detail.partition("**Sources**")
        for short in set(re.findall(r"(?<!\*)\*([^*\n]+)\*(?!\*)", told)):
            assert short in listed
        for line in listed.strip().splitlines():
            assert re.fullmatch(r"- \[.+\]\(https://[^\s()]+\)|- Project policy.*", line)


def test_a_card_says_whose_advice_it_is(many_cards):
    for card in many_cards:
        source = card.as_json()["source"]
        assert source["label"].startswith("cdshooks-net 2026.11.0")
        assert source["topic"]["system"] == "urn:cdshooks-net:card"
        assert card.override_reasons
        assert "not yet signed by a NET board" in card.detail
        assert len(card.summary) <= SUMMARY_AT_MOST


def test_the_first_cited_source_with_an_address_is_linked(offered):
    source = offered["options"].source
    assert source.label == "cdshooks-net 2026.11.0, citing US label"
    assert source.url == "https://example.org/label"


def test_an_address_with_brackets_is_still_one_link(offered):
    assert "](https://doi.org/10.1/%28a%29)" in offered["options"].detail


@pytest.mark.parametrize(
    ("label", "short"),
    [
        ("NETTER-1: Strosberg J et al. N Engl J Med 2017", "NETTER-1"),
        ("NICE TA539, lutetium (177Lu) oxodotreotide", "NICE TA539"),
        ("Lutathera summary of product characteristics (UK)", "Lutathera summary of product…"),
        ("(no head)", "(no head)"),
    ],
)
def test_a_source_is_named_as_it_is_known(label, short):
    assert short_label(Citation("x", label, "https://example.org", "figures")) == short


def test_how_much_of_a_source_was_read_is_said(offered):
    detail = offered["options"].detail
    assert "European guidance: part 2 (not read)](" in detail
    assert "- Project policy, awaiting a NET board\n" in f"{detail}\n"


def test_cards_offer_and_explain(many_cards):
    """The words that are ours; those of the knowledge are reviewed with it."""
    headings = [
        line for card in many_cards for line in card.detail.splitlines() if line.startswith("**")
    ]
    assert any("may be considered" in line for line in headings)
    assert [line for line in headings if COMMANDS.search(line)] == []


def test_h8_out_of_date_knowledge_warns_on_every_card(bench):
    """The last day is still in date."""
    edition = bench.knowledge.edition
    fresh = bench.cards(*bench.progressive, *bench.safe, as_of=edition.valid_until)
    assert "was valid until" not in fresh["options"].detail
    late = bench.cards(*bench.progressive, *bench.safe, as_of=date(2027, 11, 2))
    assert "valid until 2027-11-01" in late["options"].detail
    assert late["options"].indicator == "warning"


def test_signed_knowledge_does_not_say_that_it_is_unsigned(bench):
    signed = tuple(replace(one, status="reviewed") for one in bench.knowledge.treatments)
    cards = bench.cards(*bench.progressive, treatments=signed)
    assert all("signed" not in card.detail for card in cards.values())


def test_only_known_tags_come_of_a_card(many_cards):
    renderer = MarkdownIt("gfm-like", {"html": True, "linkify": False})
    for card in many_cards:
        found = set(re.findall(r"</?([a-z0-9]+)", renderer.render(card.detail)))
        assert found <= {"p", "strong", "em", "ul", "li", "code", "a"}


def test_the_same_facts_give_the_same_cards(bench):
    first, second = (bench.cards(*bench.progressive, *bench.safe) for _ in range(2))
    assert [card.as_json() for card in first.values()] == [
        card.as_json() for card in second.values()
    ]
