"""CDS Hooks over HTTP: a view takes the body, asks the engine, and a named error names its status.

Nothing clinical and no reading of JSON happens here. Without clients only health is served, because
nobody could be trusted.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Protocol
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask, Response, abort, g, request
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
    internal_error,
    outcome,
    refused,
)
from cdshooks.faces.exchange import EXCHANGE, Edge, Exchange, exchange_of
from cdshooks.faces.policy import ROUTES, Admit, Policy
from cdshooks.faces.wsgi import variable
from cdshooks.hooks.caller import Caller
from cdshooks.hooks.discovery import Service
from cdshooks.hooks.told import Tell
from cdshooks.settings import Settings

_HOST = re.compile(r"(\[[^\]]+\]|[^\[\]:]+)(?::\d{1,5})?")
_CODES = {404: "not-found", 405: "not-supported", 413: "too-long", 415: "not-supported"}


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


Pages = Callable[[Flask, Answering], None]
"""Adds the routes of the sandbox page to an application."""

_ANYBODY = Caller("anybody")  # who looks at an open discovery: it holds no patient data


def create_app(
    engine: Answering,
    settings: Settings,
    admit: Admit | None = None,
    pages: Pages | None = None,
    ready: Callable[[], bool] = lambda: True,
) -> Flask:
    """The WSGI application. Without `admit` it answers nobody; `pages` are for the sandbox."""
    app = _App(Edge.of(settings))
    if settings.sandbox:
        app.before_request(_refuse_rebound_names)
    _add_health(app, ready)
    _add_errors(app)
    if admit is not None:
        _add_services(app, engine, settings)
    if settings.sandbox and pages is not None:
        pages(app, engine)
    app.before_request(partial(_keep_to_policy, settings, admit))
    return app


class _App(Flask):
    """Flask with the paths that clients really send, and the headers that every answer has."""

    def __init__(self, edge: Edge):
        super().__init__("cdshooks", static_folder=None)
        self._edge = edge

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        # The public sandbox joins URLs to //cds-services//id/, and a redirect to the tidy form
        # would break the preflight of a browser.
        parts = [part for part in environ.get("PATH_INFO", "").split("/") if part]
        environ["PATH_INFO"] = "/" + "/".join(parts)
        exchange: Exchange = environ.get(EXCHANGE) or Exchange(
            self._edge, environ["REQUEST_METHOD"], lambda name: environ.get(variable(name))
        )
        environ[EXCHANGE] = exchange

        def start(status: str, headers: Headers, *trouble: Any) -> Any:
            return start_response(status, [*headers, *exchange.end(int(status[:3]))], *trouble)

        with exchange.in_log():
            return super().wsgi_app(environ, start)

    def make_default_options_response(self) -> Response:
        """No body, so no type; Flask's own would be an empty page of HTML."""
        response = super().make_default_options_response()
        response.status_code = 204
        del response.headers["Content-Type"]
        return response


def _keep_to_policy(settings: Settings, admit: Admit | None) -> None:
    """Let the caller in as the policy of the route says, before anything of the body is read.

    A stranger gets the same 401 for a service that there is and for one that there is not.
    """
    rule, exchange = request.url_rule, exchange_of(request.environ)
    if rule is None:
        return
    exchange.note(route=rule.rule)
    if request.method == "OPTIONS":  # a browser asks before it may sign in
        return
    policy, authorization = ROUTES.get(rule.rule), request.headers.get("Authorization")
    if policy is None or (policy is Policy.SANDBOX and not settings.sandbox):
        abort(404)
    if policy is Policy.DISCOVERY and settings.open_discovery and authorization is None:
        g.caller = _ANYBODY
    elif policy in (Policy.DISCOVERY, Policy.TOKEN):
        g.caller = _admitted(admit, authorization)
        exchange.note(client=g.caller.name)


def _admitted(admit: Admit | None, authorization: str | None) -> Caller:
    if admit is None:
        abort(404)
    return admit(authorization, request.path)


def _add_services(app: Flask, engine: Answering, settings: Settings) -> None:
    @app.get("/cds-services")
    def discovery() -> Response:
        return Response(engine.discovery(g.caller), mimetype=JSON)

    @app.post("/cds-services/<service_id>")
    def call(service_id: str) -> Response:
        exchange = exchange_of(request.environ)
        if service_id in engine.services:
            exchange.note(service=service_id)
        if request.mimetype != JSON:
            raise BodyUnsupported(f"is not {JSON}", "Content-Type")
        body = read_body(request.environ, settings.max_body_bytes)
        answer = engine.answer(service_id, body, g.caller, exchange.arrived, exchange.hear)
        return Response(answer, mimetype=JSON)

    @app.post("/cds-services/<service_id>/feedback")
    def feedback(service_id: str) -> Response:
        """Here for its preflight: feedback is not taken yet."""
        del service_id
        raise ServiceUnknown("no feedback is taken for this service")


def _add_health(app: Flask, ready: Callable[[], bool]) -> None:
    @app.get("/healthz")
    def alive() -> Response:
        return Response(b'{"status":"ok"}', mimetype=JSON)

    @app.get("/readyz")
    def readiness() -> Response:
        """The knowledge was read before the service bound; callers must be verifiable too."""
        if exchange_of(request.environ).draining:
            return Response(b'{"status":"draining"}', 503, mimetype=JSON)
        if not ready():
            return Response(b'{"status":"degraded"}', 503, mimetype=JSON)
        return Response(b'{"status":"ok"}', mimetype=JSON)


def _add_errors(app: Flask) -> None:
    @app.errorhandler(RequestRefused)
    def refuse(error: RequestRefused) -> Response:
        exchange_of(request.environ).refuse(error)
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
