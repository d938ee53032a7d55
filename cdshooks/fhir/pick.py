"""Which resources of a record are worth reading: those whose codes or words some fact is read by.

The verdict on a code is remembered by its bytes, since a chart repeats the same few hundred codes.
"""

from collections.abc import Iterable

import msgspec
from msgspec import UNSET, Raw, UnsetType

from cdshooks.fhir.bundle import Peek, text
from cdshooks.fhir.coding import CodeIndex, coded
from cdshooks.fhir.text import Lexicon, sentences
from cdshooks.knowledge.codes import Code, CodeSystems

REMEMBERED = 20_000  # codes; a bound, so that made-up codes cannot fill the memory


class _Component(msgspec.Struct, gc=False):
    code: Raw | UnsetType = UNSET
    valueString: Raw | UnsetType = UNSET  # noqa: N815
    valueCodeableConcept: Raw | UnsetType = UNSET  # noqa: N815


_COMPONENTS = msgspec.json.Decoder(list[_Component])


class Picker:
    """Picks by the codes of all facts, and by the words of all facts."""

    def __init__(self, codes: Iterable[Code], lexicon: Lexicon, systems: CodeSystems):
        self._index = CodeIndex(((code, code) for code in codes), systems)
        self._lexicon, self._systems = lexicon, systems
        self._verdicts: dict[bytes, bool] = {}

    def wants(self, peek: Peek) -> bool:
        """Is the resource a candidate of some fact?"""
        concepts = (
            peek.code,
            peek.medicationCodeableConcept,
            peek.medicationReference,
            peek.valueCodeableConcept,
            peek.conclusionCode,
        )
        if any(self._concept(raw) for raw in concepts):
            return True
        if peek.presentedForm is not UNSET:
            return True
        if any(self._prose(raw) for raw in (peek.valueString, peek.conclusion)):
            return True
        if peek.note is not UNSET and self._speaks(bytes(peek.note).decode("utf-8", "replace")):
            return True
        return peek.component is not UNSET and self._components(peek.component)

    def _components(self, raw: Raw) -> bool:
        try:
            components = _COMPONENTS.decode(raw)
        except (msgspec.DecodeError, RecursionError):
            return True  # read it, so that what is wrong with it is named
        return any(
            self._concept(part.code)
            or self._concept(part.valueCodeableConcept)
            or self._prose(part.valueString)
            for part in components
        )

    def _prose(self, raw: Raw | UnsetType) -> bool:
        written = text(raw)
        return raw is not UNSET if written is None else self._speaks(written)

    def _concept(self, raw: Raw | UnsetType) -> bool:
        if raw is UNSET:
            return False
        key = bytes(raw)
        verdict = self._verdicts.get(key)
        if verdict is None:
            if len(self._verdicts) >= REMEMBERED:
                self._verdicts.clear()
            verdict = self._verdicts[key] = self._judge(key)
        return verdict

    def _judge(self, raw: bytes) -> bool:
        try:
            decoded = msgspec.json.decode(raw)
        except (msgspec.DecodeError, RecursionError):
            return True
        listed = decoded if isinstance(decoded, list) else [decoded]
        for one in listed:
            if not isinstance(one, dict):
                return True
            concept = coded(one, self._systems)
            if self._index.knows(concept.codes):
                return True
            names = [*concept.names, *(one[k] for k in ("display",) if isinstance(one.get(k), str))]
            if any(self._speaks(name) for name in names) or "reference" in one:
                return True
        return False

    def _speaks(self, written: str) -> bool:
        return any(self._lexicon.find(sentence) for sentence in sentences(written))
