"""One page for one visit: served on loopback, at an address that nobody can guess and that works once."""

from __future__ import annotations

import hmac
import secrets
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from emkcli.peers import is_mine

IDLE_SECONDS = 5
FOREVER = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """A visitor who goes away is no news."""


class OneTimePage:
    """`with OneTimePage(page) as served: served.address; served.wait(60)`."""

    def __init__(self, content: bytes, headers: Mapping[str, str]) -> None:
        self._content = content
        self._headers = {**FOREVER, **headers}
        self._secret = f"/{secrets.token_urlsafe(32)}"
        self._lock = threading.Lock()
        self._taken = False
        self._done = threading.Event()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._host = f"127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> OneTimePage:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def address(self) -> str:
        return f"http://{self._host}{self._secret}"

    def wait(self, seconds: float) -> bool:
        """Until the page was handed over; False when nobody came for it."""
        return self._done.wait(seconds)

    def _status(self, method: str, path: str, host: str | None, port: int) -> int:
        """A page of another site that had a name point here sends its own name as Host: it is not served. Nor is another
        user of this machine, who may have read the address in the list of processes."""
        if not is_mine(port, self._server.server_address[1]):
            return 403
        if host != self._host:
            return 421
        if method != "GET":
            return 405
        if not hmac.compare_digest(path.encode("utf-8", "replace"), self._secret.encode()):
            return 404
        with self._lock:
            before, self._taken = self._taken, True
        return 410 if before else 200

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        page = self

        class Handler(BaseHTTPRequestHandler):
            """Says nothing of itself, and nothing to a log: the address is in it."""

            timeout = IDLE_SECONDS

            def answer(self) -> None:
                status = page._status(self.command, self.path, self.headers.get("Host"), self.client_address[1])
                content = page._content if status == 200 else b""
                self.send_response_only(status)
                for name, value in (page._headers if status == 200 else FOREVER).items():
                    self.send_header(name, value)
                if status == 405:
                    self.send_header("Allow", "GET")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
                self.wfile.flush()
                if status == 200:
                    page._done.set()

            def __getattr__(self, name: str) -> Any:
                """Every method of HTTP, also those not thought of yet, is answered in one place."""
                if name.startswith("do_"):
                    return self.answer
                raise AttributeError(name)

            def log_message(self, *_: object) -> None:
                """Nowhere."""

        return Handler
