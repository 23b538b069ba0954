"""One page for one visit: served on loopback, at an address that nobody can guess and that works once."""

from __future__ import annotations

import hmac
import secrets
import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from emkcli.loopback.server import LoopbackServer, reply

if TYPE_CHECKING:
    from types import TracebackType
    from wsgiref.types import StartResponse, WSGIEnvironment


class OneTimePage:
    """`with OneTimePage(page, headers) as served: served.address; served.wait(60)`."""

    def __init__(self, content: bytes, headers: Mapping[str, str]) -> None:
        self._content = content
        self._headers = headers
        self._secret = f"/{secrets.token_urlsafe(32)}"
        self._lock = threading.Lock()
        self._taken = False
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
        return self._handed_over(start) if self._take() else reply(start, 410)

    def _take(self) -> bool:
        """True for the first visitor alone."""
        with self._lock:
            before, self._taken = self._taken, True
        return not before

    def _handed_over(self, start: StartResponse) -> Iterator[bytes]:
        """The page; it counts as fetched when its last byte was written."""
        yield from reply(start, 200, self._content, self._headers)
        self._done.set()
