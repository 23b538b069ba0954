"""The one server that listens here: a WSGI application on loopback, for browsers of this user, while a `with` lasts."""

from __future__ import annotations

import errno
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
from emkcli.loopback.connections import Connections, request_stream

if TYPE_CHECKING:
    from types import TracebackType
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

WRITE_SECONDS = 10
PORTS_TRIED = 20
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

    A thread per connection, as browsers open some they do not use, and a bound on both. An application finds its connection
    in `environ["emk.connection"]`. Raises `KeyError` for a host that is not this machine, `OSError` when the port is taken.
    """

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = os.name == "posix"  # elsewhere it would let another program share the port
    allow_reuse_port = False
    request_queue_size = 128

    def __init__(self, application: WSGIApplication, host: str = "127.0.0.1", port: int = 0) -> None:
        self.address_family = socket.AF_INET6 if host == "::1" else socket.AF_INET
        self._connections = Connections()
        self._reserved: socket.socket | None = None
        self._bind(host, port)
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

    def server_close(self) -> None:
        super().server_close()
        self._connections.close()
        if self._reserved:
            self._reserved.close()

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Another user of this machine may have read the address in the list of processes: it gets no thread of ours."""
        if peer_uid.is_mine(client_address[:2], self.server_address[:2]):  # type: ignore[arg-type]
            return True
        self._connections.refuse(request)
        return False

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        if self._connections.done_with(request):
            super().shutdown_request(request)

    def heard(self, request: Any) -> None:
        self._connections.heard(request)

    def service_actions(self) -> None:
        """Several times a second."""
        self._connections.sweep()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that hangs up is no news."""

    def _bind(self, host: str, port: int) -> None:
        """A browser looks for `localhost` at ::1 first: nobody else may take the port there."""
        for attempt in range(PORTS_TRIED):
            super().__init__((ADDRESSES[host], port), _Handler)
            try:
                self._reserved = _reserved(self.server_port) if host == "localhost" else None
                return
            except OSError:
                super().server_close()
                if port or attempt == PORTS_TRIED - 1:
                    raise

    def _guard(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """A page of another site that had a name point here sends its own name as Host."""
        if environ.get("HTTP_HOST") != self.host:
            return reply(start, 421)
        return self._guarded(environ, start)


def _reserved(port: int) -> socket.socket | None:
    """The port at ::1, where there is such an address; nothing answers there, and a browser goes on to 127.0.0.1."""
    holder = None
    try:
        holder = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
        holder.bind(("::1", port))
    except OSError as cause:
        if holder:
            holder.close()
        if cause.errno in (errno.EADDRINUSE, errno.EACCES):
            raise
        return None
    return holder


class _Handler(WSGIRequestHandler):
    """Says nothing of itself, and nothing to a log: a request line holds a code, or the address that nobody may guess."""

    timeout = WRITE_SECONDS
    server_version, sys_version = "emk", ""

    def setup(self) -> None:
        super().setup()
        self.rfile = request_stream(self.connection)

    def get_environ(self) -> WSGIEnvironment:
        """Without a length there is no body (PEP 3333); reading on would wait for a browser that waits for us."""
        self.server.heard(self.connection)  # type: ignore[attr-defined]
        environ = super().get_environ()
        return environ | {"CONTENT_LENGTH": environ["CONTENT_LENGTH"] or "0", "emk.connection": self.connection}

    def get_stderr(self) -> StringIO:
        """What fails is a page with status 500; the terminal is ours."""
        return StringIO()

    def log_message(self, *_: object) -> None:
        """Nowhere."""


def fields(content: bytes, headers: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """The headers of an answer that no cache, no frame and no other site gets hold of."""
    # an empty Server keeps wsgiref from naming itself and the version of Python
    return [*{"Server": "", **PRIVATE, **(headers or {}), "Content-Length": str(len(content))}.items()]


def reply(
    start: StartResponse, status: int, content: bytes = b"", headers: Mapping[str, str] | None = None
) -> Iterable[bytes]:
    """A whole answer, for the server to write."""
    start(f"{status} {HTTPStatus(status).phrase}", fields(content, headers))
    return [content]


def write(
    start: StartResponse, status: int, content: bytes, headers: Mapping[str, str] | None = None
) -> Iterable[bytes]:
    """A whole answer, written before this returns; `OSError` when the browser does not take it."""
    send = start(f"{status} {HTTPStatus(status).phrase}", fields(content, headers))
    for at in range(0, len(content), 1 << 16):
        send(content[at : at + (1 << 16)])
    return []
