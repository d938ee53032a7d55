"""mappings/ as one typed value, or every problem in it. Nothing is half loaded."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from cdshooks.clinical.assess import OUTCOME_PREFIX, OUTCOMES
from cdshooks.clinical.derive import Derivation, inputs_of
from cdshooks.clinical.treatment import Caveat, Citation, Request, Treatment
from cdshooks.clinical.vocabulary import FactType, Vocabulary
from cdshooks.errors import KnowledgeInvalid, KnowledgeProblem
from cdshooks.knowledge.codes import CodeSystems, read_systems
from cdshooks.knowledge.facts import FactKnowledge, read_facts
from cdshooks.knowledge.local import read_local_codes
from cdshooks.knowledge.rules import (
    Rules,
    read_blocks,
    read_citations,
    read_derivation,
    read_derived_types,
    read_requests,
    read_treatments,
    read_warnings,
)
from cdshooks.knowledge.services import Service, read_services
from cdshooks.knowledge.source import read_file, read_folder

READERS = (
    "diagnosis",
    "patient",
    "pathology",
    "receptor",
    "spread",
    "progression",
    "syndrome",
    "therapy",
    "pregnancy",
    "allergy",
    "setting",
)


@dataclass(frozen=True, slots=True)
class Edition:
    """Which knowledge this is: its version, the day it was issued, and how long it may be used.

    `not_assessed` names treatments that it says nothing about: no card is to read as complete.
    """

    version: str
    issued: date
    valid_until: date
    digest: str
    not_assessed: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Knowledge:
    """Everything that mappings/ says."""

    edition: Edition
    systems: CodeSystems
    facts: FactKnowledge
    vocabulary: Vocabulary
    derivations: tuple[Derivation, ...]
    treatments: tuple[Treatment, ...]
    requests: tuple[Request, ...]
    warnings: tuple[Caveat, ...]
    citations: Mapping[str, Citation]
    services: Mapping[str, Service]


def default_root() -> Path:
    """mappings/ beside the package in a checkout, or inside it in a wheel."""
    package = Path(__file__).resolve().parent.parent
    packed = package / "_data" / "mappings"
    return packed if packed.is_dir() else package.parent / "mappings"


def load(root: Path | None = None, local_codes: Path | None = None) -> Knowledge:
    """The knowledge in `root`, with a site's own codes if it has a file of them.

    Raises KnowledgeInvalid with every problem found in either.
    """
    problems: list[KnowledgeProblem] = []
    knowledge = _load(root or default_root(), problems)
    if knowledge is not None and local_codes is not None:
        local = read_local_codes(local_codes, knowledge.systems, knowledge.facts, problems)
        knowledge = replace(knowledge, systems=knowledge.systems.with_local(local))
    if problems or knowledge is None:
        raise KnowledgeInvalid(tuple(dict.fromkeys(problems)))
    return knowledge


def check(root: Path | None = None) -> tuple[KnowledgeProblem, ...]:
    """Every problem of the files in `root`, in the order in which they were read."""
    try:
        load(root)
    except KnowledgeInvalid as error:
        return error.problems
    return ()


def _load(root: Path, problems: list[KnowledgeProblem]) -> Knowledge | None:
    if not root.is_dir():
        problems.append(KnowledgeProblem(root.name, 1, "the folder is missing", "mappings/"))
        return None
    edition = _edition(root, problems)
    systems = read_systems(root, problems)
    facts = read_facts(root, systems, READERS, problems)
    derived = read_derived_types(root, problems)
    vocabulary = _vocabulary(root, facts, [fact_type for fact_type, _ in derived], problems)
    citations = read_citations(root, problems)
    rules = Rules(vocabulary, citations)
    read_blocks(root, rules, problems)
    derivations = [read_derivation(fact_type, node, rules) for fact_type, node in derived]
    if edition is None:
        return None
    return Knowledge(
        edition,
        systems,
        facts,
        vocabulary,
        tuple(_in_order(derivations, problems)),
        read_treatments(root, rules, problems),
        read_requests(root, rules, problems),
        read_warnings(root, rules, problems),
        citations,
        {service.id: service for service in read_services(root, problems)},
    )


def _vocabulary(
    root: Path,
    facts: FactKnowledge,
    derived: Iterable[FactType],
    problems: list[KnowledgeProblem],
) -> Vocabulary:
    """The declared facts, the derived ones, and the outcome of each treatment as a fact."""
    types: dict[str, FactType] = {}
    base = [definition.type for definition in facts.definitions]
    for fact_type in (*base, *derived):
        if fact_type.name in types:
            where = f"{root.name}/facts or derived"
            said = f"{fact_type.name} is declared twice"
            problems.append(KnowledgeProblem(where, 1, said, "one file for each fact"))
        types[fact_type.name] = fact_type
    for _, node in read_folder(root, "treatments", []):
        for key, value in node.pairs():
            if key == "id":
                name = OUTCOME_PREFIX + value.text()
                types[name] = FactType(name, value.text(), "choice", values=OUTCOMES)
    return Vocabulary(types)


def _in_order(
    derivations: list[Derivation], problems: list[KnowledgeProblem]
) -> Iterable[Derivation]:
    """Derivations after those that they ask; a circle is a problem."""
    waiting = {derivation.fact.name: derivation for derivation in derivations}
    while waiting:
        ready = [d for d in waiting.values() if not inputs_of(d) & (waiting.keys() - {d.fact.name})]
        ready = [d for d in ready if d.fact.name not in inputs_of(d)]
        if not ready:
            circle = ", ".join(sorted(waiting))
            said = f"these facts derive from each other: {circle}"
            problems.append(KnowledgeProblem("mappings/derived", 1, said, "no circle"))
            return
        for derivation in ready:
            yield waiting.pop(derivation.fact.name)


def _edition(root: Path, problems: list[KnowledgeProblem]) -> Edition | None:
    node = read_file(root / "knowledge.yaml", root, problems)
    if node is None:
        return None
    fields = node.fields(("version", "issued", "valid_until"), ("means", "not_assessed"))
    dates = []
    for key in ("issued", "valid_until"):
        try:
            dates.append(date.fromisoformat(fields[key].text()))
        except (KeyError, ValueError):
            node.problem(f"{key} is no date", "YYYY-MM-DD")
    if len(dates) != 2 or "version" not in fields:
        return None
    missing = fields["not_assessed"].text() if "not_assessed" in fields else ""
    return Edition(fields["version"].text(), dates[0], dates[1], digest(root), missing)


def digest(root: Path) -> str:
    """sha256 over names and bytes of every YAML file: two equal digests are the same knowledge."""
    total = hashlib.sha256()
    for path in sorted(root.rglob("*.yaml")):
        total.update(path.relative_to(root).as_posix().encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return f"sha256:{total.hexdigest()}"
