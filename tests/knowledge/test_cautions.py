"""What is said beside an option, asked for, warned of and drafted: hand-written tables.

Outcomes have their second encoding; cautions, requests, warnings and draft orders have these rows.
A row names what is said by a few words of it, then patients to whom it is said and the nearest ones
to whom it is not: each is the patient FIT of the strategies with a few facts changed.
"""

from typing import Any, NamedTuple

import pytest

from cdshooks.clinical.assess import assess
from cdshooks.clinical.criterion import Criterion, answer, leaves
from cdshooks.clinical.truth import Truth
from cdshooks.clinical.vocabulary import OF_THE_ASSESSMENT
from tests.knowledge.encoding import KNOWLEDGE, VOCABULARY, Between, either, facts, told
from tests.property.strategies import FIT, consistent

# A receptor-positive G1 tumour of the ileum with metastases, and PRRT offered or on hold for one.
SPREAD = "extent.stage=metastatic; imaging.sstr_status=positive"
PRRT = (
    f"{SPREAD}; tumour.site=jejunum-ileum; tumour.ki67=2; "
    "progression.status=progressive; prior.ssa=current"
)
HELD = f"{PRRT}; lab.haemoglobin=7"
FIRST = (
    "tumour.site=pancreas; tumour.ki67=15; extent.stage=metastatic; imaging.sstr_status=positive"
)
SMALL = (
    "tumour.site=pancreas; tumour.size_mm=20; tumour.ki67=2; symptom.asymptomatic=yes; "
    "extent.stage=localised"
)
CARCINOID = "syndrome.types={carcinoid}; syndrome.functional=yes"
INSULIN = "syndrome.types={insulin}; syndrome.functional=yes"
WITHOUT = "syndrome.functional=no"
# Nothing but disease outside the liver keeps a transplant open.
TRANSPLANT = (
    "tumour.site=jejunum-ileum; tumour.ki67=2; extent.stage=metastatic; extent.pattern=liver-only; "
    "liver.resection_excluded=yes; liver.involvement_pct=30; primary.resected=yes; "
    "progression.status=stable; progression.stable_months=9"
)
POOR, WELL = "tumour.differentiation=poor", "tumour.differentiation=well"
NEC, NET_G3 = f"{POOR}; tumour.ki67=80", f"{WELL}; tumour.ki67=30"

