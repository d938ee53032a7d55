"""What a fake EHR may do wrong: each fault answers a request in its own way.

A fault is a function of the handler; it returns GO_ON where the request is answered as usual after
it, anything else where it has been answered, or never will be.
"""

import json
import socket
import struct
import zlib
from contextlib import suppress

GO_ON = object()
FHIR = "application/fhir+json"
_PIECE = 65_536


def delay(seconds):
    """Answer late."""

    def fault(handler):
        handler.ehr.stopped.wait(seconds)
        return GO_ON

    return fault


def status(code, **headers):
    """Answer with a status; `Retry_After="5"` is a header."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler: handler.send(code, b"{}", FHIR, named)


def redirect(location, code=302):
    return status(code, Location=location)


def body(data, kind=FHIR, **headers):
    """Answer 200 with these bytes, or with this as JSON."""
    sent = data if isinstance(data, bytes) else json.dumps(data).encode()
    return lambda handler: handler.send(200, sent, kind, headers)


html = body(b"<html>Welcome, please sign in</html>", "text/html; charset=utf-8")
outcome = body({"resourceType": "OperationOutcome", "issue": [{"severity": "error"}]})


def next_link(link, *entries):
    """A page that goes on at `link`; {base} and {origin} are the server's own."""

    def fault(handler):
        url = link.replace("{base}", handler.ehr.base).replace("{origin}", handler.ehr.origin)
        page = {"resourceType": "Bundle", "type": "searchset", "entry": list(entries)}
        return body({**page, "link": [{"relation": "next", "url": url}]})(handler)

    return fault


def oversize(count):
    """A Bundle with `count` bytes of text, sent piece by piece so that only the client holds it."""
    begin, end = b'{"resourceType": "Bundle", "type": "searchset", "x": "', b'"}'

    def fault(handler):
        length = len(begin) + count + len(end)
        with suppress(OSError):
            handler.wfile.write(handler.head(200, length) + begin)
            for at in range(0, count, _PIECE):
                handler.wfile.write(b"x" * min(_PIECE, count - at))
            handler.wfile.write(end)

    return fault


def gzip_bomb(count):
    """A few bytes that unpack to `count` of them."""
    packer = zlib.compressobj(9, wbits=31)
    parts = [packer.compress(bytes(_PIECE)) for _ in range(0, count, _PIECE)]
    packed = b"".join([*parts, packer.flush()])
    return lambda handler: handler.send(200, packed, FHIR, {"Content-Encoding": "gzip"})


def silent(handler):
    """Take the request and say nothing."""
    handler.ehr.stopped.wait()
    handler.drop()


def hang_after_head(handler):
    handler.wfile.write(handler.head(200, 1000))
    silent(handler)


def drip(handler, seconds=0.05):
    """The head at once, the body byte by byte."""
    handler.wfile.write(handler.head(200, 1000))
    _dripped(handler, b" " * 1000, seconds)


def drip_head(handler, seconds=0.05):
    _dripped(handler, handler.head(200, 1000), seconds)


def _dripped(handler, data, seconds):
    for byte in data:
        if handler.ehr.stopped.wait(seconds):
            break
        handler.wfile.write(bytes([byte]))
    handler.drop()


def truncate(handler):
    """Less than the head promises."""
    handler.wfile.write(handler.head(200, 1000) + b"{}")
    handler.drop()


def babble(handler):
    """Another protocol."""
    handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")
    handler.drop()


def reset(handler):
    """A TCP reset in place of an answer."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.drop()
