"""The one server that listens here: a WSGI application on loopback, for browsers of this user, while a `with` lasts."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from io import StringIO
from socketserver import TCPServer, ThreadingMixIn
from threading import Thread
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from emkcli.loopback import ADDRESSES, peer_uid

if TYPE_CHECKING:
    from types import TracebackType
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

IDLE_SECONDS = 10
PRIVATE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class LoopbackServer(ThreadingMixIn, WSGIServer):
    """`with LoopbackServer(application) as server: server.origin`; a random port unless one is named.

    A thread per connection, as browsers open some they do not use. Raises `KeyError` for a host that is not this machine,
    `OSError` when the port is taken.
    """

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = os.name == "posix"  # elsewhere it would let another program share the port
    allow_reuse_port = False

    def __init__(self, application: WSGIApplication, host: str = "127.0.0.1", port: int = 0) -> None:
        self.address_family = socket.AF_INET6 if host == "::1" else socket.AF_INET
        super().__init__((ADDRESSES[host], port), _Handler)
        self.host = f"[{host}]:{self.server_port}" if ":" in host else f"{host}:{self.server_port}"
        self.origin = f"http://{self.host}"
        self._guarded = application
        self.set_app(self._guard)
        self._thread = Thread(target=self.serve_forever, args=(0.05,), daemon=True)

    def server_bind(self) -> None:
        """Without http.server's look-up of our own name, which may take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]
        self.setup_environ()

    def __enter__(self) -> LoopbackServer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that hangs up is no news."""

    def _guard(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Another user of this machine may have read the address in the list of processes; a page of another site that had
        a name point here sends its own name as Host: neither reaches the application."""
        if not peer_uid.is_mine(environ["REMOTE_PORT"], self.server_port):
            return reply(start, 403)
        if environ.get("HTTP_HOST") != self.host:
            return reply(start, 421)
        return self._guarded(environ, start)


class _Handler(WSGIRequestHandler):
    """Says nothing of itself, and nothing to a log: a request line holds a code, or the address that nobody may guess."""

    timeout = IDLE_SECONDS
    server_version, sys_version = "emk", ""

    def get_environ(self) -> WSGIEnvironment:
        """Without a length there is no body (PEP 3333); reading on would wait for a browser that waits for us."""
        environ = super().get_environ()
        return environ | {"CONTENT_LENGTH": environ["CONTENT_LENGTH"] or "0", "REMOTE_PORT": self.client_address[1]}

    def get_stderr(self) -> StringIO:
        """What fails is a page with status 500; the terminal is ours."""
        return StringIO()

    def log_message(self, *_: object) -> None:
        """Nowhere."""


def reply(
    start: StartResponse, status: int, content: bytes = b"", headers: Mapping[str, str] | None = None
) -> Iterable[bytes]:
    """An answer that no cache, no frame and no other site gets hold of."""
    # an empty Server keeps wsgiref from naming itself and the version of Python
    fields = {"Server": "", **PRIVATE, **(headers or {}), "Content-Length": str(len(content))}
    start(f"{status} {HTTPStatus(status).phrase}", [*fields.items()])
    return [content]
