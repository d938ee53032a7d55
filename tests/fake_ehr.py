"""The FHIR server of a hospital for tests, as a thread that misbehaves on demand.

    with FakeEhr(patient, observation) as ehr:
        ehr.fault("Observation", faults.status(503), times=1)
        FhirClient([ehr.base])(ehr.base, {"o": "Observation?patient=p1"}, ehr.token)
        assert ehr.tokens == [ehr.token]

Searches know `patient`, `subject` and `_id` only, by GET and by POST to _search. `ehr.page_size`
makes pages, `ehr.token` and `ehr.scopes` are checked where they are set, `ehr.keys` is what
`ehr.jwks_url` gives. `ehr.seen` is every request in order. With `context` (an ssl.SSLContext) it
speaks TLS.
"""

import json
import random
import re
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from tests.faults import FHIR, GO_ON


@dataclass(frozen=True)
class Seen:
    """One request as it arrived; `parameters` are of the query or of the form."""

    method: str
    path: str
    parameters: dict
    headers: dict
    connection: int

    @property
    def token(self):
        return self.headers.get("authorization", "").removeprefix("Bearer ") or None


@dataclass
class _Fault:
    what: object
    times: int | None
    share: float
    chance: random.Random = field(default_factory=lambda: random.Random(4711))

    def strikes(self):
        if self.times == 0 or self.chance.random() >= self.share:
            return False
        self.times = None if self.times is None else self.times - 1
        return True


class FakeEhr:
    def __init__(self, *resources, context=None, host="127.0.0.1", port=0):
        self.resources = list(resources)
        self.token, self.scopes, self.page_size, self.keys = None, None, None, {"keys": []}
        self.seen, self.faults, self.connections = [], {}, 0
        self.stopped, self._lock, self._pages = threading.Event(), threading.Lock(), []
        self._server = _Server((host, port), _Handler)
        self._server.ehr = self
        if context is not None:
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.port = self._server.server_address[1]
        self.origin = f"{'https' if context else 'http'}://{host}:{self.port}"
        self.base, self.jwks_url = f"{self.origin}/fhir", f"{self.origin}/jwks.json"

    def __enter__(self):
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()
        for connection in list(self._server.open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def fault(self, where, what, *, times=None, share=1.0):
        """From now on `what` (tests.faults) answers requests to `where`: a type, "jwks" or "*".

        `times` bounds how often; a `share` of 0.1 strikes one request in ten.
        """
        self.faults[where] = _Fault(what, times, share)

    def cure(self):
        self.faults.clear()

    @property
    def tokens(self):
        return [one.token for one in self.seen]

    def of(self, kind):
        """The requests that asked for one resource type."""
        return [one for one in self.seen if one.path.startswith(f"/fhir/{kind}")]

    def strike(self, where):
        with self._lock:
            for place in (where, "*"):
                if place in self.faults and self.faults[place].strikes():
                    return self.faults[place].what
        return None

    def searched(self, kind, parameters):
        """The resources of a type for `patient`; those that name no patient are of each."""
        asked = [*parameters.get("patient", []), *parameters.get("subject", [])]
        patients = {value.removeprefix("Patient/") for value in asked}
        return [
            one
            for one in self.resources
            if one["resourceType"] == kind
            and (not patients or _patient(one) in {*patients, None})
            and (one.get("id") in parameters.get("_id", [one.get("id")]))
        ]

    def paged(self, resources):
        """The first page of a search; the others are kept behind their links."""
        size = self.page_size or max(1, len(resources))
        pages = [resources[at : at + size] for at in range(0, len(resources), size)] or [[]]
        with self._lock:
            first = len(self._pages)
            self._pages += [
                _bundle(
                    page,
                    len(resources),
                    self.base,
                    first + n + 1 if page is not pages[-1] else None,
                )
                for n, page in enumerate(pages)
            ]
        return self._pages[first]

    def page(self, number):
        return self._pages[number]


def _patient(resource):
    subject = resource.get("subject") or resource.get("patient") or {}
    return subject.get("reference", "").removeprefix("Patient/") or None


def _bundle(resources, total, base, following):
    link = [{"relation": "next", "url": f"{base}?page={following}"}] if following else []
    entries = [
        {"fullUrl": f"{base}/{one['resourceType']}/{one.get('id')}", "resource": one}
        for one in resources
    ]
    found = {"resourceType": "Bundle", "type": "searchset", "total": total, "entry": entries}
    return {**found, "link": link} if link else found


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, *args):
        super().__init__(*args)
        self.open = set()

    def get_request(self):
        connection, address = super().get_request()
        self.ehr.connections += 1
        self.open.add(connection)
        return connection, address

    def shutdown_request(self, request):
        self.open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request, client_address):
        """A client that goes away is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    @property
    def ehr(self):
        return self.server.ehr

    def log_message(self, *_):
        pass

    def do_GET(self):
        self._take(parse_qs(urlsplit(self.path).query, keep_blank_values=True))

    def do_POST(self):
        form = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self._take(parse_qs(form, keep_blank_values=True))

    def head(self, code, length, kind=FHIR, headers=None):
        more = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        told = f"Content-Type: {kind}\r\nContent-Length: {length}\r\n{more}"
        return f"HTTP/1.1 {code} X\r\n{told}\r\n".encode()

    def send(self, code, data, kind=FHIR, headers=None):
        with suppress(OSError):
            self.wfile.write(self.head(code, len(data), kind, headers) + data)

    def drop(self):
        """End the connection after this request."""
        self.close_connection = True

    def _take(self, parameters):
        path = urlsplit(self.path).path
        headers = {name.lower(): value for name, value in self.headers.items()}
        seen = Seen(self.command, path, parameters, headers, id(self.connection))
        self.ehr.seen.append(seen)
        kind = "jwks" if path == "/jwks.json" else path.removeprefix("/fhir").split("/")[1:2]
        where = kind if isinstance(kind, str) else "".join(kind)
        what = self.ehr.strike(where)
        if what is None or what(self) is GO_ON:
            self._answer(seen, where)

    def _answer(self, seen, kind):
        if kind == "jwks":
            self.send(200, json.dumps(self.ehr.keys).encode(), "application/json")
        elif self.ehr.token is not None and seen.token != self.ehr.token:
            self.send(401, b"{}")
        elif self.ehr.scopes is not None and kind and kind not in self.ehr.scopes:
            self.send(403, b"{}")
        else:
            found = self._found(seen, kind)
            self.send(404 if found is None else 200, json.dumps(found or {}).encode())

    def _found(self, seen, kind):
        if not kind and "page" in seen.parameters:
            return self.ehr.page(int(seen.parameters["page"][0]))
        by_id = re.fullmatch(r"/fhir/[A-Za-z]+/([A-Za-z0-9.-]+)", seen.path)
        if by_id is None or seen.path.endswith("/_search"):
            return self.ehr.paged(self.ehr.searched(kind, seen.parameters))
        return next(iter(self.ehr.searched(kind, {"_id": [by_id[1]]})), None)
