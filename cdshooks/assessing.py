"""The clinical half of the engine: what was collected of a patient becomes an assessment.

One record, read once; its facts; what follows from them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from msgspec import Raw

from cdshooks.clinical.assess import Assessment, Assessor
from cdshooks.clinical.document import document
from cdshooks.clinical.fact import Fact, Problem
from cdshooks.clinical.value import Choice
from cdshooks.fhir.body import Body
from cdshooks.fhir.extract import Extractor
from cdshooks.fhir.memory import Memory
from cdshooks.hooks.discovery import Service
from cdshooks.hooks.prefetch import Collected
from cdshooks.hooks.request import HookRequest
from cdshooks.knowledge.load import Edition, Knowledge

Bodies = Sequence[tuple[str, bytes | Raw | Body]]


@dataclass(frozen=True, slots=True)
class Setting:
    """Under which circumstances a record is assessed: the day, the rules of which country."""

    as_of: date
    jurisdiction: str


class Assessing:
    """Assesses records with one knowledge base; `memory` is what it remembers of them."""

    def __init__(self, knowledge: Knowledge, memory: Memory):
        self.knowledge = knowledge
        self.extractor = Extractor(knowledge.facts, knowledge.systems, memory)
        self.assessor = Assessor(
            knowledge.derivations,
            knowledge.treatments,
            knowledge.requests,
            knowledge.warnings,
            knowledge.vocabulary,
        )

    def of_request(
        self, request: HookRequest, service: Service, collected: Collected, setting: Setting
    ) -> Assessment:
        types = {template.key: template.resource_type for template in service.prefetch}
        lacking = frozenset(types[key] for key in collected.not_assessed)
        narrowed = frozenset(types[key] for key in collected.narrowed)
        partly = lacking & {types[key] for key, _ in collected.bodies}
        superseded = partly | {types[key] for key in collected.narrowed.keys() - collected.newest}
        problems = (*collected.problems, *_not_assessed(collected, types))
        return self.of_bodies(
            collected.bodies,
            request.patient_id,
            setting,
            server=request.fhir_server,
            unavailable=lacking | narrowed,
            incomplete=superseded,
            without_older=narrowed,
            problems=problems,
        )

    def of_bodies(
        self,
        bodies: Bodies,
        patient: str | None,
        setting: Setting,
        *,
        server: str | None = None,
        unavailable: frozenset[str] = frozenset(),
        incomplete: frozenset[str] = frozenset(),
        without_older: frozenset[str] = frozenset(),
        problems: tuple[Problem, ...] = (),
    ) -> Assessment:
        record = self.extractor.record_reader.read(
            bodies,
            patient,
            server=server,
            unavailable=unavailable,
            incomplete=incomplete,
            without_older=without_older,
        )
        facts, found = self.extractor.extract(record, setting.as_of)
        jurisdiction = Fact("config.jurisdiction", Choice(frozenset({setting.jurisdiction})))
        facts = self.assessor.derive(facts, jurisdiction)
        withdrawn = _withdrawn(self.knowledge.edition, setting)
        return self.assessor.assess(facts, (*problems, *found, *withdrawn))

    def document(self, assessed: Assessment, setting: Setting) -> dict[str, Any]:
        return document(
            assessed,
            self.knowledge.vocabulary,
            setting.as_of,
            setting.jurisdiction,
            self.knowledge.edition.named(),
        )


def _not_assessed(collected: Collected, types: Mapping[str, str]) -> Iterator[Problem]:
    for key, reason in collected.not_assessed.items():
        yield Problem(types[key], "prefetch", f"not assessed: {reason}")
    for key, names in collected.narrowed.items():
        left_out = f"what {', '.join(names)} of the template leaves out is not assessed"
        yield Problem(types[key], "prefetch", left_out)


def _withdrawn(edition: Edition, setting: Setting) -> Iterator[Problem]:
    """Says in the document, too, that nothing may be concluded by knowledge that is too old."""
    if setting.as_of > edition.not_used_after:
        day = edition.not_used_after.isoformat()
        yield Problem("", "knowledge", f"is not used after {day}: nothing here may be followed")
