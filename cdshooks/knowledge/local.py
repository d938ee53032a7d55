"""A site's own codes, and the standard code that each of them means.

The file belongs to the installation and not to mappings/ (docs/local-codes.md). A mapped code is
read exactly as the standard one; a code that is not mapped is read by its text, as ever.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from cdshooks.errors import KnowledgeProblem
from cdshooks.knowledge.codes import Code, CodeSystems, LocalCodes, read_code
from cdshooks.knowledge.concepts import Concept
from cdshooks.knowledge.facts import FactKnowledge
from cdshooks.knowledge.source import Node, read_file

_URI: Final = re.compile(r"[a-z][a-z0-9+.-]*:[^\s]+", re.IGNORECASE)


def read_local_codes(
    path: Path, systems: CodeSystems, facts: FactKnowledge, problems: list[KnowledgeProblem]
) -> LocalCodes:
    """The standard code of each (system, code) of the file; every mistake goes to `problems`."""
    node = read_file(path, problems)
    if node is None:
        return {}
    fields = node.fields(("maps",), ("site",))
    targets = _Targets(systems, facts)
    local: dict[tuple[str, str], tuple[str, str]] = {}
    for one in fields["maps"].items() if "maps" in fields else ():
        for key, place, means in _mapped(one, systems, targets):
            if key in local:
                place.problem(f"{key[1]!r} of this system is mapped twice", "each code once")
            local[key] = means
    return local


def _mapped(
    node: Node, systems: CodeSystems, targets: "_Targets"
) -> Iterator[tuple[tuple[str, str], Node, tuple[str, str]]]:
    """((system, code), where, standard code) of one local system."""
    fields = node.fields(("system", "codes"), ())
    if len(fields) < 2:
        return
    uri = fields["system"].text().rstrip("/")
    if not _URI.fullmatch(uri):
        fields["system"].problem(f"{uri!r} is no URI", "the URI that the site sends as system")
    if standard := systems.standard(uri):
        said = f"this is {standard} itself, whose codes are read as they are"
        fields["system"].problem(said, "the URI of a system of the site")
    for code, entry in fields["codes"].pairs():
        inner = entry.fields(("display", "means"), ())
        means = targets.code(inner["means"]) if "means" in inner else None
        if "display" in inner and not inner["display"].text():
            inner["display"].problem("a code needs the display of the site", "display: ...")
        if means is not None:
            yield (uri, code.strip()), entry, means


class _Targets:
    """The standard codes that some fact is read from, and their look-alikes."""

    def __init__(self, systems: CodeSystems, facts: FactKnowledge):
        self._systems = systems
        concepts = list(_concepts(facts))
        self._read = [code for concept in concepts for code in concept.codes]
        self._never = {systems.key(code): concept for concept in concepts for code in concept.never}

    def code(self, node: Node) -> tuple[str, str] | None:
        """The standard code at `node`; None (and a problem) when it cannot be a target."""
        code = read_code(node, self._systems, needs_display=False)
        if code is None:
            return None
        key = self._systems.key(code)
        if code.prefix:
            node.problem("a code of the site means one code", "a code without *")
        elif any(self._covers(known, key) for known in self._read):
            return key
        elif key in self._never:
            said = f"{code.system}#{code.code} is a look-alike that is never read"
            node.problem(said, _listed(self._never[key].codes))
        else:
            known = [one for one in self._read if one.system == code.system]
            node.problem(f"no fact is read from {code.system}#{code.code}", _listed(known))
        return None

    def _covers(self, known: Code, key: tuple[str, str]) -> bool:
        system, text = self._systems.key(known)
        return system == key[0] and (key[1].startswith(text) if known.prefix else key[1] == text)


def _concepts(facts: FactKnowledge) -> Iterator[Concept]:
    for definition in facts.definitions:
        for rule in definition.rules:
            yield from (rule.concept, *rule.answers)
    for family in facts.families.values():
        yield from family.concepts.values()


_LISTED: Final = 8


def _listed(codes: Iterable[Code]) -> str:
    """Some of the codes with their displays; every one of them is in mappings/facts."""
    named = [f'{code.system}#{code.code} "{code.display}"' for code in codes]
    more = ", ... (mappings/facts has all)" if len(named) > _LISTED else ""
    return (", ".join(named[:_LISTED]) + more) or "a code of mappings/facts"
