"""A liar on a real socket: what it answers stands on the wire byte for byte."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import IO

import httpx

from tests.hostile.exchanges import Exchange

Answering = Callable[[httpx.Request], Exchange]


class Door:
    """Listens on loopback; `answer` is what is asked for each request."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.answer: Answering | None = None
        self.failed: list[BaseException] = []

    def serve(self) -> None:
        while True:
            try:
                connection = self._listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _talk(self, connection: socket.socket) -> None:
        """One request for each connection: it is closed after the answer, whatever the headers say."""
        with connection, connection.makefile("rb") as stream, suppress(OSError):
            request = _request(self.url, stream.readline(), stream)
            assert self.answer
            try:
                exchange = self.answer(request)
            except BaseException as failure:
                self.failed.append(failure)
                return
            if exchange.failure is None:
                connection.sendall(raw(exchange))


def _request(url: str, first: bytes, stream: IO[bytes]) -> httpx.Request:
    method, target, _version = first.decode("ascii").split(" ")
    headers: dict[str, str] = {}
    while (line := stream.readline().decode("latin-1").strip()) and (parts := line.partition(":")):
        headers[parts[0].strip().lower()] = parts[2].strip()
    content = stream.read(int(headers.get("content-length", "0")))
    return httpx.Request(method, url + target, headers=headers, content=content)


def raw(exchange: Exchange) -> bytes:
    """The answer as it stands on the wire; a length it names itself is left to it."""
    head = b"HTTP/1.1 %d Invented\r\n" % exchange.status
    lines = [name + b": " + value + b"\r\n" for name, value in exchange.headers if name.lower() != b"transfer-encoding"]
    if not any(name.lower() == b"content-length" for name, _value in exchange.headers):
        lines.append(b"Content-Length: %d\r\n" % len(exchange.body))
    return head + b"".join(lines) + b"Connection: close\r\n\r\n" + exchange.body


@contextmanager
def door() -> Iterator[Door]:
    made = Door()
    thread = threading.Thread(target=made.serve, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.close()
        thread.join(5)
    assert not made.failed, made.failed
