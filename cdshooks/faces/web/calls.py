"""Hook calls, answered before Flask looks for a view.

Its contexts, routing and signals take more time than all else between the bytes of a call and the
engine. A call needs little of them, and that is here, in the order in which it is done for every
other route: is the name ours, who calls, and then the call itself.
"""

from collections.abc import Callable, Mapping
from typing import Protocol
from wsgiref.types import WSGIEnvironment

from werkzeug.http import parse_options_header

from cdshooks.errors import BodyUnsupported, RequestRefused
from cdshooks.faces.web.answers import JSON, Answer, internal_error, refused
from cdshooks.faces.web.exchange import Exchange
from cdshooks.faces.web.policy import Admit, let_in
from cdshooks.faces.web.wsgi import read_body
from cdshooks.hooks.caller import Caller
from cdshooks.hooks.discovery import Service
from cdshooks.hooks.told import Tell

ROUTE = "/cds-services/<service_id>"

_ABOVE = "/cds-services/"


class Answering(Protocol):
    """The engine, as far as HTTP needs it."""

    @property
    def services(self) -> Mapping[str, Service]: ...
    def discovery(self, caller: Caller) -> bytes: ...
    def answer(
        self,
        service_id: str,
        body: bytes,
        caller: Caller,
        began: float | None = None,
        tell: Tell = ...,
    ) -> bytes: ...


class Calls:
    """What is answered to hook calls. `check` raises RequestRefused for a name that is not ours."""

    def __init__(
        self,
        engine: Answering,
        at_most: int,
        admit: Admit,
        check: Callable[[WSGIEnvironment], None],
    ):
        self._engine, self._at_most, self._admit, self._check = engine, at_most, admit, check

    def answer(self, environ: WSGIEnvironment, exchange: Exchange) -> Answer | None:
        """The answer to a call; None of anything else, which Flask answers."""
        path = environ["PATH_INFO"]
        if environ["REQUEST_METHOD"] != "POST" or not path.startswith(_ABOVE):
            return None
        if "/" in path[len(_ABOVE) :]:
            return None
        try:
            self._check(environ)
            return self._answer(environ, path.encode("latin-1").decode(errors="replace"), exchange)
        except RequestRefused as error:
            exchange.refuse(error)
            return refused(error)
        except Exception as error:  # noqa: BLE001 - the last line before the caller
            return internal_error(error)

    def _answer(self, environ: WSGIEnvironment, path: str, exchange: Exchange) -> Answer:
        exchange.note(route=ROUTE)
        caller = let_in(self._admit, environ.get("HTTP_AUTHORIZATION"), path, exchange)
        service_id = path[len(_ABOVE) :]
        if service_id in self._engine.services:
            exchange.note(service=service_id)
        if not _is_json(environ.get("CONTENT_TYPE", "")):
            raise BodyUnsupported(f"is not {JSON}", "Content-Type")
        body = read_body(environ, self._at_most)
        advice = self._engine.answer(service_id, body, caller, exchange.arrived, exchange.hear)
        length = ("Content-Length", str(len(advice)))
        return Answer(200, [("Content-Type", JSON), length], advice)


def _is_json(content_type: str) -> bool:
    """Without its parameters, and in any case (RFC 9110, 8.3.1)."""
    return content_type == JSON or parse_options_header(content_type)[0].lower() == JSON
