"""Which resources of a record are worth reading: those whose codes or words some fact is read by.

The verdict on a code is remembered by its bytes, since a chart repeats the same few hundred codes.
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

from cdshooks.fhir.bundle import Peek, text
from cdshooks.fhir.coding import CodeIndex, coded
from cdshooks.fhir.text.lexicon import Lexicon
from cdshooks.fhir.text.sentences import Sentence, sentences
from cdshooks.knowledge.codes import Code, CodeSystems
from cdshooks.knowledge.concepts import Concept

TEXT_LENGTH = 100_000  # characters of one report that are read; the rest is named
MEDICATIONS = frozenset({"MedicationRequest", "MedicationStatement", "MedicationAdministration"})
REMEMBERED = 20_000  # codes; a bound, so that made-up codes cannot fill the memory


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
        self._verdicts: dict[bytes, bool] = {}
        self._named: dict[str, bool] = {}

    def wants(self, peek: Peek) -> bool:
        """Is the resource a candidate of some fact?"""
        if any(map(self._concept, (peek.code, peek.medicationCodeableConcept))):
            return True
        # A panel may tell of which disease its members are.
        listed = (peek.medicationReference, peek.presentedForm, peek.hasMember)
        if any(one is not UNSET for one in listed) or _names_no_drug(peek):
            return True
        if any(map(self._value, (peek.valueCodeableConcept, peek.conclusionCode))):
            return True
        if any(map(self._prosaic, (peek.valueString, peek.conclusion))):
            return True
        if peek.note is not UNSET and self._noted(peek.note):
            return True
        return peek.component is not UNSET and self._components(peek.component)

    def reads(self, concept: Any) -> bool:
        """Is a CodeableConcept the code or the name of something that is read?"""
        return self._concept(Raw(msgspec.json.encode(concept)))

    def _components(self, raw: Raw) -> bool:
        try:
            components = _COMPONENTS.decode(raw)
        except (msgspec.DecodeError, RecursionError):
            return True  # read it, so that what is wrong with it is named
        return any(
            self._concept(part.code)
            or self._value(part.valueCodeableConcept)
            or self._prosaic(part.valueString)
            for part in components
        )

    def _noted(self, raw: Raw) -> bool:
        try:
            notes = _NOTES.decode(raw)
        except (msgspec.DecodeError, RecursionError):
            return True
        return any(self._speaks(note.text) for note in notes)

    def _prosaic(self, raw: Raw | UnsetType) -> bool:
        written = text(raw)
        return raw is not UNSET if written is None else self._speaks(written)

    def _concept(self, raw: Raw | UnsetType) -> bool:
        """Is it the code or the name of something that is read?"""
        return raw is not UNSET and self._remembered(bytes(raw), self._is_named)

    def _value(self, raw: Raw | UnsetType) -> bool:
        """Is it an answer whose code or words are read?"""
        return raw is not UNSET and self._remembered(b"=" + bytes(raw), self._speaks)

    def _remembered(self, key: bytes, hears: Callable[[str], bool]) -> bool:
        verdict = self._verdicts.get(key)
        if verdict is None:
            if len(self._verdicts) >= REMEMBERED:
                self._verdicts.clear()
            verdict = self._verdicts[key] = self._judge(key.removeprefix(b"="), hears)
        return verdict

    def _judge(self, raw: bytes, hears: Callable[[str], bool]) -> bool:
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
        return any(self._prose.find(sentence) for sentence in sentences(written, TEXT_LENGTH))


def _names_no_drug(peek: Peek) -> bool:
    """Is it a drug, named as R4 does not name one? It is looked at, so that it is no silence."""
    named = (peek.medicationCodeableConcept, peek.medicationReference)
    return peek.resourceType in MEDICATIONS and all(one is UNSET for one in named)
