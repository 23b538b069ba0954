"""A liar on a real socket: what it answers stands on the wire byte for byte."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import IO

import httpx

from tests.hostile.exchanges import Exchange

Answering = Callable[[httpx.Request], Exchange]


class Door:
    """Listens on loopback and answers in the thread that asks it to: examples are drawn where they were begun."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.02)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def serve(self, answer: Answering, running: Callable[[], bool]) -> None:
        """One connection after the other, as long as somebody runs."""
        while running():
            with suppress(TimeoutError):
                connection = self._listener.accept()[0]
                self._talk(connection, answer)

    def close(self) -> None:
        self._listener.close()

    def _talk(self, connection: socket.socket, answer: Answering) -> None:
        """One request for each connection: it is closed after the answer, whatever the headers say."""
        connection.settimeout(10)
        with connection, connection.makefile("rb") as stream:
            if not (first := stream.readline()):
                return
            exchange = answer(_request(self.url, first, stream))
            if exchange.failure is None:
                with suppress(OSError):
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
    try:
        yield made
    finally:
        made.close()
