"""The engine: a record becomes facts, facts an assessment, an assessment cards.

What touches the world is handed in: the knowledge and the clock at the start, with each call the
caller and the way to its FHIR server.
"""

import time
import uuid
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import orjson
from msgspec import Raw

from cdshooks.assessing import Assessing, Bodies, Setting
from cdshooks.clinical.assess import Assessment
from cdshooks.errors import (
    DataRequired,
    InputUnreadable,
    RequestInvalid,
    RequestRefused,
    ServiceUnknown,
)
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
from cdshooks.hooks.discovery import Service, discovery, for_caller
from cdshooks.hooks.given import NEITHER, hook_name, members
from cdshooks.hooks.ids import NewUuid, RandomUuids
from cdshooks.hooks.prefetch import collect
from cdshooks.hooks.profile import Profile
from cdshooks.hooks.request import HookRequest, parse_request
from cdshooks.hooks.shape import response
from cdshooks.hooks.told import Advised, Asked, Tell, tell_nobody
from cdshooks.hooks.unavailable import insist_on_a_diagnosis, unavailable_card
from cdshooks.hooks.unchanged import (
    STAND_IN,
    Apart,
    Unchanged,
    apart,
    holds_the_mark,
    is_one_object,
)
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
        began = time.monotonic() if began is None else began
        call = _Call(for_caller(service, caller), caller, self._today(), began, tell)
        if not self.memory.limit:
            advised, answer = self._advise(call, call.read(body), RandomUuids())
            tell(advised)
            return answer
        cut = apart(body)
        known = self._unchanged(call, cut) if cut is not None else None
        return known or self._remembered(call, body, cut)

    def _unchanged(self, call: "_Call", cut: Apart) -> bytes | None:
        """The answer to a call of which the prefetch is the same to the byte as one before.

        What is wrong with the rest is told by who reads the whole.
        """
        try:
            request = call.parse(cut.head, (STAND_IN,))
        except RequestRefused:
            return None
        if not holds_the_mark(request.prefetch):
            return None
        known: Unchanged | None = self.memory.get(call.key(request, cut.place(request)))
        if known is None or known.digest != cut.digest():
            return None
        call.tell(Asked(request.hook_instance, request.patient_id))
        call.tell(known.answered.advised)
        return known.answered.again()

    def _remembered(self, call: "_Call", body: bytes, cut: Apart | None) -> bytes:
        """The answer, known or made. The next call that says the same finds it."""
        request = call.read(body)
        key = call.key(request, what_was_sent(request, call.service))
        known: Answered | None = self.memory.get(key)
        if known is not None:
            call.tell(known.advised)
            answer = known.again()
        else:
            ids = Ids()
            advised, answer = self._advise(call, request, ids)
            call.tell(advised)
            if not is_of_the_call_alone(advised):
                return answer
            known = answered(answer, ids.given, advised)
            self.memory.keep(key, known, known.size())
        if cut is not None and is_one_object(cut.prefetch, request.prefetch):
            unchanged = Unchanged(cut.digest(), known)
            self.memory.keep(call.key(request, cut.place(request)), unchanged, known.size())
        return answer

    def _advise(
        self, call: "_Call", request: HookRequest, new_uuid: NewUuid
    ) -> tuple[Advised, bytes]:
        """What is told of the answer, and its body."""
        service, caller, setting = call.service, call.caller, call.setting(request)
        profile = caller.profile
        try:
            collected = collect(request, service, caller.fetch, call.began)
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
        given = members(body)
        if "hook" in given:
            return [self._assess_request(given["hook"], body, as_of, jurisdiction)]
        if "resourceType" not in given:
            raise InputUnreadable(NEITHER)
        setting = Setting(as_of or self._today(), jurisdiction or DEFAULT_JURISDICTION)
        bodies = (("Bundle", body),)
        patients: Sequence[str | None] = patient_ids(bodies) or [None]
        return [self._assessed(bodies, patient, setting) for patient in patients]

    def _assess_request(
        self, named: Raw, body: bytes, as_of: date | None, jurisdiction: str | None
    ) -> dict[str, Any]:
        hook = hook_name(named)
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


@dataclass(frozen=True, slots=True)
class _Call:
    """One call: to which service, by whom, on which day, since when, and who hears of it."""

    service: Service
    caller: Caller
    day: date
    began: float
    tell: Tell

    def read(self, body: bytes) -> HookRequest:
        request = self.parse(body, [template.key for template in self.service.prefetch])
        self.tell(Asked(request.hook_instance, request.patient_id))
        return request

    def parse(self, body: bytes, keys: Sequence[str]) -> HookRequest:
        return parse_request(
            body,
            hook=self.service.hook,
            sandbox=self.caller.chooses_setting,
            fhir_client_id=self.caller.fhir_client_id,
            keys=keys,
        )

    def setting(self, request: HookRequest) -> Setting:
        return Setting(request.as_of or self.day, request.jurisdiction or self.caller.jurisdiction)

    def key(self, request: HookRequest, sent: Hashable) -> Hashable:
        """What an answer depends on, `sent` the data of the call; but for what the engine has."""
        form = self.service.prefetch, self.caller.profile, self.caller.gets_assessment
        return self.service.id, form, self.setting(request), sent


def _counted(cards: Iterable[Card]) -> Mapping[str, int]:
    return Counter(card.indicator for card in cards)


def _response(
    cards: Iterable[Card], profile: Profile, assessment: Mapping[str, Any] | None = None
) -> bytes:
    return response(cards, profile, {ASSESSMENT: assessment} if assessment is not None else None)


def _stable_uuids() -> Callable[[], uuid.UUID]:
    """Card ids that are the same on every run, for documents that are kept and compared."""
    count = iter(range(1_000_000))
    return lambda: uuid.uuid5(uuid.NAMESPACE_URL, f"urn:cdshooks-net:card:{next(count)}")