# (treatment, some words of the caution): (said to, not said to)
PRRT_CAUTIONS = {
    "range that one national protocol": (
        ["lab.creatinine_clearance=40", "lab.creatinine_clearance=49.9"],
        ["lab.creatinine_clearance=39.9", "lab.creatinine_clearance=50"],
    ),
    "obstructing mass can swell": (["symptom.obstruction=yes"], ["symptom.obstruction=no"]),
    "octreotide cover and an echocardiogram": ([CARCINOID], [INSULIN, WITHOUT]),
    "a paediatric NET MDT discusses": (
        ["patient.age=17; config.jurisdiction=us"],
        ["patient.age=18; config.jurisdiction=us", "patient.age=17; config.jurisdiction=eu"],
    ),
    "stops a long-acting analogue": (["prior.ssa=current"], ["prior.ssa=past", "prior.ssa=none"]),
    "after the newest receptor scan": (
        ["imaging.sstr_superseded=yes"],
        ["imaging.sstr_superseded=no"],
    ),
    "adds to the dose": (["prior.liver_radiation=past"], ["prior.liver_radiation=none"]),
    "Catecholamines can be released": (["syndrome.types={catecholamine}"], [CARCINOID, WITHOUT]),
}
DISCORDANCE = {
    "the higher one is used": (
        ["tumour.grade_stated=G1; tumour.ki67=5"],
        ["tumour.grade_stated=G2; tumour.ki67=5"],
    ),
    "an implausible pair": (
        [
            "tumour.differentiation=poor; tumour.ki67=20",
            "tumour.differentiation=well; tumour.ki67=56",
        ],
        [
            "tumour.differentiation=poor; tumour.ki67=21",
            "tumour.differentiation=well; tumour.ki67=55",
        ],
    ),
    "fall two grades apart": (
        ["tumour.ki67=2; tumour.mitoses=21", "tumour.ki67=21; tumour.mitoses=1"],
        ["tumour.ki67=3; tumour.mitoses=21", "tumour.ki67=2; tumour.mitoses=20"],
    ),
    "Two specimens fall": (["tumour.specimens_differ=yes"], ["tumour.specimens_differ=no"]),
}
CAUTIONS: dict[str, dict[str, tuple[list[str], list[str]]]] = {
    "active-surveillance": {
        "recorded as past": (["net.status=history"], ["net.status=active"]),
        "so the patient is asked": (
            ["net.status=active; symptom.asymptomatic=unknown"],
            ["net.status=history", "net.status=active; symptom.asymptomatic=yes"],
        ),
        "no advice to stop it": (["prior.ssa=current"], ["prior.ssa=past", "prior.ssa=none"]),
        "CLARINET puts watching": (["extent.stage=metastatic"], ["extent.stage=localised"]),
        "follows its own rules": (["risk.men1=yes"], ["risk.men1=no"]),
        "speak for resection": (["tumour.node_positive=yes"], ["tumour.node_positive=no"]),
    },
    "curative-resection": {
        "ECOG 3 or 4": (["patient.ecog=3", "patient.ecog=4"], ["patient.ecog=2"]),
        "active surveillance is discussed first": (
            [SMALL],
            [
                f"{SMALL}; tumour.site=duodenum",
                f"{SMALL}; tumour.size_mm=20.5",
                f"{SMALL}; tumour.ki67=3",
                f"{SMALL}; symptom.asymptomatic=no",
            ],
        ),
        "octreotide cover and an echocardiogram": ([CARCINOID], [INSULIN, WITHOUT]),
        "It comes before any procedure": (
            ["net.entity=PPGL"],
            ["net.entity=PPGL; risk.alpha_blockade=yes", "net.entity=NEN", "net.entity=MTC"],
        ),
        "hormones are controlled before": (
            [CARCINOID, INSULIN],
            [WITHOUT, "syndrome.functional=unknown"],
        ),
        "together with chemotherapy": ([NEC], [NET_G3, "tumour.ki67=30"]),
        "changes the operation": (["risk.men1=yes"], ["risk.men1=no"]),
        "right hemicolectomy": (
            [
                "tumour.site=appendix; tumour.size_mm=20.5",
                "tumour.site=appendix; primary.margin_positive=yes",
            ],
            [
                "tumour.site=appendix; tumour.size_mm=20",
                "tumour.site=caecum; tumour.size_mm=25; primary.margin_positive=yes",
            ],
        ),
    },
    "everolimus": {
        "outside the label": (
            [f"{INSULIN}; syndrome.refractory=yes"],
            [
                f"{INSULIN}; syndrome.refractory=yes; progression.status=progressive",
                f"{INSULIN}; syndrome.refractory=no",
                f"{CARCINOID}; syndrome.refractory=yes",
            ],
        ),
        "Hepatitis B": (["risk.hbv=yes"], ["risk.hbv=no"]),
        "useful in insulinoma": ([INSULIN], [CARCINOID, WITHOUT]),
        "held the disease longer": (
            ["imaging.sstr_status=positive"],
            ["imaging.sstr_status=borderline", "imaging.sstr_status=negative"],
        ),
    },
    "net-mdt": {
        "high-grade carcinoma": ([NEC, "tumour.ki67=30"], [NET_G3, "tumour.ki67=20"]),
        **DISCORDANCE,
        "includes obstetrics": (["patient.pregnant=yes"], ["patient.pregnant=no"]),
        "paediatric NET MDT": (["patient.age=17"], ["patient.age=18"]),
        "cardiology first": (["risk.carcinoid_heart=yes"], ["risk.carcinoid_heart=no"]),
        "irinotecan": (
            [f"{NEC}; prior.platinum_etoposide=past", f"{NEC}; prior.platinum_etoposide=current"],
            [f"{NEC}; prior.platinum_etoposide=none", f"{NET_G3}; prior.platinum_etoposide=past"],
        ),
    },
    "platinum-etoposide-nec": {
        "cisplatin": (
            [
                "lab.creatinine_clearance=49",
                "lab.creatinine_clearance=unknown; lab.egfr=45",
                "lab.creatinine_clearance=90; risk.dialysis=yes",
            ],
            ["lab.creatinine_clearance=50", "lab.creatinine_clearance=unknown; lab.egfr=50"],
        ),
        "extrapulmonary": (["tumour.site=lung"], ["tumour.site=thymus"]),
        "benefit from surgery": (
            ["extent.stage=localised", "extent.stage=regional"],
            ["extent.stage=metastatic"],
        ),
        "paediatric": (["patient.age=17"], ["patient.age=18"]),
    },
    "prrt-first-line": {
        **PRRT_CAUTIONS,
        "NICE": (
            ["config.jurisdiction=eu", "config.jurisdiction=uk-nice"],
            ["config.jurisdiction=us"],
        ),
        "other systemic treatment": (
            ["prior.everolimus=past", "prior.captem=current"],
            ["prior.everolimus=none", "prior.ssa=past"],
        ),
        "an FDG PET would show": (
            [NET_G3],
            [f"{NET_G3}; imaging.fdg_status=positive", "tumour.ki67=20"],
        ),
        "enrolled from 15": (["patient.age=14"], ["patient.age=15"]),
    },
    "prrt-lu177-dotatate": {
        **PRRT_CAUTIONS,
        "No somatostatin analogue": (["prior.ssa=none"], ["prior.ssa=past", "prior.ssa=current"]),
    },
    "ssa-tumour-control": {
        "continue and review it": (["prior.ssa=current"], ["prior.ssa=past", "prior.ssa=none"]),
        "beyond what CLARINET": (["tumour.ki67=10"], ["tumour.ki67=9.5"]),
        "Without a Ki-67": (
            [
                "tumour.site=lung; tumour.ki67=unknown; tumour.lung_type_stated=TC",
                "tumour.site=lung; tumour.ki67=unknown; tumour.lung_type_stated=AC",
            ],
            [
                "tumour.site=lung; tumour.ki67=2; tumour.lung_type_stated=TC",
                "tumour.site=pancreas; tumour.ki67=unknown; tumour.grade_stated=G1",
            ],
        ),
        "as high as in the liver": (
            ["imaging.sstr_status=borderline"],
            ["imaging.sstr_status=positive", "imaging.sstr_status=negative"],
        ),
        "Lung carcinoids": (["tumour.site=lung"], ["tumour.site=pancreas"]),
        "adults only": (["patient.age=17"], ["patient.age=18"]),
        "with obstetrics": (["patient.pregnant=yes"], ["patient.pregnant=no"]),
    },
}


