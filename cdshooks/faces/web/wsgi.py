"""A complete request as WSGI wants it, and the answer of a WSGI application as one value."""

import io
import sys
from collections.abc import Mapping
from typing import Any
from wsgiref.types import WSGIApplication, WSGIEnvironment

from cdshooks.errors import BodyTooLarge, RequestInvalid
from cdshooks.faces.web.answers import Answer, Headers


def environ(scope: Mapping[str, Any], headers: Mapping[str, str], body: bytes) -> WSGIEnvironment:
    """The WSGI form of an ASGI `scope` (PEP 3333). Text is latin-1, as bytes came off the wire."""
    host, port = scope.get("server") or ("localhost", 0)
    client = scope.get("client") or ("", 0)
    return {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": scope.get("query_string", b"").decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0],
        **{variable(name): value for name, value in headers.items() if "_" not in name},
        "CONTENT_TYPE": headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


def canonical(path: str) -> str:
    """A path without the slashes that are too many, as clients send them: //a//b/ is /a/b."""
    if path.startswith("/") and "//" not in path and not path.endswith("/"):
        return path
    return "/" + "/".join(part for part in path.split("/") if part)


def variable(header: str) -> str:
    """The name of a header in a WSGI environment."""
    return "HTTP_" + header.upper().replace("-", "_")


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


def run(application: WSGIApplication, environment: WSGIEnvironment) -> Answer:
    """Call `application` and gather its answer."""
    started: list[tuple[int, Headers]] = []

    def start_response(status: str, headers: Headers, _: Any = None) -> Any:
        started.append((int(status[:3]), headers))

    chunks = application(environment, start_response)
    try:
        body = b"".join(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
    status, headers = started[-1]
    return Answer(status, headers, body)
