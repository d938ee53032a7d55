"""A small knowledge base and patients, by hand, so that cards are tested without a chart."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import count
from types import MappingProxyType
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest

from cdshooks.clinical.assess import Assessment, assess
from cdshooks.clinical.criterion import Group, Leaf
from cdshooks.clinical.fact import Fact, Facts, Problem, Provenance
from cdshooks.clinical.statement import parse
from cdshooks.clinical.treatment import Caveat, Citation, DraftOrder, Request, Saying, Treatment
from cdshooks.clinical.value import Choice, Flag, Value, exactly
from cdshooks.clinical.vocabulary import OUTCOME_PREFIX, FactType, Vocabulary
from cdshooks.clinical.weigh import OUTCOMES
from cdshooks.hooks.card import Card
from cdshooks.hooks.compose import compose
from cdshooks.knowledge.codes import CodeSystems
from cdshooks.knowledge.facts import FactKnowledge
from cdshooks.knowledge.load import Edition, Knowledge

AS_OF = date(2026, 11, 15)
TREATMENTS = ("prrt", "prrt-first", "everolimus", "surgery", "board")
PRIOR = ("none", "current", "past")

TYPES = (
    FactType("config.jurisdiction", "Jurisdiction", "choice", values=("us", "eu")),
    FactType("net.entity", "Tumour family on file", "choice", values=("NEN", "excluded")),
    FactType("net.status", "NET", "choice", values=("active", "suspected", "history", "none")),
    FactType("net.family", "Tumour family", "choice", values=("NET", "NEC"), asks=("net.entity",)),
    FactType("tumour.site", "Primary site", "choice", values=("pancreas", "lung")),
    FactType("tumour.ki67", "Ki-67", "number", "%", "%"),
    FactType(
        "tumour.grade_class", "Grade class", "choice", values=("G1", "G2"), asks=("tumour.ki67",)
    ),
    FactType("imaging.sstr_status", "Receptor status", "choice", values=("positive", "negative")),
    FactType("extent.stage", "Stage", "choice", values=("localised", "metastatic")),
    FactType("extent.pattern", "Pattern", "choice", values=("liver-only", "disseminated")),
    FactType("progression.status", "Progression", "choice", values=("progressive", "stable")),
    FactType("patient.pregnant", "Pregnant", "flag"),
    FactType("patient.ecog", "ECOG", "number", "{score}"),
    FactType("lab.platelets", "Platelets", "number", "10*9/L", "x10^9/L"),
    FactType("lab.creatinine_clearance", "Creatinine clearance", "number", "mL/min", "mL/min"),
    FactType(
        "prior.ssa",
        "Somatostatin analogue",
        "choice",
        values=PRIOR,
        closed=True,
        silent_value="none",
    ),
    FactType("prior.prrt", "PRRT", "choice", values=PRIOR, closed=True, silent_value="none"),
    FactType(
        "prior.everolimus", "Everolimus", "choice", values=PRIOR, closed=True, silent_value="none"
    ),
    FactType("risk.conflict", "Grade conflict", "flag", closed=True),
)
OUTCOME_TYPES = tuple(
    FactType(OUTCOME_PREFIX + name, name, "choice", values=OUTCOMES) for name in TREATMENTS
)
VOCABULARY = Vocabulary({one.name: one for one in (*TYPES, *OUTCOME_TYPES)})

CITATIONS = {
    "trial": Citation(
        "trial", "TRIAL-1: Author A et al. 2017", "https://doi.org/10.1/(a)", "figures"
    ),
    "label": Citation("label", "US label, 2024 (section 4)", "https://example.org/label", "partly"),
    "guide": Citation(
        "guide", "European guidance: part 2", "https://example.org/guide", "not read"
    ),
    "policy": Citation("policy", "Project policy, awaiting a NET board", "", "not read"),
}


def leaf(text: str, why: str, *sources: str, **more: Any) -> Leaf:
    return Leaf(parse(text, VOCABULARY), why, sources or ("trial",), **more)


def order(label: str, resource_type: str = "ServiceRequest", **more: Any) -> DraftOrder:
    named = "medicationCodeableConcept" if resource_type == "MedicationRequest" else "code"
    return DraftOrder(label, {"resourceType": resource_type, named: {"text": label}}, **more)


def treatment(name: str, title: str, **more: Any) -> Treatment:
    return Treatment(
        **{
            "id": name,
            "title": title,
            "covers": ("T00",),
            "version": "1",
            "status": "draft",
            "summary": f"Consider {title}",
            "indicator": "info",
            "place": "option",
            "silent": False,
            "family": name,
            "rank": 500,
            "consider": (),
            "block": (),
            "hold": (),
            "caution": (),
            **more,
        }
    )


PREGNANT = leaf("patient.pregnant", "Radiation harms the unborn child.", "label", critical=True)
PRRT = {
    "family": "prrt",
    "block": (PREGNANT,),
    "hold": (
        leaf("lab.platelets < 75 x10^9/L", "PRRT waits for platelets of 75 or more.", "guide"),
        leaf("lab.creatinine_clearance < 40 mL/min", "The kidneys clear the drug.", "guide"),
    ),
    "caution": (leaf("prior.ssa is current", "Stop the analogue 4 weeks before.", "label"),),
    "orders": (order("Draft a referral for PRRT"),),
}
ACTIVE = leaf("net.status is active", "Options are for a tumour that is present now.", "policy")

KNOWN = (
    treatment(
        "prrt",
        "PRRT after progression",
        rank=1,
        **PRRT,
        consider=(
            ACTIVE,
            leaf("imaging.sstr_status is positive", "The radiation needs the receptor.", "label"),
            leaf("tumour.grade_class in {G1, G2}", "The trial was in G1 and G2."),
            leaf("progression.status is progressive", "Tested after progression."),
            leaf("prior.ssa is not none", "It comes after an analogue.", "guide"),
            leaf("prior.prrt is none", "A second time is for the board.", "policy"),
        ),
        sayings=(Saying("The hazard ratio was 0.21.", ("trial",)),),
    ),
    treatment(
        "prrt-first",
        "PRRT as first treatment",
        rank=2,
        **PRRT,
        consider=(
            ACTIVE,
            leaf("imaging.sstr_status is positive", "The radiation needs the receptor.", "label"),
            leaf("tumour.ki67 >= 10 %", "Tested from 10 %."),
            leaf("prior.prrt is none", "A second time is for the board.", "policy"),
        ),
    ),
    treatment(
        "everolimus",
        "Everolimus",
        rank=3,
        consider=(
            ACTIVE,
            leaf("progression.status is progressive", "Licensed after progression.", "label"),
            leaf("prior.everolimus is none", "A drug that runs is not started anew.", "policy"),
        ),
        block=(
            leaf("patient.pregnant", "Everolimus harms the unborn child.", "label", critical=True),
        ),
        orders=(order("Draft everolimus 10 mg daily", "MedicationRequest"),),
    ),
    treatment(
        "surgery",
        "Curative resection",
        rank=4,
        consider=(ACTIVE, leaf("extent.stage is localised", "Only a localised tumour.", "guide")),
    ),
    treatment(
        "board",
        "Discussion in a NET meeting",
        rank=9,
        place="board",
        consider=(leaf("net.status in {active, suspected}", "Every NET is discussed.", "guide"),),
        caution=(leaf("patient.pregnant", "Pregnant, so discuss urgently.", "policy"),),
        sayings=(Saying("Settle with the patient what matters most.", ("guide",)),),
        orders=(order("Draft a referral to the NET meeting"),),
    ),
)
REQUESTS = (
    Request(
        "sstr_imaging",
        "Receptor PET/CT",
        ("D03",),
        "SSTR status unknown: PET/CT first",
        ("imaging.sstr_status",),
        (),
        (),
        (Saying("Time it before the next dose.", ("guide",)),),
        (order("Draft a receptor PET/CT", unless=leaf("patient.pregnant", "No PET.", "policy")),),
        "sstr",
        30,
    ),
    Request(
        "platelets",
        "Platelets",
        ("D11",),
        "Platelets missing",
        ("lab.platelets",),
        (),
        (),
        (),
        (order("Draft a blood count"),),
        "blood",
        70,
    ),
    Request(
        "clearance",
        "Creatinine clearance",
        ("D11",),
        "Clearance missing",
        ("lab.creatinine_clearance",),
        (),
        (),
        (),
        (order("Draft a blood count"),),
        "blood",
        71,
    ),
    Request(
        "pregnancy",
        "Pregnancy status",
        ("D11",),
        "Pregnancy status unknown",
        ("patient.pregnant",),
        (),
        (),
        (),
        (order("Draft hCG"),),
        "pregnancy",
        60,
    ),
    Request(
        "ki67",
        "Ki-67 or grade",
        ("D01",),
        "Ki-67 missing",
        ("tumour.ki67",),
        (
            leaf("net.status in {active, suspected}", "Options depend on it.", "guide"),
            leaf("tumour.ki67 not on file", "No Ki-67 is on file.", "guide"),
        ),
        (),
        (),
        (order("Draft a request for Ki-67"),),
        "ki67",
        10,
    ),
    Request(
        "progression",
        "Progression",
        ("D16",),
        "Progression unknown",
        ("progression.status",),
        (),
        (),
        (),
        (),
        "progression",
        50,
    ),
    Request(
        "extent", "Extent", (), "Extent unknown", ("extent.stage",), (), (), (), (), "extent", 40
    ),
)
CAVEATS = (
    Caveat(
        "discordance",
        "Grade conflict",
        ("D07",),
        (leaf("risk.conflict", "The higher grade is used.", "guide"),),
        "Stated grade conflicts with Ki-67: pathology review",
        ("guide",),
        "warning",
    ),
    Caveat(
        "next-cycle",
        "Next PRRT cycle",
        ("D11",),
        (
            Group(
                "all",
                (
                    leaf("prior.prrt is current", "PRRT is running.", "policy"),
                    Group(
                        "any",
                        (
                            PREGNANT,
                            leaf(
                                "lab.platelets < 75 x10^9/L", "PRRT waits for platelets.", "guide"
                            ),
                        ),
                    ),
                ),
            ),
        ),
        "PRRT is running and a safety finding speaks against it",
        ("label",),
        "warning",
    ),
)
KNOWLEDGE = Knowledge(
    Edition(
        *("2026.11.0", date(2026, 11, 1), date(2027, 11, 1), date(2028, 5, 1)),
        "sha256:" + "0" * 64,
    ),
    CodeSystems({}),
    FactKnowledge((), {}),
    VOCABULARY,
    (),
    KNOWN,
    REQUESTS,
    CAVEATS,
    CITATIONS,
    {},
)


def fact(name: str, value: Value, reference: str, day: str = "2026-10-01", **more: Any) -> Fact:
    place = Provenance(reference, "code", day, str(value), more.pop("from_text", False))
    return Fact(name, value, (place,), **more)


def choice(name: str, value: str, reference: str, **more: Any) -> Fact:
    return fact(name, Choice(frozenset({value})), reference, **more)


def flag(name: str, *, so: bool, reference: str = "Observation/flag", **more: Any) -> Fact:
    return fact(name, Flag(so), reference, **more)


def number(name: str, value: str, reference: str, **more: Any) -> Fact:
    return fact(name, exactly(Decimal(value), VOCABULARY[name].unit), reference, **more)


def patient(*facts: Fact) -> Facts:
    """Every fact of the vocabulary: what is given, else what silence means."""
    silent = {one.name: one.when_silent() for one in TYPES}
    silent["config.jurisdiction"] = Fact("config.jurisdiction", Choice(frozenset({"us"})))
    return Facts(MappingProxyType({**silent, **{one.name: one for one in facts}}))


PROGRESSIVE = (
    choice("net.entity", "NEN", "Condition/net1", day="2025-03-01"),
    choice("net.status", "active", "Condition/net1", day="2025-03-01"),
    Fact("net.family", Choice(frozenset({"NET"})), derived_from=("net.entity",)),
    choice("tumour.site", "pancreas", "Condition/net1", day="2025-03-01"),
    number("tumour.ki67", "8", "Observation/ki67", day="2025-03-02"),
    Fact(
        "tumour.grade_class",
        Choice(frozenset({"G2"})),
        derived_from=("tumour.ki67",),
        notes=("Ki-67 alone decides: no mitotic count on file.",),
    ),
    choice("imaging.sstr_status", "positive", "DiagnosticReport/pet"),
    choice("extent.stage", "metastatic", "Condition/liver"),
    choice("progression.status", "progressive", "Observation/recist"),
    choice("prior.ssa", "past", "MedicationRequest/ssa"),
)
SAFE = (
    flag("patient.pregnant", so=False, reference="Observation/hcg"),
    number("lab.platelets", "180", "Observation/platelets"),
    number("lab.creatinine_clearance", "88", "Observation/clearance"),
)


class Bench:
    """Facts in, cards out."""

    knowledge = KNOWLEDGE
    progressive, safe = PROGRESSIVE, SAFE
    patient, fact, choice, flag = map(staticmethod, (patient, fact, choice, flag))
    number, leaf, order, treatment = map(staticmethod, (number, leaf, order, treatment))

    def assess(
        self, *facts: Fact, problems: tuple[Problem, ...] = (), knowledge: Knowledge = KNOWLEDGE
    ) -> Assessment:
        return assess(
            knowledge.treatments,
            knowledge.requests,
            knowledge.warnings,
            patient(*facts),
            knowledge.vocabulary,
            problems,
        )

    def cards(
        self,
        *facts: Fact,
        patient_id: str | None = "p1",
        as_of: date = AS_OF,
        problems: tuple[Problem, ...] = (),
        **changed: Any,
    ) -> dict[str, Card]:
        """The cards by topic, in their order."""
        knowledge = replace(KNOWLEDGE, **changed)
        assessed = self.assess(*facts, problems=problems, knowledge=knowledge)
        cards = compose(assessed, knowledge, patient_id, as_of, counted())
        return {topic(card): card for card in cards}


def topic(card: Card) -> str:
    assert card.source.topic is not None
    return card.source.topic.code


def counted() -> Callable[[], UUID]:
    numbers: Iterable[int] = count()
    return lambda: uuid5(NAMESPACE_URL, str(next(iter(numbers))))


@pytest.fixture(scope="session")
def bench() -> Bench:
    return Bench()
