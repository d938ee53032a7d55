"""What no service can go below: the bytes of a call taken off a socket, parsed, and 4 KB sent back.

`python -m tests.bench.floor PORT` is blocking Python with one connection at a time; simdjson parses
each body and makes no Python object of it. It speaks as much HTTP as the load needs.
"""

import socket
import sys
from collections.abc import Callable

import simdjson

ANSWER = b'{"cards":[{' + b" " * 4_000 + b"}]}"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(ANSWER)
LARGEST = 1 << 25  # bytes of a call


def serve(listening: socket.socket, parse: Callable[[memoryview], object]) -> None:
    room = memoryview(bytearray(LARGEST))
    while True:
        connection, _ = listening.accept()
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while (body := received(connection, room)) is not None:
                parse(body)
                connection.sendall(HEAD + ANSWER)


def received(connection: socket.socket, room: memoryview) -> memoryview | None:
    """The body of one call, in `room`; None once the caller has hung up."""
    have, size, whole = 0, 0, 1
    while have < whole:
        came = connection.recv_into(room[have:])
        if not came:
            return None
        have += came
        if not size:
            head, _, _ = bytes(room[:1_024]).partition(b"\r\n\r\n")
            size = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
            whole = len(head) + 4 + size
    return room[whole - size : whole]


if __name__ == "__main__":
    serve(socket.create_server(("127.0.0.1", int(sys.argv[1]))), simdjson.Parser().parse)
