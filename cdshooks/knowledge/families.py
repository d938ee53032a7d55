"""What the special readers ask of the concepts of their family.

A reader names some concepts, and reads what they say by key. A concept that is missing, or a word
of `says` that no reader knows, would go unread without a sound: both are refused.
"""

import re
from collections.abc import Mapping
from typing import Literal, TypeAlias

from cdshooks.clinical.vocabulary import Vocabulary
from cdshooks.knowledge.source import Node

# What may stand behind a key of `says`: one of these words; a value of this fact; several values of
# it; any fact; numbers; anything.
Said: TypeAlias = (
    tuple[str, ...] | Literal["fact", "number", "any"] | tuple[Literal["of", "each of"], str]
)

_YES = ("yes",)
_SITE = ("of", "tumour.site")
_STATED = ("well", "poor")
_SYNDROME = ("of", "syndrome.types")
_PLACES = (
    "liver",
    "nodes",
    "distant-nodes",
    "bone",
    "lung",
    "brain",
    "peritoneum",
    "elsewhere",
    "unknown",
)

SAYS: Mapping[str, Mapping[str, Said]] = {
    "allergy": {"class": ("of", "risk.hypersensitivity")},
    "diagnosis": {
        "entity": (
            *("NEN", "small-cell", "PPGL", "MTC", "MiNEN", "excluded", "other-cancer", "secondary"),
            *("secondary-NEN", "uncertain", "family-history", "screening"),
            *("unsaid", "skin-cancer"),
        ),
        "site": _SITE,
        "went": _SITE,
        "coded": _STATED,
        "stated": _STATED,
        "benign": _YES,
        "history": _YES,
        "lung": ("of", "tumour.lung_type_stated"),
        "syndrome": _SYNDROME,
        "grade": ("G2-or-G3",),
    },
    "pathology": {
        "grade": ("of", "tumour.grade_stated"),
        "differentiation": ("of", "tumour.differentiation"),
        "lung": ("of", "tumour.lung_type_stated"),
    },
    "progression": {
        "status": ("responding", "stable", "mixed", "progressive", "former", "undetermined"),
        "latest": _YES,
        "needs": ("tumour", "status", "therapy"),
    },
    "receptor": {
        "tracer": ("sstr", "fdg", "mibg", "other"),
        "days": "number",
        "tumour.ki67": "number",
        "tumour.mitoses": "number",
        "tumour.grade_stated": ("each of", "tumour.grade_stated"),
        "tumour.differentiation": ("each of", "tumour.differentiation"),
        "alone-*": "any",
    },
    "spread": {
        "place": _PLACES,
        "specimen": _PLACES,
        "pattern": ("of", "extent.pattern"),
        "net": _YES,
        "near": ("each of", "tumour.site"),
        "sites": ("each of", "tumour.site"),
        "count": "number",
    },
    "syndrome": {
        "type": _SYNDROME,
        "symptom": "fact",
        "denied": ("in part",),
        "hint": ("of", "syndrome.hints"),
        "level": ("of", "syndrome.hints"),
    },
    "therapy": {
        "fact": "fact",
        "alone": "fact",
        "drug": "any",
        "part": ("capecitabine", "temozolomide", "etoposide", "platinum"),
        "depot": _YES,
        "start": ("each",),
        "site": ("liver",),
        "course": ("current", "past"),
        "filled": _YES,
        "of": "fact",
    },
}

