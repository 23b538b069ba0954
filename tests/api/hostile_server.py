"""A server on a raw socket that says whatever a test has it say, as often as somebody connects."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

Says = Callable[[bytes], Iterable[bytes]]
"""The head of a request → the parts of the answer, each sent as soon as it is there. After them the connection is kept,
unless one is `CLOSE` or, for a connection that breaks, `RESET`."""
CLOSE, RESET = b"\0close", b"\0reset"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Request-Id: r-1\r\n"


class HostileServer:
    def __init__(self, says: Says) -> None:
        self._says = says
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._over = Event()
        self.requests: list[bytes] = []
        self.base = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._over.set()
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _address = self._listener.accept()
                Thread(target=self._converse, args=(connection,), daemon=True).start()

    def _converse(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            while head := _head(connection):
                self.requests.append(head)
                for part in self._says(head):
                    if part == RESET:
                        # lingering for 0 s: RST instead of FIN
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                    if part in (CLOSE, RESET) or self._over.is_set():
                        return
                    connection.sendall(part)


def _head(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        if not (part := connection.recv(65536)):
            return b""
        received += part
    return received


def whole(body: bytes, head: bytes = OK) -> bytes:
    """An answer as it should be."""
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def drip(parts: Iterable[bytes], pause: float = 0.05) -> Iterator[bytes]:
    for part in parts:
        yield part
        time.sleep(pause)


def without_end(part: bytes) -> Iterator[bytes]:
    while True:
        yield part


@contextmanager
def hostile(says: Says) -> Iterator[HostileServer]:
    server = HostileServer(says)
    try:
        yield server
    finally:
        server.close()
