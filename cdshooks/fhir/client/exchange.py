"""The requests that one search sends to a FHIR server, with one second try among them."""

import random
import time
from dataclasses import dataclass, field
from typing import NamedTuple

from cdshooks.fhir.base import FhirBase
from cdshooks.outbound.restraint import Restraint
from cdshooks.outbound.session import Answer, NotDelivered, Room, Session

TOO_MANY = 429

_FORM = "application/x-www-form-urlencoded"
_PASSING = frozenset({500, 502, 503, 504})
_UNAVAILABLE = 503
_JITTER = random.SystemRandom()
_JITTER_SECONDS = (0.005, 0.03)


@dataclass(frozen=True, slots=True)
class Server:
    """A base with the connections to it and what was learned about it."""

    base: FhirBase
    session: Session
    restraint: Restraint


class Request(NamedTuple):
    """A GET, or a POST to _search with its `form`, which reads as much as a GET."""

    url: str
    form: str | None = None

    @property
    def method(self) -> str:
        return "GET" if self.form is None else "POST"


@dataclass
class Exchange:
    """`alive`: whether the server answered at all; None while nobody can tell.

    Its silence only says something of it if it had `fair` seconds, since a call may reach us late.
    """

    server: Server
    token: str | None = field(repr=False)
    deadline: float
    room: Room
    fair: float
    retried: bool = False
    alive: bool | None = None

    def ask(self, request: Request) -> Answer:
        """The answer, asked for once more if it was a fault that may have passed.

        Raises NotDelivered.
        """
        try:
            answer = self._once(request)
        except NotDelivered as error:
            if not error.again or not self._waited():
                raise
            return self._once(request)
        passing = answer.status in _PASSING and answer.retry_after is None
        return self._once(request) if passing and self._waited() else answer

    def _waited(self) -> bool:
        """Wait a moment for a second try, of which a search has one and only within its time."""
        pause = _JITTER.uniform(*_JITTER_SECONDS)
        if self.retried or time.monotonic() + 2 * pause > self.deadline:
            return False
        self.retried = True
        time.sleep(pause)
        return True

    def _once(self, request: Request) -> Answer:
        paused = self.server.restraint.paused()
        if paused is not None:
            raise NotDelivered(paused)
        known = self.alive
        if time.monotonic() + self.fair <= self.deadline:
            self.alive = known or False  # before it is asked: at the deadline nobody waits for us
        try:
            answer = self._sent(request)
        except NotDelivered as error:
            self.alive = self.alive if error.dead else known
            raise
        self.alive = known or answer.status not in _PASSING
        if answer.status == TOO_MANY or (answer.status == _UNAVAILABLE and answer.retry_after):
            self.server.restraint.pause(answer.retry_after)
        return answer

    def _sent(self, request: Request) -> Answer:
        headers = {"Accept": "application/fhir+json"}
        if request.form is not None:
            headers["Content-Type"] = _FORM
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return self.server.session.ask(
            request.method,
            request.url,
            headers,
            deadline=self.deadline,
            room=self.room,
            form=request.form,
        )