# The concepts that a reader asks for by name.
NAMED: Mapping[str, tuple[str, ...]] = {
    reader: tuple(names.split())
    for reader, names in {
        "allergy": "anaphylaxis",
        "diagnosis": """
            active-words benign-nen came-from carcinoid-site-unknown carcinoid-syndrome-words
            disease-word family-history for-words former-words goblet-cell gone-of-a-part
            gone-words growing-words history-at-once history-behind history-words into
            joining-words list-words looked-for metastasis metastatic minen
            morphology-observation mtc nec-abbreviation nec-coded nec-context nen
            nen-abbreviation net-context now-words other-cancer other-place part-words
            partial-remission ppgl primary-in recurrence recurrent-words remission-words
            screening secondary secondary-tumour skin-cancer small-cell small-cell-nec
            treated-words unsaid-cancer within
        """,
        "pathology": """
            atypical carcinoma-spelled describes-tumour grade grade-elsewhere graded high
            intermediate ki67 low measured mitoses nec necrosis net-tumour net-word no-size
            no-tumour other-tumour pathology-word poor size size-elsewhere size-of-more
            states-size typical well
        """,
        "pregnancy": """
            breastfeeding cannot-conceive ended gestation hcg not-breastfeeding not-pregnant
            positive-test pregnant status status-unknown test weeks-pregnant
        """,
        "progression": """
            disease-status former mixed progressive responding stable therapy tumour
            undetermined
        """,
        "receptor": """
            a-scan above against answer-mixed answer-no answer-yes at-present background below
            compared ct-mri earlier elsewhere enhancement equal except fdg formerly in-place
            intended krenning lesion liver liver-only liver-reference mibg mismatch most
            negative non-avid not-a-scan not-assessed not-in not-tumour octreoscan on-scan open
            others-not outside-liver pet-ct positive region some-not spleen sstr sstr-scan
            strong superseded suv to-suggest treatment uptake weak whole
        """,
        "spread": """
            background-words beside beyond bone brain crisis diffuse disseminated distant
            distant-nodes done evidence extrahepatic five four hedged high-burden impending
            lesion-word link liver liver-count liver-dominant liver-lesion liver-only
            liver-share liver-size liver-surgery-excluded localised localised-thing located
            low-burden lung m0 m1 margin margin-clear margin-involved mediastinal-nodes
            metastasis n0 n1 near-nodes net-word no-metastasis-meant node-clear node-finding
            node-not-looked-at nodes not-a-total not-tumour-share of-the-liver other-place
            other-stage peritoneum primary primary-word r0 r1 regional resectable resected
            secondary single small specimen-bone specimen-distant-node specimen-liver stage-four
            stage-group stage-one stage-system stage-two-three three tnm-all tnm-m tnm-n toward
            tumour-size tumour-word two unresectable unresected vessel
        """,
        "syndrome": """
            asymptomatic crisis hormonal hormonal-words incidental metanephrines morphology
            non-functioning refractory tumour-words
        """,
        "therapy": """
            capecitabine etoposide filler liver octreotide octreotide-depot temozolomide
        """,
    }.items()
}


def check_family(reader: str, node: Node, vocabulary: Vocabulary) -> None:
    """A problem for each concept that the reader lacks, and for each word that it does not know."""
    entries = dict(node.pairs())
    for name in NAMED.get(reader, ()):
        if name not in entries:
            node.problem(f"the reader {reader} needs the concept {name!r}", f"{name}: ...")
    for entry in entries.values():
        for key, concept in entry.pairs():
            if key == "says":
                _check_says(reader, concept, vocabulary)


def _check_says(reader: str, node: Node, vocabulary: Vocabulary) -> None:
    known = SAYS.get(reader, {})
    for key, value in node.pairs():
        if key.startswith("alone-") and "alone-*" in known:
            continue
        if key not in known:
            value.problem(f"the reader {reader} knows no {key!r}", ", ".join(known) or "nothing")
            continue
        if known[key] == "number" and not re.fullmatch(r"[0-9]+(?: [0-9]+)*", value.text()):
            value.problem(f"{key} is a number", "digits")
        accepted = _accepted(known[key], vocabulary)
        for word in _words(known[key], value):
            if accepted is not None and word not in accepted:
                value.problem(f"{key} is never {word!r}", ", ".join(accepted))


def _accepted(said: Said, vocabulary: Vocabulary) -> tuple[str, ...] | None:
    if said == "fact":
        return tuple(vocabulary.types)
    if isinstance(said, str):
        return None
    if said[0] in ("of", "each of"):
        return vocabulary[said[1]].values if said[1] in vocabulary else None
    return tuple(said)


def _words(said: Said, node: Node) -> list[str]:
    return node.text().split() if said[0] == "each of" else [node.text()]
