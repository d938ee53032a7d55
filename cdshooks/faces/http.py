"""CDS Hooks over HTTP: a view takes the body, asks the engine, and a named error names its status.

Nothing clinical and no reading of JSON happens here. Outside of the sandbox only health is served,
because no client is configured that could be trusted.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from cdshooks.clients.urls import is_loopback
from cdshooks.errors import (
    BodyTooLarge,
    BodyUnsupported,
    RequestInvalid,
    RequestRefused,
    ServiceUnknown,
)
from cdshooks.faces.answers import (
    JSON,
    Answer,
    Headers,
    HostRefused,
    common_headers,
    internal_error,
    outcome,
    refused,
)
from cdshooks.hooks.caller import Caller
from cdshooks.hooks.discovery import Service
from cdshooks.settings import Settings

_HOST = re.compile(r"(\[[^\]]+\]|[^\[\]:]+)(?::\d{1,5})?")
_CODES = {404: "not-found", 405: "not-supported", 413: "too-long", 415: "not-supported"}


class Answering(Protocol):
    """The engine, as far as HTTP needs it."""

    @property
    def services(self) -> Mapping[str, Service]: ...
    def discovery(self, caller: Caller) -> bytes: ...
    def answer(
        self, service_id: str, body: bytes, caller: Caller, began: float | None = None
    ) -> bytes: ...


Admit = Callable[[str | None, str], Caller]
"""(Authorization header, path of the URL that was called) -> who calls, or RequestRefused."""

Pages = Callable[[Flask, Answering], None]
"""Adds the routes of the sandbox page to an application."""


def create_app(
    engine: Answering, settings: Settings, admit: Admit | None = None, pages: Pages | None = None
) -> Flask:
    """The WSGI application. Without `admit` it answers nobody; `pages` are for the sandbox."""
    app = _App(sandbox=settings.sandbox)
    _add_health(app)
    _add_errors(app)
    if admit is not None:
        _add_services(app, engine, settings, admit)
    if settings.sandbox:
        app.before_request(_refuse_rebound_names)
        if pages is not None:
            pages(app, engine)
    return app


class _App(Flask):
    """Flask with the paths that clients really send, and the headers that every answer has."""

    def __init__(self, *, sandbox: bool):
        super().__init__("cdshooks", static_folder=None)
        self._sandbox = sandbox

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        # The public sandbox joins URLs to //cds-services//id/, and a redirect to the tidy form
        # would break the preflight of a browser.
        parts = [part for part in environ.get("PATH_INFO", "").split("/") if part]
        environ["PATH_INFO"] = "/" + "/".join(parts)
        preflight = environ["REQUEST_METHOD"] == "OPTIONS"
        common = common_headers(sandbox=self._sandbox, preflight=preflight)

        def start(status: str, headers: Headers, *trouble: Any) -> Any:
            return start_response(status, [*headers, *common], *trouble)

        return super().wsgi_app(environ, start)

    def make_default_options_response(self) -> Response:
        """No body, so no type; Flask's own would be an empty page of HTML."""
        response = super().make_default_options_response()
        response.status_code = 204
        del response.headers["Content-Type"]
        return response


def _add_services(app: Flask, engine: Answering, settings: Settings, admit: Admit) -> None:
    def caller() -> Caller:
        return admit(request.headers.get("Authorization"), request.path)

    @app.get("/cds-services")
    def discovery() -> Response:
        return Response(engine.discovery(caller()), mimetype=JSON)

    @app.post("/cds-services/<service_id>")
    def call(service_id: str) -> Response:
        calling = caller()
        if request.mimetype != JSON:
            raise BodyUnsupported(f"is not {JSON}", "Content-Type")
        body = read_body(request.environ, settings.max_body_bytes)
        return Response(engine.answer(service_id, body, calling), mimetype=JSON)

    @app.post("/cds-services/<_service_id>/feedback")
    def feedback(_service_id: str) -> Response:
        """Here for its preflight: feedback is not taken yet."""
        caller()
        raise ServiceUnknown("no feedback is taken for this service")


def _add_health(app: Flask) -> None:
    @app.get("/healthz")
    @app.get("/readyz")
    def health() -> Response:
        """The knowledge was read before the service bound, so who answers is also ready."""
        return Response(b'{"status":"ok"}', mimetype=JSON)


def _add_errors(app: Flask) -> None:
    @app.errorhandler(RequestRefused)
    def refuse(error: RequestRefused) -> Response:
        return _response(refused(error))

    @app.errorhandler(HTTPException)
    def no_such_thing(error: HTTPException) -> Response:
        """What Flask refuses by itself, with its Allow header and without its HTML."""
        status = error.code or 500
        methods = sorted(getattr(error, "valid_methods", None) or ())
        allow = [("Allow", ", ".join(methods))] if methods else []
        return _response(outcome(status, _CODES.get(status, "invalid"), error.name, allow))

    @app.errorhandler(Exception)
    def own_mistake(error: Exception) -> Response:
        return _response(internal_error(error))


def _response(answer: Answer) -> Response:
    return Response(answer.body, answer.status, answer.headers)


def _refuse_rebound_names() -> None:
    """A page of another site may point its own name at 127.0.0.1, but it cannot change Host."""
    host = _HOST.fullmatch(request.environ.get("HTTP_HOST", ""))
    if host is None or not is_loopback(host[1]):
        raise HostRefused("the sandbox answers to localhost only", "Host")


def read_body(environment: WSGIEnvironment, at_most: int) -> bytes:
    """The body in one read; Werkzeug's own way costs 15 times as much for a large one.

    The limit is checked again for a WSGI server that has no awaited body in front.
    """
    length = environment.get("CONTENT_LENGTH")
    if length and not (length.isascii() and length.isdigit()):
        raise RequestInvalid("is not a number", "Content-Length")
    size = int(length) if length else at_most + 1
    if length and size > at_most:
        raise BodyTooLarge(f"more than {at_most} bytes", "body")
    if not length and not environment.get("wsgi.input_terminated"):
        return b""
    body: bytes = environment["wsgi.input"].read(size)
    if len(body) > at_most:
        raise BodyTooLarge(f"more than {at_most} bytes", "body")
    if length and len(body) != size:
        raise RequestInvalid("is shorter than Content-Length says", "body")
    return body