# ---- asked for by itself -------------------------------------------------------------------------

# Request: (asked for, not asked for); of the laboratory values while PRRT is held by another one.
REQUESTS: dict[str, tuple[list[str], list[str]]] = {
    "ki67_or_grade": (
        [
            "net.status=active",
            "net.status=suspected",
            f"net.status=active; {NEC}; tumour.ki67=unknown",
            "net.entity=unknown",
            "tumour.site=lung; tumour.ki67=5",
            "tumour.site=thymus; tumour.ki67=5; tumour.mitoses=1",
            "tumour.site=lung; tumour.differentiation=well",
        ],
        [
            "net.status=history",
            "net.entity=MiNEN",
            "tumour.ki67=2..4",
            "tumour.mitoses=1",
            "tumour.grade_stated=G2",
            "tumour.lung_type_stated=TC",
            "tumour.site=lung; tumour.lung_type_stated=TC",
            "tumour.site=lung; tumour.lung_type_stated=AC",
            "tumour.site=lung; tumour.differentiation=poor; tumour.ki67=80",
            "tumour.site=lung; tumour.ki67=40",
            "tumour.site=pancreas; tumour.ki67=5",
        ],
    ),
    "differentiation": (
        ["tumour.ki67=30", "tumour.grade_stated=G3"],
        ["tumour.ki67=30; net.status=suspected", "tumour.ki67=20", NET_G3, NEC],
    ),
    "extent": (
        ["net.status=active", "net.entity=PPGL", "net.entity=unknown", TRANSPLANT],
        [
            "net.status=suspected",
            "net.status=history",
            "net.entity=MiNEN",
            "extent.stage=localised",
            f"{TRANSPLANT}; imaging.extrahepatic_excluded=yes",
            f"{TRANSPLANT}; primary.resected=unknown",
        ],
    ),
    "fdg_pet": (
        [
            NET_G3,
            NEC,
            "tumour.grade_stated=G3; tumour.differentiation=well",
            "tumour.ki67=10",
            "tumour.ki67=30",
            "imaging.sstr_status=negative",
            "imaging.sstr_status=heterogeneous",
            "progression.status=mixed",
        ],
        [
            f"{NET_G3}; imaging.fdg_status=negative",
            f"{NET_G3}; net.status=suspected",
            f"{NET_G3}; net.entity=PPGL",
            "tumour.ki67=9",
            "imaging.sstr_status=positive; progression.status=progressive",
        ],
    ),
    "sstr_imaging": (
        [
            "net.status=active",
            "net.status=suspected",
            f"{SMALL}; tumour.site=unknown",
            f"{SMALL}; extent.stage=unknown",
            f"{SMALL}; extent.stage=metastatic",
            f"{SMALL}; progression.status=progressive",
            "tumour.ki67=30",
            "net.entity=PPGL; tumour.site=adrenal-paraganglia; extent.stage=localised",
            TRANSPLANT,
        ],
        [
            "net.status=history",
            SMALL,
            f"{SMALL}; progression.status=stable",
            "imaging.sstr_status=negative",
            f"{NEC}; extent.stage=metastatic",
            "net.entity=PPGL; net.status=history",
            "net.entity=MTC; extent.stage=metastatic",
            f"{TRANSPLANT}; imaging.sstr_status=positive",
        ],
    ),
    "albumin": (
        [f"{HELD}; lab.albumin=unknown", f"{FIRST}; lab.haemoglobin=7; lab.albumin=unknown"],
        [HELD, f"{PRRT}; lab.albumin=unknown", f"{FIRST}; lab.albumin=unknown"],
    ),
    "bilirubin": (
        [f"{HELD}; lab.bilirubin_uln=unknown"],
        [HELD, f"{PRRT}; lab.bilirubin_uln=unknown"],
    ),
    "creatinine_clearance": (
        [f"{HELD}; lab.creatinine_clearance=unknown"],
        [
            HELD,
            f"{PRRT}; lab.creatinine_clearance=unknown",
            f"{HELD}; lab.creatinine_clearance=unknown; lab.egfr=80",
        ],
    ),
    "ecog": (
        [f"{HELD}; patient.ecog=unknown"],
        [HELD, f"{PRRT}; patient.ecog=unknown"],
    ),
    "haemoglobin": (
        [f"{PRRT}; lab.platelets=70; lab.haemoglobin=unknown"],
        [HELD, f"{PRRT}; lab.haemoglobin=unknown"],
    ),
    "leucocytes": (
        [f"{HELD}; lab.leucocytes=unknown"],
        [HELD, f"{PRRT}; lab.leucocytes=unknown"],
    ),
    "platelets": (
        [f"{HELD}; lab.platelets=unknown"],
        [HELD, f"{PRRT}; lab.platelets=unknown"],
    ),
    "pregnancy_status": (
        [f"{HELD}; patient.pregnant=unknown"],
        [HELD, f"{PRRT}; patient.pregnant=unknown"],
    ),
}
# Request: (never asked for, may be asked for).
NEVER: dict[str, tuple[list[str], list[str]]] = {
    "ki67_or_grade": (
        ["net.entity=PPGL", "net.entity=MTC", "tumour.site=adrenal-paraganglia"],
        ["net.entity=NEN; tumour.site=pancreas", "tumour.site=adrenal-paraganglia|kidney"],
    ),
}

