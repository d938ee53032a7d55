"""Codes and code systems as mappings/ writes them: LOINC#29593-1 "Cells.Ki-67 ..."."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from cdshooks.errors import KnowledgeProblem
from cdshooks.knowledge.source import Node, read_file

_LOINC_ANSWER = re.compile(r"LA[0-9]+-[0-9]")
_CODE = re.compile(
    r'(?P<system>[A-Za-z0-9-]+)#(?P<code>[^\s"*]+)(?P<prefix>\*)?(?: "(?P<display>[^"]+)")?'
)


# (system, code) as a site sends it -> (short name, code) as `CodeSystems.normal` gives it
LocalCodes: TypeAlias = Mapping[tuple[str, str], tuple[str, str]]


@dataclass(frozen=True, slots=True)
class CodeSystem:
    """A code system: its short name, its canonical URI, and other URIs that mean the same.

    `dotless`: its codes are the same with and without dots. `licence`: whose it is, in words.
    """

    name: str
    uri: str
    aliases: tuple[str, ...]
    dotless: bool
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """One code. `prefix`: every code that begins with it (ICD chapters) is meant."""

    system: str
    code: str
    display: str
    prefix: bool = False


class CodeSystems:
    """The declared systems; `normal` brings a coding of an EHR to (short name, code).

    `local` are codes of the site, each with the standard code that it is read as.
    """

    def __init__(self, systems: Mapping[str, CodeSystem], local: LocalCodes | None = None):
        self.by_name = dict(systems)
        self.local = dict(local or {})
        self._by_uri = {
            uri: system for system in systems.values() for uri in (system.uri, *system.aliases)
        }

    def normal(self, uri: str | None, code: str | None) -> tuple[str, str] | None:
        """(short name, code) of a coding, ICD without dots; None if the system is not declared."""
        system = self._by_uri.get((uri or "").strip().rstrip("/"))
        if not code:
            return None
        code = code.strip()
        if system is None:
            return self._of_site(uri, code)
        return system.name, code.replace(".", "").upper() if system.dotless else code

    def is_mapped(self, uri: str | None, code: str | None) -> bool:
        """Is it a code of the site that is read as a standard one?"""
        return bool(self.local) and self._of_site(uri, (code or "").strip()) is not None

    def _of_site(self, uri: str | None, code: str) -> tuple[str, str] | None:
        return self.local.get(((uri or "").strip().rstrip("/"), code))

    def standard(self, uri: str) -> str | None:
        """The short name of the declared system with this URI or alias."""
        system = self._by_uri.get(uri.rstrip("/"))
        return system.name if system else None

    def with_local(self, local: LocalCodes) -> "CodeSystems":
        """The same systems, with the codes of a site."""
        return CodeSystems(self.by_name, local)

    def key(self, code: Code) -> tuple[str, str]:
        """The form in which `normal` gives this code."""
        dotless = self.by_name[code.system].dotless
        return code.system, code.code.replace(".", "").upper() if dotless else code.code


def read_systems(root: Path, problems: list[KnowledgeProblem]) -> CodeSystems:
    """The code systems of mappings/systems.yaml."""
    node = read_file(root / "systems.yaml", problems)
    systems: dict[str, CodeSystem] = {}
    for name, entry in node.pairs() if node else ():
        fields = entry.fields(("uri", "licence"), ("aliases", "dots"))
        if not {"uri", "licence"} <= fields.keys():
            continue
        aliases = fields["aliases"].items() if "aliases" in fields else []
        systems[name] = CodeSystem(
            name,
            _uri(fields["uri"]),
            tuple(_uri(alias) for alias in aliases),
            "dots" in fields and fields["dots"].one_of(("kept", "optional")) == "optional",
            fields["licence"].text(),
        )
    return CodeSystems(systems)


def _uri(node: Node) -> str:
    uri = node.text().rstrip("/")
    if not re.fullmatch(r"(?:https?://|urn:)\S+", uri):
        node.problem(f"{uri!r} is no URI", "http://..., https://... or urn:...")
    return uri


def read_code(node: Node, systems: CodeSystems, *, needs_display: bool = True) -> Code | None:
    """The code at `node`; None (and a problem) when it is not written as SYSTEM#code "display"."""
    text = node.text()
    found = _CODE.fullmatch(text)
    if not found:
        node.problem(f"cannot read the code {text!r}", 'SYSTEM#code "display"')
        return None
    if found["system"] not in systems.by_name:
        node.problem(f"there is no code system {found['system']!r}", ", ".join(systems.by_name))
        return None
    if needs_display and not found["display"]:
        node.problem("a code needs its display", f'{text} "..."')
        return None
    if found["system"] == "LOINC" and not loinc_checks(found["code"]):
        node.problem(f"{found['code']} is no LOINC code: its check digit is wrong", "see loinc.org")
        return None
    return Code(found["system"], found["code"], found["display"] or "", bool(found["prefix"]))


def read_codes(node: Node | None, systems: CodeSystems) -> tuple[Code, ...]:
    items = node.items() if node else []
    return tuple(code for item in items if (code := read_code(item, systems)))


def loinc_checks(code: str) -> bool:
    """LOINC's mod-10 check digit; the digit of an answer ("LA15173-0") is not of that kind.

    >>> loinc_checks("29593-1"), loinc_checks("9811-9"), loinc_checks("LA15173-0")
    (True, False, True)
    """
    if _LOINC_ANSWER.fullmatch(code):
        return True
    number, _, check = code.partition("-")
    if not (number.isdigit() and check.isdigit()):
        return False
    total = 0
    for place, digit in enumerate(reversed(number)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled // 10 + doubled % 10
    return (10 - total % 10) % 10 == int(check)
