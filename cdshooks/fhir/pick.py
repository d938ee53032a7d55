"""Which resources of a record are worth reading: those whose codes or words some fact is read by.

The verdict on a code is remembered by its bytes, since a chart repeats the same few hundred codes.
"""

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

from cdshooks.fhir.coding import CodeIndex, coded
from cdshooks.fhir.drugs import MEDICATIONS
from cdshooks.fhir.peek import Peek, text
from cdshooks.fhir.text.lexicon import Lexicon
from cdshooks.fhir.text.memory import SHORT
from cdshooks.fhir.text.sentences import Sentence, each_sentence, sentences
from cdshooks.knowledge.codes import Code, CodeSystems
from cdshooks.knowledge.concepts import Concept

TEXT_LENGTH = 100_000  # characters of one report that are read; the rest is named
REMEMBERED = (
    10_000  # codes, and as many answers; a bound, so that made-up codes cannot fill the memory
)


class _Component(msgspec.Struct, gc=False):
    code: Raw | UnsetType = UNSET
    valueString: Raw | UnsetType = UNSET  # noqa: N815
    valueCodeableConcept: Raw | UnsetType = UNSET  # noqa: N815


class _Note(msgspec.Struct, gc=False):
    text: str = ""


_NOTES = msgspec.json.Decoder(list[_Note])
_COMPONENTS = msgspec.json.Decoder(list[_Component])


class Picker:
    """Picks by the codes and names of all facts, and by the words that are looked for in prose."""

    def __init__(
        self,
        codes: Iterable[Code],
        names: Iterable[Concept],
        prose: Iterable[Concept],
        systems: CodeSystems,
    ):
        names = list(names)
        self._index = CodeIndex(((code, code) for code in codes), systems)
        self._names = Lexicon({one.key: one.words for one in names if one.words})
        self._never = Lexicon({one.key: one.never_words for one in names if one.never_words})
        self._prose = Lexicon({one.key: one.words for one in prose if one.words})
        self._systems = systems
        self._codes: dict[bytes, bool] = {}
        self._values: dict[bytes, bool] = {}
        self._named: dict[str, bool] = {}

    def wanted(self, peeks: Iterable[Peek], types: AbstractSet[str]) -> list[int]:
        """The places of the resources of these types that are candidates of some fact."""
        # Most of a record are results with a code that is known, and nothing else that is asked
        # for: for those this calls nothing of ours.
        verdict = self._codes.get
        return [
            place
            for place, peek in enumerate(peeks)
            if peek.resourceType in types
            and (
                (
                    (code := peek.code) is not UNSET
                    and ((known := verdict(bytes(code))) or (known is None and self._concept(code)))
                )
                or peek.hasMember is not UNSET  # a panel may tell of which disease its members are
                or (peek.component is not UNSET and self._components(peek.component))
                or (peek.valueString is not UNSET and self._prosaic(peek.valueString))
                or (
                    peek.valueCodeableConcept is not UNSET
                    and self._value(peek.valueCodeableConcept)
                )
                or (peek.note is not UNSET and self._noted(peek.note))
                or (peek.resourceType != "Observation" and self._reports_or_treats(peek))
            )
        ]

    def _reports_or_treats(self, peek: Peek) -> bool:
        """Does it tell some fact in an element that an Observation does not have?"""
        drug = peek.medicationCodeableConcept
        return (
            peek.medicationReference is not UNSET
            or peek.presentedForm is not UNSET
            or (drug is not UNSET and self._concept(drug))
            or (peek.conclusion is not UNSET and self._prosaic(peek.conclusion))
            or (peek.conclusionCode is not UNSET and self._value(peek.conclusionCode))
            # A drug that is not named as in R4 is looked at, so that it is no silence.
            or (drug is UNSET and peek.resourceType in MEDICATIONS)
        )

    def reads(self, concept: Any) -> bool:
        """Is a CodeableConcept the code or the name of something that is read?"""
        return self._concept(Raw(msgspec.json.encode(concept)))

    def _components(self, raw: Raw) -> bool:
        try:
            components = _COMPONENTS.decode(raw)
        except (msgspec.DecodeError, RecursionError):
            return True  # read it, so that what is wrong with it is named
        for part in components:
            code = part.code
            if (
                (code is not UNSET and self._codes.get(bytes(code), True) and self._concept(code))
                or (
                    part.valueCodeableConcept is not UNSET
                    and self._value(part.valueCodeableConcept)
                )
                or (part.valueString is not UNSET and self._prosaic(part.valueString))
            ):
                return True
        return False

    def _noted(self, raw: Raw) -> bool:
        try:
            notes = _NOTES.decode(raw)
        except (msgspec.DecodeError, RecursionError):
            return True
        return any(self._speaks(note.text) for note in notes)

    def _prosaic(self, raw: Raw) -> bool:
        written = text(raw)
        return written is None or self._speaks(written)

    def _concept(self, raw: Raw) -> bool:
        """Is it the code or the name of something that is read?"""
        key = bytes(raw)
        verdict = self._codes.get(key)
        return self._judge(key, self._is_named, self._codes) if verdict is None else verdict

    def _value(self, raw: Raw) -> bool:
        """Is it an answer whose code or words are read?"""
        key = bytes(raw)
        verdict = self._values.get(key)
        return self._judge(key, self._speaks, self._values) if verdict is None else verdict

    def _judge(self, key: bytes, hears: Callable[[str], bool], known: dict[bytes, bool]) -> bool:
        if len(known) >= REMEMBERED:
            known.clear()
        verdict = known[key] = self._is_heard(key, hears)
        return verdict

    def _is_heard(self, raw: bytes, hears: Callable[[str], bool]) -> bool:
        try:
            decoded = msgspec.json.decode(raw)
        except (msgspec.DecodeError, RecursionError):
            return True
        for one in decoded if isinstance(decoded, list) else [decoded]:
            if not isinstance(one, dict):
                return True
            concept = coded(one, self._systems)
            if self._index.knows(concept.codes) or any(map(hears, concept.names)):
                return True
        return False

    def _is_named(self, name: str) -> bool:
        """Does a name name a concept, and not a thing that only has its word?"""
        verdict = self._named.get(name)
        if verdict is None:
            if len(self._named) >= REMEMBERED:
                self._named.clear()
            verdict = self._named[name] = any(map(self._names_one, sentences(name)))
        return verdict

    def _names_one(self, sentence: Sentence) -> bool:
        barred = {hit.concept for hit in self._never.find(sentence)}
        return any(hit.concept not in barred for hit in self._names.find(sentence))

    def _speaks(self, written: str) -> bool:
        # What a short text is divided into is remembered: the chart reads the same one again.
        read = sentences if len(written) <= SHORT else each_sentence
        return any(map(self._prose.names_any, read(written, TEXT_LENGTH)))
