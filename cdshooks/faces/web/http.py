"""CDS Hooks over HTTP: a view takes the body, asks the engine, and a named error names its status.

Nothing clinical and no reading of JSON happens here. Without clients only health is served, because
nobody could be trusted.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from http import HTTPStatus
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from cdshooks.clients.urls import is_loopback
from cdshooks.errors import RequestRefused, ServiceUnknown
from cdshooks.faces.web.answers import (
    JSON,
    Answer,
    Headers,
    HostRefused,
    internal_error,
    outcome,
    refused,
)
from cdshooks.faces.web.calls import ROUTE, Answering, Calls
from cdshooks.faces.web.exchange import EXCHANGE, Edge, Exchange, exchange_of
from cdshooks.faces.web.openapi import openapi
from cdshooks.faces.web.policy import Admit, keep_to_policy
from cdshooks.faces.web.wsgi import canonical, variable
from cdshooks.settings import Settings

_HOST = re.compile(r"(\[[^\]]+\]|[^\[\]:]+)(?::\d{1,5})?")
_CODES = {404: "not-found", 405: "not-supported", 413: "too-long", 415: "not-supported"}


Pages = Callable[[Flask, Answering], None]
"""Adds the routes of the sandbox page to an application."""


def create_app(
    engine: Answering,
    settings: Settings,
    admit: Admit | None = None,
    pages: Pages | None = None,
    ready: Callable[[], bool] = lambda: True,
) -> Flask:
    """The WSGI application. Without `admit` it answers nobody; `pages` are for the sandbox."""
    check = _refuse_rebound_names if settings.sandbox else _take_any_name
    calls = Calls(engine, settings.max_body_bytes, admit, check) if admit is not None else None
    app = _App(Edge.of(settings), calls)
    app.before_request(lambda: check(request.environ))
    _add_health(app, ready)
    _add_errors(app)
    if calls is not None:
        _add_services(app, engine, settings)
    if settings.sandbox and pages is not None:
        pages(app, engine)
    keep_to_policy(app, settings, admit)
    return app


class _App(Flask):
    """Flask with the paths that clients really send, and the headers that every answer has."""

    def __init__(self, edge: Edge, calls: Calls | None):
        super().__init__("cdshooks", static_folder=None)
        self._edge, self._calls = edge, calls

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        # The public sandbox joins URLs to //cds-services//id/, and a redirect to the tidy form
        # would break the preflight of a browser.
        environ["PATH_INFO"] = canonical(environ.get("PATH_INFO", ""))
        exchange: Exchange = environ.get(EXCHANGE) or Exchange(
            self._edge, environ["REQUEST_METHOD"], lambda name: environ.get(variable(name))
        )
        environ[EXCHANGE] = exchange

        def start(status: str, headers: Headers, *trouble: Any) -> Any:
            return start_response(status, [*headers, *exchange.end(int(status[:3]))], *trouble)

        with exchange.in_log():
            answer = self._calls.answer(environ, exchange) if self._calls is not None else None
            if answer is None:
                return super().wsgi_app(environ, start)
            start(f"{answer.status} {HTTPStatus(answer.status).phrase}", answer.headers)
            return [answer.body]

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """None of ours is a coroutine; Flask would look into each of them at each call."""
        return func

    def make_default_options_response(self) -> Response:
        """No body, so no type; Flask's own would be an empty page of HTML."""
        response = super().make_default_options_response()
        response.status_code = 204
        del response.headers["Content-Type"]
        return response


def _add_services(app: Flask, engine: Answering, settings: Settings) -> None:
    @app.get("/cds-services")
    def discovery() -> Response:
        return Response(engine.discovery(g.caller), mimetype=JSON)

    @app.get("/openapi.json")
    def description() -> Response:
        usable = (one for one in engine.services.values() if g.caller.may_use(one.id))
        return Response(openapi(usable, settings.public_base), mimetype=JSON)

    @app.post(ROUTE)
    def call(service_id: str) -> Response:
        """Here for its preflight and for other methods: a call is answered before it comes here."""
        del service_id
        raise ServiceUnknown("there is no such service")

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


def _take_any_name(_environ: WSGIEnvironment) -> None:
    """Outside of a sandbox the proxy knows the names of the service."""


def _refuse_rebound_names(environ: WSGIEnvironment) -> None:
    """A page of another site may point its own name at 127.0.0.1, but it cannot change Host."""
    if not _is_loopback(environ.get("HTTP_HOST", "")):
        raise HostRefused("the sandbox answers to localhost only", "Host")


@lru_cache(maxsize=16)
def _is_loopback(host: str) -> bool:
    """Remembered for the few names that a caller has for this machine: it is asked at each call."""
    found = _HOST.fullmatch(host)
    return found is not None and is_loopback(found[1])
