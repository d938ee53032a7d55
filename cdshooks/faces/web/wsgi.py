"""A complete request as WSGI wants it, and the answer of a WSGI application as one value."""

import io
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from wsgiref.types import WSGIApplication, WSGIEnvironment

from cdshooks.errors import BodyTooLarge, RequestInvalid
from cdshooks.faces.web.answers import Answer, Headers


class Given(Protocol):
    """The headers of a call: names in small letters, as often as they were given."""

    def items(self) -> Sequence[tuple[str, str]]: ...


class Scope(Protocol):
    """What RSGI tells of a call before its body; addresses have their port behind a colon."""

    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def query_string(self) -> str: ...
    @property
    def http_version(self) -> str: ...
    @property
    def scheme(self) -> str: ...
    @property
    def server(self) -> str: ...
    @property
    def client(self) -> str: ...
    @property
    def headers(self) -> Given: ...


_OF_THE_SERVER: Mapping[str, Any] = {
    "wsgi.version": (1, 0),
    "wsgi.input_terminated": True,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
}


def environ(scope: Scope, headers: Mapping[str, str], body: bytes) -> WSGIEnvironment:
    """The WSGI form of a call (PEP 3333). Text is latin-1, as bytes came off the wire."""
    host, _, port = scope.server.rpartition(":")
    return {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host.strip("[]"),
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        **{variable(name): value for name, value in headers.items() if "_" not in name},
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        **_OF_THE_SERVER,
    }


def canonical(path: str) -> str:
    """A path without the slashes that are too many, as clients send them: //a//b/ is /a/b."""
    if path.startswith("/") and "//" not in path and not path.endswith("/"):
        return path
    return "/" + "/".join(part for part in path.split("/") if part)


def variable(header: str) -> str:
    """The name of a header in a WSGI environment."""
    name = header.upper().replace("-", "_")
    return name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"


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
