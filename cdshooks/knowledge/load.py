"""mappings/ as one typed value, or every problem in it. Nothing is half loaded."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from pathlib import Path

from cdshooks.clinical.derive import Derivation, inputs_of
from cdshooks.clinical.treatment import Caveat, Citation, Request, Treatment
from cdshooks.clinical.vocabulary import (
    NEEDS_PREFIX,
    OUT_OF_DATE,
    OUTCOME_PREFIX,
    SET_ASIDE,
    FactType,
    Vocabulary,
)
from cdshooks.clinical.weigh import OUTCOMES
from cdshooks.errors import KnowledgeInvalid, KnowledgeProblem
from cdshooks.knowledge.codes import CodeSystems, read_systems
from cdshooks.knowledge.facts import FactKnowledge, read_facts
from cdshooks.knowledge.families import check_family
from cdshooks.knowledge.local import read_local_codes
from cdshooks.knowledge.rules.caveats import read_warnings
from cdshooks.knowledge.rules.citations import read_citations
from cdshooks.knowledge.rules.criteria import Block, Rules, read_blocks
from cdshooks.knowledge.rules.derived import read_derivation, read_derived_types
from cdshooks.knowledge.rules.requests import read_requests
from cdshooks.knowledge.rules.treatments import read_treatments
from cdshooks.knowledge.services import Service, read_services
from cdshooks.knowledge.source import Node, as_seen, names_in, read_file
from cdshooks.knowledge.standing import Standing, read_version

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

    After `valid_until` its cards warn; after `not_used_after` one card says that, and no more.
    `not_assessed` names treatments that it says nothing about: no card is to read as complete.
    `local_codes` is the sha256 of the file of the site's own codes, "" without one.
    """

    version: str
    issued: date
    valid_until: date
    not_used_after: date
    digest: str
    not_assessed: str = ""
    local_codes: str = ""

    def named(self) -> dict[str, str]:
        """What an assessment says of the knowledge that it follows."""
        named = {"version": self.version, "digest": self.digest}
        return named | ({"localCodes": self.local_codes} if self.local_codes else {})


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Knowledge:
    """Everything that mappings/ says.

    `standings`: version, status and signatures by folder and name, as in "treatments/everolimus".
    """

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
    blocks: Mapping[str, Block] = field(default_factory=dict)
    standings: Mapping[str, Standing] = field(default_factory=dict)


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
        knowledge = _with_local(knowledge, local_codes, problems)
    if problems or knowledge is None:
        raise KnowledgeInvalid(tuple(dict.fromkeys(problems)))
    return knowledge


def load_version() -> str:
    """Which version of the knowledge is shipped: one file is read. Raises KnowledgeInvalid."""
    problems: list[KnowledgeProblem] = []
    fields = _head(default_root(), problems)
    version = read_version(fields["version"]) if "version" in fields else ""
    if problems:
        raise KnowledgeInvalid(tuple(problems))
    return version


def load_services() -> Mapping[str, Service]:
    """The shipped services by id, without the rest of the knowledge. Raises KnowledgeInvalid."""
    problems: list[KnowledgeProblem] = []
    services = read_services(default_root(), problems)
    if problems:
        raise KnowledgeInvalid(tuple(problems))
    return {service.id: service for service in services}


def _with_local(knowledge: Knowledge, path: Path, problems: list[KnowledgeProblem]) -> Knowledge:
    """The knowledge with the codes of a site, and the digest of their file in its edition."""
    local = read_local_codes(path, knowledge.systems, knowledge.facts, problems)
    if problems:
        return knowledge
    edition = replace(knowledge.edition, local_codes=_sha256(path.read_bytes()))
    return replace(knowledge, edition=edition, systems=knowledge.systems.with_local(local))


def check(root: Path | None = None) -> tuple[KnowledgeProblem, ...]:
    """Every problem of the files in `root`, in the order in which they were read."""
    try:
        load(root)
    except KnowledgeInvalid as error:
        return error.problems
    return ()


# Stands in while the other files are searched for problems; such knowledge is never given out.
_NO_EDITION = Edition("", date.min, date.min, date.min, "")


