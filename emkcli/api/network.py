"""The sockets below HTTP: every connect, write and read of one exchange takes what is left until one deadline."""

from __future__ import annotations

import math
import socket
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import httpcore
import httpx

from emkcli import errors
from emkcli.api.deadlines import Deadline
from emkcli.locale import _

LARGEST_HEAD = 256 * 1024
"""Bytes that may come before the body: status, headers and interim answers (1xx) together; h11 stops one block at 100 KB."""
_CHUNK = 64 * 1024


class NetworkTransport(httpx.BaseTransport):
    """HTTP/1.1 over sockets that keep the deadline of the exchange (`extensions["deadline"]`), its body included.

    One exchange at a time: the body of an answer is read before the next request is sent.
    """

    def __init__(self, ssl_context: ssl.SSLContext) -> None:
        self._exchange = _Exchange()
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl_context, keepalive_expiry=5.0, network_backend=_Network(self._exchange)
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        exchange = self._exchange
        exchange.begin(request.extensions["deadline"])
        url = request.url
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        with _said_by_httpx(exchange):
            response = self._pool.handle_request(
                httpcore.Request(request.method, target, headers=request.headers.raw, content=request.stream)
            )
        exchange.head_is_over()
        return httpx.Response(response.status, headers=response.headers, stream=_Body(response, exchange))

    def close(self) -> None:
        self._pool.close()


class _Exchange:
    """What the exchange that runs has read so far, and how long it may go on."""

    def __init__(self) -> None:
        self.begin(Deadline(math.inf))

    def begin(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self._head = LARGEST_HEAD
        self.ended = False
        """Whether the server has closed the connection, so that what is missing was not sent rather than wrong."""

    def head_is_over(self) -> None:
        self._head = 0

    def left(self) -> float:
        """Seconds for the next wait; `httpcore.TimeoutException` when there are none."""
        left = self._deadline.left()
        if not left:
            raise httpcore.TimeoutException
        return left

    def note(self, received: bytes) -> None:
        self.ended = self.ended or not received
        if self._head:
            self._head -= len(received)
            if self._head <= 0:
                raise _too_long_a_head()


class _Body(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response, exchange: _Exchange) -> None:
        self._response, self._exchange = response, exchange

    def __iter__(self) -> Iterator[bytes]:
        with _said_by_httpx(self._exchange):
            yield from self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


@contextmanager
def _said_by_httpx(exchange: _Exchange) -> Iterator[None]:
    """The few failures the client tells apart: no time, no connection, one that broke, and what is no HTTP."""
    try:
        yield
    except httpcore.TimeoutException as cause:
        raise httpx.ReadTimeout(str(cause)) from cause
    except httpcore.ConnectError as cause:
        raise httpx.ConnectError(str(cause)) from cause
    except httpcore.RemoteProtocolError as cause:
        if not exchange.ended:
            raise errors.BadResponse(
                _("The answer of the server is no HTTP."), hint=_("check the address: emk config get url")
            ) from cause
        raise httpx.ReadError(str(cause)) from cause
    except (httpcore.NetworkError, httpcore.ProtocolError) as cause:
        raise httpx.ReadError(str(cause)) from cause


def _too_long_a_head() -> errors.BadResponse:
    size = LARGEST_HEAD // 1024
    return errors.BadResponse(_("The server sends headers without end (more than {size} KB).").format(size=size))


class _Network(httpcore.NetworkBackend):
    def __init__(self, exchange: _Exchange) -> None:
        self._exchange, self._sockets = exchange, httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = _addresses(host, port, self._exchange.left())
        for remaining in range(len(addresses), 0, -1):
            # an address nobody answers at leaves the others their share
            share = self._exchange.left() / remaining
            try:
                stream = self._sockets.connect_tcp(addresses[-remaining], port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if remaining == 1:
                    raise
            else:
                return _Stream(stream, self._exchange)
        raise httpcore.ConnectError(host)


def _addresses(host: str, port: int, seconds: float) -> list[str]:
    """The addresses of a host. The resolver cannot be interrupted, so it runs in a thread that is left behind."""
    found: list[Any] = []

    def resolve() -> None:
        try:
            found.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as cause:
            found.append(cause)

    resolver = Thread(target=resolve, daemon=True)
    resolver.start()
    resolver.join(seconds)
    if not found:
        raise httpcore.ConnectTimeout
    if isinstance(found[0], Exception):
        raise httpcore.ConnectError(str(found[0])) from found[0]
    return list(dict.fromkeys(str(address[4][0]) for address in found[0]))


class _Stream(httpcore.NetworkStream):
    """A connection whose timeouts are not the ones httpcore names, but what the exchange has left."""

    def __init__(self, stream: httpcore.NetworkStream, exchange: _Exchange) -> None:
        self._stream, self._exchange = stream, exchange

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        received = self._stream.read(max_bytes, self._exchange.left())
        self._exchange.note(received)
        return received

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """By hand: httpcore's own loop would give every part the same time anew."""
        connection: socket.socket = self._stream.get_extra_info("socket")
        waiting = memoryview(buffer)
        while waiting:
            connection.settimeout(self._exchange.left())
            try:
                waiting = waiting[connection.send(waiting[:_CHUNK]) :]
            except TimeoutError as cause:
                raise httpcore.WriteTimeout from cause
            except OSError as cause:
                raise httpcore.WriteError(str(cause)) from cause

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, self._exchange.left()), self._exchange)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
