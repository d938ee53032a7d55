"""The engine: a record becomes facts, facts an assessment, an assessment cards.

What touches the world is handed in: the knowledge and the clock at the start, with each call the
caller and the way to its FHIR server.
"""

import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import orjson
from msgspec import Raw

from cdshooks.assessing import Assessing, Bodies, Setting
from cdshooks.clinical.assess import Assessment
from cdshooks.errors import DataRequired, InputUnreadable, RequestInvalid, ServiceUnknown
from cdshooks.fhir.memory import Memory
from cdshooks.fhir.record import patient_ids
from cdshooks.hooks.answered import (
    Answered,
    Ids,
    answered,
    is_of_the_call_alone,
    what_was_sent,
)
from cdshooks.hooks.caller import DEFAULT_JURISDICTION, Caller
from cdshooks.hooks.card import Card
from cdshooks.hooks.compose import compose
from cdshooks.hooks.consult import NewUuid, RandomUuids
from cdshooks.hooks.discovery import Service, discovery, for_caller
from cdshooks.hooks.envelope import check_utf8
from cdshooks.hooks.prefetch import collect
from cdshooks.hooks.profile import Profile
from cdshooks.hooks.request import HookRequest, parse_request
from cdshooks.hooks.shape import response
from cdshooks.hooks.told import Advised, Asked, Tell, tell_nobody
from cdshooks.hooks.unavailable import insist_on_a_diagnosis, unavailable_card
from cdshooks.knowledge.load import Knowledge, load

ASSESSMENT = "org.cdshooks-net.assessment"