def _load(root: Path, problems: list[KnowledgeProblem]) -> Knowledge | None:
    if not root.is_dir():
        problems.append(KnowledgeProblem(as_seen(root), 1, "the folder is missing", "mappings/"))
        return None
    edition = _edition(root, problems)
    systems = read_systems(root, problems)
    facts = read_facts(root, systems, READERS, problems)
    derived = read_derived_types(root, problems)
    vocabulary = _vocabulary(root, facts, [fact_type for fact_type, _ in derived], problems)
    for reader, concepts in facts.written:
        check_family(reader, concepts, vocabulary)
    rules = Rules(vocabulary, read_citations(root, problems), systems)
    read_blocks(root, rules, problems)
    derivations = [read_derivation(fact_type, node, rules) for fact_type, node in derived]
    knowledge = Knowledge(
        edition=edition or _NO_EDITION,
        systems=systems,
        facts=replace(facts, written=()),  # checked above, and larger than all that came of it
        vocabulary=vocabulary,
        derivations=tuple(_in_order(derivations, root / "derived", problems)),
        treatments=read_treatments(root, rules, problems),
        requests=read_requests(root, rules, problems),
        warnings=read_warnings(root, rules, problems),
        citations=rules.citations,
        services={service.id: service for service in read_services(root, problems)},
        blocks=rules.blocks,
        standings=rules.standings,
    )
    return knowledge if edition else None


def _vocabulary(
    root: Path,
    facts: FactKnowledge,
    derived: Iterable[FactType],
    problems: list[KnowledgeProblem],
) -> Vocabulary:
    """The declared facts, the derived ones, and what an assessment adds to them."""
    types: dict[str, FactType] = {}
    base = [definition.type for definition in facts.definitions]
    for fact_type in (*base, *derived):
        if fact_type.name in types:
            where = f"{as_seen(root / 'facts')} or derived"
            said = f"{fact_type.name} is declared twice"
            problems.append(KnowledgeProblem(where, 1, said, "one file for each fact"))
        types[fact_type.name] = fact_type
    ids = names_in(root, "treatments")
    added = [FactType(OUTCOME_PREFIX + one, one, "choice", values=OUTCOMES) for one in ids]
    names = tuple(types)
    added += [FactType(NEEDS_PREFIX + one, one, "members", values=names) for one in ids]
    added += [FactType(OUT_OF_DATE, "Data out of date", "flag")]
    added += [FactType(SET_ASIDE, "Values set aside", "flag")]
    return Vocabulary({**types, **{fact_type.name: fact_type for fact_type in added}})


def _in_order(
    derivations: list[Derivation], folder: Path, problems: list[KnowledgeProblem]
) -> Iterable[Derivation]:
    """Derivations after those that they ask; a circle is a problem."""
    waiting = {derivation.fact.name: derivation for derivation in derivations}
    while waiting:
        ready = [d for d in waiting.values() if not inputs_of(d) & (waiting.keys() - {d.fact.name})]
        ready = [d for d in ready if d.fact.name not in inputs_of(d)]
        if not ready:
            circle = ", ".join(sorted(waiting))
            said = f"these facts derive from each other: {circle}"
            problems.append(KnowledgeProblem(as_seen(folder), 1, said, "no circle"))
            return
        for derivation in ready:
            yield waiting.pop(derivation.fact.name)


def _head(root: Path, problems: list[KnowledgeProblem]) -> Mapping[str, Node]:
    """What knowledge.yaml says, by key; nothing if it cannot be read."""
    node = read_file(root / "knowledge.yaml", problems)
    return node.fields(("version", *_DAYS), ("not_assessed",)) if node is not None else {}


def _edition(root: Path, problems: list[KnowledgeProblem]) -> Edition | None:
    fields = _head(root, problems)
    missing = fields["not_assessed"].text() if "not_assessed" in fields else ""
    if not {"version", *_DAYS} <= fields.keys():
        return None
    days = {name: day for name in _DAYS if (day := _day(fields[name]))}
    if len(days) < len(_DAYS):
        return None
    for earlier, later in pairwise(_DAYS):
        if days[later] < days[earlier]:
            fields[later].problem(f"{later} is before {earlier}", "a later day")
    version = read_version(fields["version"])
    issued, until, last = (days[name] for name in _DAYS)
    return Edition(version, issued, until, last, digest(root), missing)


_DAYS = ("issued", "valid_until", "not_used_after")


def _day(node: Node) -> date | None:
    try:
        return date.fromisoformat(node.text())
    except ValueError:
        node.problem(f"{node.text()!r} is no date", "YYYY-MM-DD")
        return None


def digest(root: Path) -> str:
    """sha256 over names and bytes of every YAML file: two equal digests are the same knowledge."""
    total = hashlib.sha256()
    for path in sorted(root.rglob("*.yaml")):
        total.update(path.relative_to(root).as_posix().encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return f"sha256:{total.hexdigest()}"


def _sha256(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
