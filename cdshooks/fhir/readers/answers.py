"""The answer of an Observation: by the rule's own answers, else a plain yes or no."""

from collections.abc import Iterable, Mapping
from typing import Any

from cdshooks.fhir.coding import CodeIndex, Key
from cdshooks.fhir.text.folding import normalise
from cdshooks.fhir.text.lexicon import Lexicon
from cdshooks.fhir.text.sentences import sentences
from cdshooks.knowledge.codes import CodeSystems
from cdshooks.knowledge.concepts import Concept
from cdshooks.knowledge.facts import ReadRule

# SNOMED CT qualifiers that may answer any yes-no question (as bound in the mCODE package).
_YES = frozenset({("SNOMED", "10828004"), ("SNOMED", "52101004")})
_NO = frozenset({("SNOMED", "260385009"), ("SNOMED", "2667000"), ("SNOMED", "260415000")})
_YES_WORDS = frozenset(
    {"yes", "y", "true", "positive", "pos", "present", "detected", "reactive", "confirmed"}
    | {"mild", "moderate", "severe", "marked"}
    | {"ja", "oui", "si", "sim", "evet", "positiv", "positif", "positivo", "positiva", "pozitif"}
)
_NO_WORDS = frozenset(
    {"no", "n", "false", "negative", "neg", "absent", "none", "nil", "not detected"}
    | {"non-reactive", "nonreactive", "not present"}
    | {"nein", "non", "nao", "hayir", "negativ", "negatif", "negativo", "negativa"}
    | {"nicht nachweisbar", "keine", "yok", "ausente"}
)
# HL7 v3 ObservationInterpretation, bound to Observation.interpretation in FHIR R4.
_INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
_INTERPRETED = {
    **dict.fromkeys(("POS", "DET", "RR"), True),
    **dict.fromkeys(("NEG", "ND", "NR"), False),
}
_ABOVE_NORMAL = {**dict.fromkeys(("H", "HH", "HU"), True), **dict.fromkeys(("N", "L", "LL"), False)}


class Answers:
    """The coded and worded answers of one rule."""

    def __init__(self, rule: ReadRule, systems: CodeSystems):
        self._codes = CodeIndex(
            ((code, answer.key) for answer in rule.answers for code in answer.codes), systems
        )
        self._words = Lexicon({answer.key: answer.words for answer in rule.answers if answer.words})
        self._by_key = {answer.key: answer for answer in rule.answers}

    def of(self, codes: tuple[Key, ...], part: Mapping[str, Any], printed: str) -> Concept | None:
        """The one answer that codes, a whole number or words give; None if none or several do."""
        if not self._by_key:
            return None
        found = set(self._codes.find(codes))
        if not found and isinstance(part.get("valueInteger"), int):
            number = str(part["valueInteger"])
            found = {key for key, one in self._by_key.items() if one.says["value"] == number}
        if not found:
            hits = [hit for s in sentences(printed) for hit in self._words.find(s)]
            found = {hit.concept for hit in hits if not hit.negated and not hit.doubtful}
        return self._by_key[found.pop()] if len(found) == 1 else None


def plain_answer(codes: Iterable[Key], part: Mapping[str, Any], printed: str) -> bool | None:
    """Yes or no, if the value is nothing else; a lab's own interpretation where it has no value."""
    if isinstance(part.get("valueBoolean"), bool):
        return bool(part["valueBoolean"])
    given = frozenset(codes)
    word = normalise(printed).strip(" .")
    if _YES & given or word in _YES_WORDS:
        return True
    if _NO & given or word in _NO_WORDS:
        return False
    return _interpreted(part, _INTERPRETED)


def above_normal(part: Mapping[str, Any]) -> bool | None:
    """Does the lab flag the result as high? None if it flags nothing."""
    return _interpreted(part, _ABOVE_NORMAL)


def _interpreted(part: Mapping[str, Any], meanings: Mapping[str, bool]) -> bool | None:
    codings = [c for one in part.get("interpretation", ()) for c in one.get("coding", ())]
    codes = [c.get("code") for c in codings if c.get("system") == _INTERPRETATION]
    said = {meanings[code] for code in codes if code in meanings}
    return said.pop() if len(said) == 1 else None