class Engine:
    """Answers hooks and assesses records with one knowledge base; the caller is told each time.

    `memory` is what it remembers of charts, in at most `memory_bytes`; with 0 it remembers nothing.
    """

    def __init__(
        self,
        knowledge: Knowledge,
        *,
        today: Callable[[], date] = date.today,
        memory_bytes: int = 0,
    ):
        self.knowledge = knowledge
        self.memory = Memory(memory_bytes)
        self._today = today
        self._assessing = Assessing(knowledge, self.memory)

    @classmethod
    def load(
        cls, knowledge_root: Path | None = None, *, local_codes: Path | None = None, **world: Any
    ) -> "Engine":
        """An engine with the knowledge of a folder (the shipped one by default).

        `local_codes`: a file of the site's own codes (docs/local-codes.md).
        """
        return cls(load(knowledge_root, local_codes), **world)

    @property
    def services(self) -> Mapping[str, Service]:
        return self.knowledge.services

    def discovery(self, caller: Caller) -> bytes:
        """The body of `GET /cds-services`: what this caller may use, with its own templates."""
        usable = (one for one in self.services.values() if caller.may_use(one.id))
        return orjson.dumps(discovery(for_caller(one, caller) for one in usable))

    def answer(
        self,
        service_id: str,
        body: bytes,
        caller: Caller,
        began: float | None = None,
        tell: Tell = tell_nobody,
    ) -> bytes:
        """The response body of one call, which came at `began` (time.monotonic(); now).

        `tell` hears for the log what the call is about and what came of it. Raises RequestRefused
        with the status to answer.
        """
        service = self.services.get(service_id)
        if service is None:
            raise ServiceUnknown("there is no such service")
        service = for_caller(service, caller)
        request = parse_request(
            body,
            hook=service.hook,
            sandbox=caller.chooses_setting,
            fhir_client_id=caller.fhir_client_id,
            keys=[template.key for template in service.prefetch],
        )
        tell(Asked(request.hook_instance, request.patient_id))
        began = time.monotonic() if began is None else began
        setting = Setting(
            request.as_of or self._today(), request.jurisdiction or caller.jurisdiction
        )
        if not self.memory.limit:
            advised, answer = self._advise(request, service, caller, setting, began, RandomUuids())
            tell(advised)
            return answer
        form = service.prefetch, caller.profile, caller.gets_assessment
        key = service.id, form, setting, what_was_sent(request, service)
        known: Answered | None = self.memory.get(key)
        if known is not None:
            tell(known.advised)
            return known.again()
        ids = Ids()
        advised, answer = self._advise(request, service, caller, setting, began, ids)
        tell(advised)
        if is_of_the_call_alone(advised):
            known = answered(answer, ids.given, advised)
            self.memory.keep(key, known, known.size())
        return answer

    def _advise(
        self,
        request: HookRequest,
        service: Service,
        caller: Caller,
        setting: Setting,
        began: float,
        new_uuid: NewUuid,
    ) -> tuple[Advised, bytes]:
        """What is told of the answer, and its body."""
        profile = caller.profile
        try:
            collected = collect(request, service, caller.fetch, began)
            assessed = self._assessing.of_request(request, service, collected, setting)
            insist_on_a_diagnosis(assessed, service, collected)
        except DataRequired as error:
            if not caller.missing_as_card:
                raise
            card = unavailable_card(error, service, self.knowledge.edition.version, new_uuid)
            return Advised(_counted([card]), lacking=error.reasons), _response([card], profile)
        cards = compose(
            assessed, self.knowledge, request.patient_id, setting.as_of, new_uuid, profile
        )
        advised = Advised(_counted(cards), collected.states, problems=len(assessed.problems))
        document = self._assessing.document(assessed, setting) if caller.gets_assessment else None
        return advised, _response(cards, profile, document)

    def assess_body(
        self, body: bytes, as_of: date | None = None, jurisdiction: str | None = None
    ) -> list[dict[str, Any]]:
        """The documents, with cards, of a Bundle, a resource or the body of a hook request.

        A Bundle gives one for each patient in it. Raises InputUnreadable.
        """
        try:
            check_utf8(body)
            peek = msgspec.json.decode(body, type=dict[str, Raw])
        except (msgspec.DecodeError, RecursionError, RequestInvalid):
            raise InputUnreadable("is neither a FHIR Bundle nor a CDS Hooks request") from None
        if "hook" in peek:
            return [self._assess_request(body, as_of, jurisdiction)]
        if "resourceType" not in peek:
            raise InputUnreadable("is neither a FHIR Bundle nor a CDS Hooks request")
        setting = Setting(as_of or self._today(), jurisdiction or DEFAULT_JURISDICTION)
        bodies = (("Bundle", body),)
        patients: Sequence[str | None] = patient_ids(bodies) or [None]
        return [self._assessed(bodies, patient, setting) for patient in patients]

    def _assess_request(
        self, body: bytes, as_of: date | None, jurisdiction: str | None
    ) -> dict[str, Any]:
        hook = _hook_of(body)
        service = next((s for s in self.services.values() if s.hook == hook), None)
        if service is None:
            raise InputUnreadable("is a request of a hook that no service here answers")
        try:
            request = parse_request(body, hook=service.hook, sandbox=True)
        except RequestInvalid as error:
            raise InputUnreadable(str(error)) from None
        collected = collect(request, service, None)
        setting = Setting(
            as_of or request.as_of or self._today(),
            jurisdiction or request.jurisdiction or DEFAULT_JURISDICTION,
        )
        assessed = self._assessing.of_request(request, service, collected, setting)
        return self._with_cards(assessed, request.patient_id, setting)

    def _assessed(self, bodies: Bodies, patient: str | None, setting: Setting) -> dict[str, Any]:
        return self._with_cards(
            self._assessing.of_bodies(bodies, patient, setting), patient, setting
        )

    def _with_cards(
        self, assessed: Assessment, patient: str | None, setting: Setting
    ) -> dict[str, Any]:
        cards = compose(assessed, self.knowledge, patient, setting.as_of, _stable_uuids())
        found = self._assessing.document(assessed, setting)
        if cards:
            found["cards"] = [card.as_json() for card in cards]
        return found


def _counted(cards: Iterable[Card]) -> Mapping[str, int]:
    return Counter(card.indicator for card in cards)


def _response(
    cards: Iterable[Card], profile: Profile, assessment: Mapping[str, Any] | None = None
) -> bytes:
    return response(cards, profile, {ASSESSMENT: assessment} if assessment is not None else None)


def _hook_of(body: bytes) -> str:
    try:
        return str(msgspec.json.decode(body, type=dict[str, Any])["hook"])
    except (msgspec.DecodeError, RecursionError):
        raise InputUnreadable("is no CDS Hooks request") from None


def _stable_uuids() -> Callable[[], uuid.UUID]:
    """Card ids that are the same on every run, for documents that are kept and compared."""
    count = iter(range(1_000_000))
    return lambda: uuid.uuid5(uuid.NAMESPACE_URL, f"urn:cdshooks-net:card:{next(count)}")
