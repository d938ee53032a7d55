"""The page at /: the services, the synthetic patients, and for each a request to copy.

Plain HTML that needs no script and no other server; a script only saves the selecting of text.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from flask import Blueprint, Flask, Response, abort, render_template, request

from cdshooks import __version__
from cdshooks.faces.fixtures import curl, load_cases, request_of
from cdshooks.knowledge.services import Service

# Only what this origin serves, nothing inline, nowhere to send anything, in nobody's frame.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Serving(Protocol):
    """The engine, as far as the page needs it."""

    @property
    def services(self) -> Mapping[str, Service]: ...


def register_pages(app: Flask, engine: Serving, fixtures_root: Path) -> None:
    """Add `/`, its style and script, and `/fixtures/<name>/request.json` to `app`.

    Raises InputUnreadable if the head of a fixture cannot be read.
    """
    cases = {case.name: case for case in load_cases(fixtures_root)}
    services = engine.services
    pages = Blueprint(
        "pages",
        __name__,
        template_folder="templates",
        static_folder="static",
        static_url_path="/static",
    )

    @pages.get("/")
    def index() -> str:
        base = request.host_url.rstrip("/")
        service = next(iter(services.values()), None)
        shown = [(case, curl(base, case.name, service.id)) for case in cases.values() if service]
        return render_template(
            "index.html", base=base, services=services.values(), cases=shown, version=__version__
        )

    @pages.get("/fixtures/<name>/request.json")
    def example(name: str) -> Response:
        if name not in cases:
            abort(404)
        service = services.get(request.args.get("service", next(iter(services), "")))
        if service is None:
            abort(404)
        return Response(request_of(cases[name], service), mimetype="application/json")

    @pages.after_request
    def guard(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    app.register_blueprint(pages)
