"""The connections that a server on loopback has open: how many, for how long, and how much each may say."""

from __future__ import annotations

import io
import math
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock

MOST = 64
"""A browser opens about six; where more come, the oldest gives way, as one that waits for nothing is soon done."""
REQUEST_SECONDS = 10.0
LONGEST_REQUEST = 64 * 1024
LINGER_SECONDS = 1.0
REFUSED = b"HTTP/1.0 403 Forbidden\r\nContent-Length: 0\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"


@dataclass
class Connections:
    """Those that are answered, each by a thread, and those that were refused and linger until their request was read."""

    clock: Callable[[], float] = time.monotonic
    _lock: Lock = field(default_factory=Lock)
    _answered: dict[socket.socket, float] = field(default_factory=dict)
    _refused: dict[socket.socket, float] = field(default_factory=dict)

    def add(self, connection: socket.socket) -> None:
        """One more to answer; beyond the bound the oldest is cut, and its thread ends."""
        with self._lock:
            self._answered[connection] = self.clock()
            if len(self._answered) > MOST:
                oldest = next(iter(self._answered))
                del self._answered[oldest]
                _cut(oldest, socket.SHUT_RDWR)

    def heard(self, connection: socket.socket) -> None:
        """Its request is there; the answer takes the time that it takes."""
        with self._lock:
            if connection in self._answered:
                self._answered[connection] = math.inf

    def refuse(self, connection: socket.socket) -> None:
        """Say so without waiting. Closed at once, the connection would be reset before the answer is read."""
        connection.setblocking(False)
        with suppress(OSError):
            connection.send(REFUSED)
            connection.shutdown(socket.SHUT_WR)
        with self._lock:
            self._refused[connection] = self.clock()
            if len(self._refused) > MOST:
                oldest = next(iter(self._refused))
                del self._refused[oldest]
                oldest.close()

    def done_with(self, connection: socket.socket) -> bool:
        """Whether it is to be closed now."""
        with self._lock:
            self._answered.pop(connection, None)
            return connection not in self._refused

    def sweep(self) -> None:
        """Who has not asked in time is heard no longer; what was refused is closed."""
        now = self.clock()
        with self._lock:
            for connection, since in self._answered.items():
                if now - since > REQUEST_SECONDS:
                    _cut(connection, socket.SHUT_RD)
            for connection in [one for one, since in self._refused.items() if now - since > LINGER_SECONDS]:
                del self._refused[connection]
                connection.close()

    def close(self) -> None:
        with self._lock:
            for connection in self._refused:
                connection.close()
            self._refused.clear()


def _cut(connection: socket.socket, how: int) -> None:
    with suppress(OSError):
        connection.shutdown(how)


def request_stream(connection: socket.socket) -> io.BufferedIOBase:
    """What a browser says, up to a limit. `ConnectionAbortedError` beyond it and where it ends too soon: half a request
    must not be answered as a whole one."""
    return io.BufferedReader(_Request(connection))


class _Request(io.RawIOBase):
    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._left = LONGEST_REQUEST

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        count = self._connection.recv_into(buffer[: self._left]) if self._left else 0
        if not count:
            raise ConnectionAbortedError
        self._left -= count
        return count
