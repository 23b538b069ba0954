"""One page for one visit: served on loopback, at an address that nobody can guess and that works once.

The visit counts when the page arrived: whoever fetches nothing or half of it, or hangs up, has not used the address up.
"""

from __future__ import annotations

import hmac
import secrets
import socket
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from emkcli.loopback import peer_uid
from emkcli.loopback.server import LoopbackServer, reply, write

if TYPE_CHECKING:
    from types import TracebackType
    from wsgiref.types import StartResponse, WSGIEnvironment

PART_SECONDS = 3.0
"""How long the next 64 KB may take."""
READ_SECONDS = 30.0
"""How long a visitor may take to read what was sent, over SSH for example."""
READ_SECONDS_WITH_OTHERS = 3.0
"""The same while another visitor waits."""
LOOK_SECONDS = 0.02


class OneTimePage:
    """`with OneTimePage(page, headers) as served: served.address; served.wait(60)`."""

    def __init__(self, content: bytes, headers: Mapping[str, str]) -> None:
        self._content = content
        self._headers = headers
        self._secret = f"/{secrets.token_urlsafe(32)}"
        self._turn = threading.Lock()
        self._waiting = 0
        self._done = threading.Event()
        self._server = LoopbackServer(self._application)

    def __enter__(self) -> OneTimePage:
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop()

    @property
    def address(self) -> str:
        return f"{self._server.origin}{self._secret}"

    def wait(self, seconds: float) -> bool:
        """Until the page was handed over; False when nobody came for it."""
        return self._done.wait(seconds)

    def _application(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "GET":
            return reply(start, 405, headers={"Allow": "GET"})
        if environ["QUERY_STRING"] or not hmac.compare_digest(environ["PATH_INFO"].encode(), self._secret.encode()):
            return reply(start, 404)
        return self._in_turn(environ["emk.connection"], start)

    def _in_turn(self, connection: socket.socket, start: StartResponse) -> Iterable[bytes]:
        """One visitor after another: the next one gets the page when this one did not take it."""
        self._waiting += 1
        with self._turn:
            self._waiting -= 1
            if self._done.is_set():
                return reply(start, 410)
            connection.settimeout(PART_SECONDS)
            write(start, 200, self._content, self._headers)
            if self._is_read(connection):
                self._done.set()
            return []

    def _is_read(self, connection: socket.socket) -> bool:
        """Whether the other end reads everything in time, as the system tells, or else as it hangs up without a reset."""
        began = time.monotonic()
        client, server = connection.getpeername()[:2], connection.getsockname()[:2]
        connection.shutdown(socket.SHUT_WR)
        connection.setblocking(False)
        while time.monotonic() - began < (READ_SECONDS_WITH_OTHERS if self._waiting else READ_SECONDS):
            if peer_uid.has_read(client, server):
                return True
            with suppress(BlockingIOError):
                if not connection.recv(4096) and peer_uid.has_read(client, server) is None:
                    return True
            time.sleep(LOOK_SECONDS)
        return False
