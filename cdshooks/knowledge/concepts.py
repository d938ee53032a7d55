"""Codes and words with one meaning, as the files of mappings/facts/ list them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cdshooks.knowledge.codes import Code, CodeSystems, read_codes
from cdshooks.knowledge.source import Node


@dataclass(frozen=True, slots=True, eq=False)
class Concept:
    """Codes and words with one meaning.

    `never` are look-alike codes that do not have it, and `never_words` what makes another thing of
    a name or phrase ("urine" beside albumin).

    `helps` are words that mean it only beside others ("mass", "liver"): they are heard in a text
    that some `words` have found, and are no reason to read one.

    `key` is unique in a knowledge base. `says` is what it means for the facts of its reader (site:
    ileum, says: progressive ...).
    """

    key: str
    codes: tuple[Code, ...]
    never: tuple[Code, ...]
    words: tuple[str, ...]
    says: Mapping[str, str]
    never_words: tuple[str, ...] = ()
    helps: tuple[str, ...] = ()

    @property
    def heard(self) -> tuple[str, ...]:
        """Every phrase by which it is heard in a text that is read."""
        return (*self.words, *self.helps)


def read_concept(
    key: str, fields: Mapping[str, Node], systems: CodeSystems, says: Mapping[str, str]
) -> Concept:
    """One concept; `key` is its name in the whole knowledge, `says` what it means."""
    return Concept(
        key,
        read_codes(fields.get("codes"), systems),
        read_codes(fields.get("never"), systems),
        _words(fields.get("words")),
        says,
        _words(fields.get("never_words")),
        _words(fields.get("helps")),
    )


def read_concepts(node: Node, systems: CodeSystems, reader: str) -> Mapping[str, Concept]:
    """The concepts of the special reader `reader`, by name."""
    concepts: dict[str, Concept] = {}
    for name, entry in node.pairs():
        fields = entry.fields((), ("codes", "never", "words", "never_words", "helps", "says"))
        said = fields["says"].pairs() if "says" in fields else ()
        says = {key: value.text() for key, value in said}
        concepts[name] = read_concept(f"{reader}/{name}", fields, systems, says)
    return concepts


def _words(node: Node | None) -> tuple[str, ...]:
    """The phrases of every language."""
    listed: list[str] = []
    for language, words in node.pairs() if node else ():
        if not _LANGUAGE.fullmatch(language):
            words.problem(f"{language!r} is no language", "en, de, fr, ...")
        texts = words.texts()
        for at, text in enumerate(texts):
            if not any(map(str.isalnum, text)):
                said = f"{text!r} is no phrase"
                words.items()[at].problem(said, "words of letters and digits")
        listed += texts
    return tuple(listed)


_LANGUAGE: Final = re.compile(r"[a-z]{2}")
