"""A kept-alive HTTP connection without a library: one call at a time, as cheap as it can be."""

import socket

GOOD = b"HTTP/1.1 200"
CARD = b'"cards":[{'
AT_A_TIME = 1 << 20  # bytes that are received at once


class Connection:
    """One kept-alive connection with one call under way, or none."""

    def __init__(self, port: int):
        self._port = port
        self.socket = self._dial()
        self._unsent: list[memoryview] = []
        self._answer = bytearray()
        self._length: int | None = None
        self.since = 0.0

    def fileno(self) -> int:
        """For select()."""
        return self.socket.fileno()

    def renew(self) -> None:
        self.socket.close()
        self.socket = self._dial()

    def _dial(self) -> socket.socket:
        dialled = socket.create_connection(("127.0.0.1", self._port))
        dialled.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        dialled.setblocking(False)
        return dialled

    def begin(self, call: tuple[bytes, bytearray], since: float) -> None:
        self._unsent = [memoryview(part) for part in call]
        self._answer.clear()
        self._length, self.since = None, since
        self.send()

    def send(self) -> None:
        while self._unsent:
            try:
                sent = self.socket.sendmsg(self._unsent)
            except BlockingIOError:
                return
            except ConnectionError:  # the server has hung up, perhaps with an answer
                self._unsent.clear()
                return
            while self._unsent and sent >= len(self._unsent[0]):
                sent -= len(self._unsent.pop(0))
            if sent:
                self._unsent[0] = self._unsent[0][sent:]

    @property
    def sending(self) -> bool:
        return bool(self._unsent)

    def answer(self) -> bytes | None:
        """The whole answer once it is here; an empty one if the server has hung up."""
        try:
            received = self.socket.recv(AT_A_TIME)
        except BlockingIOError:
            return None
        except ConnectionError:
            return b""
        if not received:
            return b""
        self._answer += received
        if self._length is None:
            self._length = _length(self._answer)
        if self._length is None or len(self._answer) < self._length:
            return None
        return bytes(self._answer)


def _length(answer: bytearray) -> int | None:
    """Of head and body together; None while the head is not whole."""
    end = answer.find(b"\r\n\r\n")
    if end < 0:
        return None
    for line in bytes(answer[:end]).lower().split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name == b"content-length":
            return end + 4 + int(value)
    raise ConnectionError("an answer without a length")


def fault_of(answer: bytes) -> str | None:
    """What is wrong with an answer: there is none, its status is not 200, or it has no card."""
    if not answer:
        return "no answer"
    if not answer.startswith(GOOD):
        return f"status {answer[9:12].decode('latin-1')}"
    return None if CARD in answer else "no card"
