"""Exchanges with a server: recorded once from one that tells the truth, then played back with some of them changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import pytest

Headers = tuple[tuple[bytes, bytes], ...]
REQUEST_ID = b"X-Request-Id"
NOTHING_THERE = b'{"type":"about:blank","title":"Not Found","status":404,"code":"not_found"}'
LONGEST_RUN = 400
"""More exchanges than a true run of any command has; a server that keeps a client asking is told apart by them."""


@dataclass(frozen=True)
class Exchange:
    """What was asked, and the answer as it stood on the wire; `failure` is raised instead of answering."""

    method: str
    target: str
    status: int
    headers: Headers
    body: bytes
    failure: type[Exception] | None = None

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def request_id(self) -> str | None:
        values = [value for name, value in self.headers if name.lower() == REQUEST_ID.lower()]
        return values[0].decode("ascii") if values and values[0].isascii() else None

    def response(self) -> httpx.Response:
        if self.failure:
            raise self.failure("invented")
        return httpx.Response(self.status, headers=list(self.headers), stream=httpx.ByteStream(self.body))


class Recorder(httpx.BaseTransport):
    """Passes on to a server in process and keeps what it answered; each answer gets a request id of its own."""

    def __init__(self, server: httpx.BaseTransport) -> None:
        self._server = server
        self.exchanges: list[Exchange] = []

    def __call__(self, request: httpx.Request) -> Exchange:
        answer = self._server.handle_request(request)
        headers = [(name, value) for name, value in answer.headers.raw if name.lower() != REQUEST_ID.lower()]
        headers.append((REQUEST_ID, b"invented-%d" % len(self.exchanges)))
        target = request.url.raw_path.decode("ascii")
        self.exchanges.append(Exchange(request.method, target, answer.status_code, tuple(headers), answer.read()))
        return self.exchanges[-1]

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self(request).response()


class Recorded:
    """Answers as was recorded, in their order; a request of an unknown query gets any answer of its path."""

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        self._by_target: defaultdict[tuple[str, str], list[Exchange]] = defaultdict(list)
        self._by_path: defaultdict[tuple[str, str], list[Exchange]] = defaultdict(list)
        for exchange in exchanges:
            self._by_target[exchange.method, exchange.target].append(exchange)
            self._by_path[exchange.method, exchange.path].append(exchange)

    def __call__(self, request: httpx.Request) -> Exchange:
        target = request.url.raw_path.decode("ascii")
        path = target.partition("?")[0]
        known = self._by_target.get((request.method, target)) or self._by_path.get((request.method, path))
        if known:
            return known.pop(0) if len(known) > 1 else known[0]
        headers = ((b"Content-Type", b"application/problem+json"), (REQUEST_ID, b"invented-none"))
        return Exchange(request.method, target, 404, headers, NOTHING_THERE)


class Liar(httpx.BaseTransport):
    """Answers what `change` makes of the truth; it gets the number of the exchange with the true answer."""

    def __init__(self, truth: Callable[[httpx.Request], Exchange], change: Callable[[int, Exchange], Exchange]) -> None:
        self._truth, self._change = truth, change
        self.sent: list[Exchange] = []

    def answer(self, request: httpx.Request) -> Exchange:
        assert len(self.sent) < LONGEST_RUN, "a server can keep emk asking"
        self.sent.append(self._change(len(self.sent), self._truth(request)))
        return self.sent[-1]

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self.answer(request).response()


@contextmanager
def network(server: httpx.BaseTransport) -> Iterator[None]:
    """Every connection of `emk`, also that to the embedded mock, ends at this one."""
    from emkcli.api.network import NetworkTransport

    with pytest.MonkeyPatch.context() as patch:
        for kind in (NetworkTransport, httpx.WSGITransport):
            patch.setattr(kind, "handle_request", lambda _self, request: server.handle_request(request))
        yield