# ---- warned of -----------------------------------------------------------------------------------

CYCLE = "net.status=active; prior.prrt=past; prior.prrt_recent=yes"
WARNINGS: dict[str, tuple[list[str], list[str]]] = {
    "benign_code_with_metastasis": (["net.benign_conflict=yes"], ["net.benign_conflict=no"]),
    "grade_discordance": (
        [row for said, _ in DISCORDANCE.values() for row in said],
        ["tumour.grade_stated=G2; tumour.ki67=5; tumour.mitoses=3; tumour.differentiation=well"],
    ),
    "prrt_next_cycle": (
        [
            f"{CYCLE}; patient.pregnant=yes",
            f"{CYCLE}; patient.breastfeeding=yes",
            f"{CYCLE}; lab.creatinine_clearance=29.9",
            f"{CYCLE}; lab.creatinine_clearance=39.9",
            f"{CYCLE}; patient.age=11",
            f"{CYCLE}; patient.age=17; config.jurisdiction=eu",
            f"{CYCLE}; risk.hypersensitivity={{prrt}}",
            f"{CYCLE}; lab.platelets=74",
            f"{CYCLE}; lab.haemoglobin=7.9",
            f"{CYCLE}; lab.leucocytes=1.9",
            f"{CYCLE}; lab.bilirubin_uln=3.1",
            f"{CYCLE}; lab.alt_uln=3.1",
            f"{CYCLE}; lab.albumin=29; lab.pt_prolonged=yes",
            f"{CYCLE}; patient.ecog=3",
            f"{CYCLE}; risk.heart_failure_nyha34=yes",
            f"{CYCLE}; risk.carcinoid_heart=yes",
            f"{CYCLE}; risk.life_expectancy_short=yes",
        ],
        [
            CYCLE,
            f"{CYCLE}; net.status=history; lab.haemoglobin=7",
            "prior.prrt=past; prior.prrt_recent=no; lab.haemoglobin=7",
            f"{CYCLE}; lab.haemoglobin=unknown",
            f"{CYCLE}; imaging.sstr_status=borderline",
            f"{CYCLE}; lab.albumin=29; lab.pt_prolonged=no",
            f"{CYCLE}; lab.albumin=30; lab.pt_prolonged=yes",
            f"{CYCLE}; patient.age=17; config.jurisdiction=us",
            f"{CYCLE}; patient.age=12; config.jurisdiction=us",
        ],
    ),
}

