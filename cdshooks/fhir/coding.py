"""Codes and names of a CodeableConcept, brought to the form in which mappings/ writes them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from cdshooks.fhir.text.memory import Remembered
from cdshooks.knowledge.codes import Code, CodeSystems

Key = tuple[str, str]


# What a code means is looked up by it again and again: it is hashed once.
class Coded(msgspec.Struct, frozen=True, gc=False, cache_hash=True):
    """A CodeableConcept as read: normal codes, its text, and the displays of its codings."""

    codes: tuple[Key, ...]
    text: str
    displays: tuple[str, ...]
    printed: str

    @property
    def names(self) -> tuple[str, ...]:
        """What is written about it: the text first; the displays are what codes are called."""
        return (self.text, *self.displays) if self.text else self.displays


NOTHING = Coded((), "", (), "")


def coded(concept: Any, systems: CodeSystems) -> Coded:
    """The content of a CodeableConcept (or of a Coding); NOTHING if it has none."""
    if concept is None or not isinstance(concept, Mapping):  # most often there is none
        return NOTHING
    codings = concept.get("coding")
    listed = codings if isinstance(codings, list) else [concept] if "code" in concept else []
    entries = [coding for coding in listed if isinstance(coding, Mapping)]
    codes = tuple(dict.fromkeys(_normal(entries, systems)))
    text = _text(concept.get("text"))
    displays = tuple(d for coding in entries if (d := _text(coding.get("display"))))
    return Coded(codes, text, displays, _printed(text, displays, entries))


def _normal(entries: Iterable[Mapping[str, Any]], systems: CodeSystems) -> Iterator[Key]:
    for coding in entries:
        key = systems.normal(_text(coding.get("system")), _text(coding.get("code")))
        if key is not None:
            yield key


def _printed(text: str, displays: tuple[str, ...], entries: list[Mapping[str, Any]]) -> str:
    if text or displays:
        return text or displays[0]
    return next((c for coding in entries if (c := _text(coding.get("code")))), "")


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


class CodeIndex:
    """Which of some labelled codes a record's codes match, exactly or (ICD chapters) by prefix."""

    def __init__(self, labelled: Iterable[tuple[Code, Any]], systems: CodeSystems):
        self._exact: dict[Key, list[Any]] = {}
        self._prefixes: dict[str, dict[str, list[tuple[int, Any]]]] = {}
        self._lengths: dict[str, set[int]] = {}
        for place, (code, label) in enumerate(labelled):
            system, text = systems.key(code)
            if code.prefix:
                self._prefixes.setdefault(system, {}).setdefault(text, []).append((place, label))
                self._lengths.setdefault(system, set()).add(len(text))
            else:
                self._exact.setdefault((system, text), []).append(label)
        self._found = Remembered(self._find, length=_length)

    def find(self, codes: tuple[Key, ...]) -> tuple[Any, ...]:
        """The labels of every code that matches, each once, in order."""
        return self._found(codes) if codes else ()

    def _find(self, codes: tuple[Key, ...]) -> tuple[Any, ...]:
        found: dict[Any, None] = {}
        for key in codes:
            if exact := self._exact.get(key):
                found.update(dict.fromkeys(exact))
            if prefixes := self._prefixes.get(key[0]):
                begun = {key[1][:length] for length in self._lengths[key[0]]}
                listed = sorted([one for start in begun for one in prefixes.get(start, ())])
                found.update([(label, None) for _, label in listed])
        return tuple(found)

    def knows(self, codes: tuple[Key, ...]) -> bool:
        return bool(self.find(codes))


def _length(codes: tuple[Key, ...]) -> int:
    return sum([len(code) for _, code in codes])