# ---- drafted -------------------------------------------------------------------------------------

EXPECTING, NOT_EXPECTING = "patient.pregnant=yes", "patient.pregnant=no"
MAYBE = "patient.pregnant=unknown"
IN_PREGNANCY = ([EXPECTING], [NOT_EXPECTING, MAYBE])
NO_CT = ([NOT_EXPECTING, MAYBE], [EXPECTING])
# (treatment or request, some words of the label): (drafted for, not drafted for)
ORDERS: dict[tuple[str, str], tuple[list[str], list[str]]] = {
    ("active-surveillance", "imaging in 6 months"): (
        [NOT_EXPECTING, MAYBE],
        [EXPECTING, "net.status=history"],
    ),
    ("active-surveillance", "MRI in 6 months"): (
        [EXPECTING],
        [NOT_EXPECTING, MAYBE, f"{EXPECTING}; net.status=history"],
    ),
    ("prrt-first-line", "referral"): (
        ["config.jurisdiction=us"],
        ["config.jurisdiction=eu", "config.jurisdiction=uk-nice"],
    ),
    ("ssa-tumour-control", "lanreotide"): (
        ["prior.ssa=none", "prior.ssa=past", "prior.ssa=unknown"],
        ["prior.ssa=current"],
    ),
    ("extent", "CT or MRI"): NO_CT,
    ("extent", "ultrasound"): IN_PREGNANCY,
    ("fdg_pet", "FDG PET/CT"): NO_CT,
    ("hormone_tests", "5-HIAA"): (
        [
            *("tumour.site=jejunum-ileum", "tumour.site=unknown", "tumour.site=pancreas|duodenum"),
            "tumour.site=pancreas; syndrome.hints={carcinoid}",
        ],
        [
            *("tumour.site=pancreas", "net.entity=PPGL; tumour.site=unknown"),
            "net.entity=PPGL; tumour.site=unknown; syndrome.hints={carcinoid}",
            "net.entity=NEN; tumour.site=adrenal-paraganglia",
        ],
    ),
    ("hormone_tests", "gastrin"): (
        [
            *("tumour.site=pancreas", "tumour.site=duodenum", "tumour.site=pancreas|duodenum"),
            "tumour.site=jejunum-ileum; syndrome.hints={gastrin}",
        ],
        ["tumour.site=jejunum-ileum", "tumour.site=unknown", "syndrome.hints={insulin}"],
    ),
    ("hormone_tests", "insulin"): (
        ["tumour.site=pancreas", "tumour.site=unknown; syndrome.hints={insulin}"],
        [
            *("tumour.site=duodenum", "tumour.site=unknown", "tumour.site=pancreas|duodenum"),
            "syndrome.hints={gastrin}",
        ],
    ),
    ("hormone_tests", "metanephrines"): (
        [
            "net.entity=PPGL",
            "tumour.site=adrenal-paraganglia",
            "syndrome.hints={catecholamine}",
            "syndrome.hints={adrenal-mass}",
        ],
        ["tumour.site=pancreas", "tumour.site=unknown", "syndrome.hints={insulin}"],
    ),
    ("hormone_tests", "glucagon, VIP"): (
        ["syndrome.hints={glucagon}", "syndrome.hints={pancreatic}"],
        ["tumour.site=pancreas", "syndrome.hints={insulin}", "syndrome.hints={gastrin}"],
    ),
    ("ki67_or_grade", "Ki-67 and mitoses"): (
        ["tumour.site=pancreas", "tumour.site=unknown"],
        ["tumour.site=lung", "tumour.site=thymus"],
    ),
    ("ki67_or_grade", "mitoses and necrosis"): (
        ["tumour.site=lung", "tumour.site=thymus"],
        ["tumour.site=pancreas", "tumour.site=unknown"],
    ),
    ("liver_lesion_count", "CT or MRI"): NO_CT,
    ("liver_lesion_count", "ultrasound"): IN_PREGNANCY,
    ("liver_lesion_size", "CT or MRI"): NO_CT,
    ("liver_lesion_size", "ultrasound"): IN_PREGNANCY,
    ("progression", "CT or MRI"): NO_CT,
    ("progression", "MRI (pregnancy)"): IN_PREGNANCY,
    ("sstr_imaging", "receptor PET/CT"): NO_CT,
}

# ---- the tables against a knowledge --------------------------------------------------------------


def plain(row: str) -> dict[str, Any]:
    """FIT with the facts of a row, such as "tumour.ki67=2..4; tumour.site=pancreas|duodenum"."""
    told = dict(fact.split("=", maxsplit=1) for fact in row.split("; "))
    return consistent(FIT | {name: _value(name, text) for name, text in told.items()})


def _value(name: str, text: str) -> Any:
    kind = VOCABULARY[name].kind
    if text == "unknown":
        return None
    if kind == "number":
        low, _, high = text.partition("..")
        return Between(float(low), float(high)) if high else float(text)
    if kind == "flag":
        return {"yes": True, "no": False}[text]
    if kind == "members":
        return either(*text.strip("{}").split(", "))
    return either(*text.split("|")) if "|" in text else text


def known(knowledge, row):
    """The facts of a row, with the outcomes as facts."""
    found = facts(plain(row), knowledge=knowledge)
    return assess(knowledge.treatments, (), (), found, knowledge.vocabulary).facts


def wrong(name, criteria, rows, every, knowledge):
    """(name, row) of each row that is not as its side of the table says."""
    combined = all if every else any
    for side, listed in zip((True, False), rows, strict=True):
        for row in listed:
            found = known(knowledge, row)
            if combined(answer(one, found) is Truth.YES for one in criteria) is not side:
                yield name, row


def cautions_with(knowledge, treatment, words):
    """The cautions of a treatment of which some reason has these words; there must be one."""
    cautions = next(one.caution for one in knowledge.treatments if one.id == treatment)
    return [one for one in cautions if any(words in leaf.why for leaf in leaves(one))]


def against(knowledge):
    """What the tables say otherwise than a knowledge, where it says otherwise than the shipped."""
    asked, shipped = [*tables_of(knowledge)], [*tables_of(KNOWLEDGE)]
    anew = knowledge is KNOWLEDGE or _derived_anew(knowledge)
    for table, was in zip(asked, shipped, strict=True):
        if anew or _follows_others(table) or _told(table) != _told(was):
            yield from wrong(*table, knowledge)


class Rows(NamedTuple):
    """The criteria that one entry of a table is about: all of them must hold, or any one."""

    name: Any
    criteria: list[Criterion]
    rows: tuple[list[str], list[str]]
    every: bool = False


def tables_of(knowledge):
    """Each entry of the tables with the criteria that a knowledge has for it."""
    for treatment, table in CAUTIONS.items():
        for words, rows in table.items():
            yield Rows((treatment, words), cautions_with(knowledge, treatment, words), rows)
    requests = {request.id: request for request in knowledge.requests}
    for name, rows in REQUESTS.items():
        yield Rows(name, requests[name].ask_when, rows, every=True)
    for name, rows in NEVER.items():
        yield Rows((name, "never"), requests[name].never_when, rows)
    warnings = {warning.id: warning for warning in knowledge.warnings}
    for name, rows in WARNINGS.items():
        yield Rows(name, warnings[name].when_any, rows)
    for key, (drafted, not_drafted) in ORDERS.items():
        yield Rows(key, _unless(knowledge, *key), (not_drafted, drafted))


def _told(table):
    return [told(one) for one in table.criteria]


def _follows_others(table):
    """Does it ask what another treatment needs or reached?"""
    names = (n for one in table.criteria for leaf in leaves(one) for n in leaf.statement.facts)
    return any(name.startswith(OF_THE_ASSESSMENT) for name in names)


def _derived_anew(knowledge):
    return [*map(told, knowledge.derivations)] != [*map(told, KNOWLEDGE.derivations)]


def _unless(knowledge, owner, words):
    owners = (*knowledge.treatments, *knowledge.requests)
    orders = next(one.orders for one in owners if one.id == owner)
    return [one.unless for one in orders if words in one.label and one.unless]


def test_everything_is_said_asked_warned_of_and_drafted_as_the_tables_say():
    assert [*against(KNOWLEDGE)] == []


@pytest.mark.parametrize("treatment", sorted(CAUTIONS))
def test_every_caution_of_a_treatment_has_its_row(treatment):
    """Found by some words of its reason, each row one caution and each caution a row."""
    cautions = next(one.caution for one in KNOWLEDGE.treatments if one.id == treatment)
    rows = [cautions_with(KNOWLEDGE, treatment, words) for words in CAUTIONS[treatment]]
    assert [len(found) for found in rows] == [1] * len(rows)
    assert {id(one) for found in rows for one in found} == {id(one) for one in cautions}


@pytest.mark.parametrize("owner", sorted({owner for owner, _ in ORDERS}))
def test_every_conditional_order_has_its_row(owner):
    owners = (*KNOWLEDGE.treatments, *KNOWLEDGE.requests)
    orders = next(one.orders for one in owners if one.id == owner)
    keys = [key for key in ORDERS if key[0] == owner]
    named = [one for key in keys for one in _unless(KNOWLEDGE, *key)]
    assert sorted(map(id, named)) == sorted(id(one.unless) for one in orders if one.unless)
