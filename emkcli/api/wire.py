"""The one HTTP funnel: everything that waits, retries, reads the server's clock or turns a status into an error."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import httpx

from emkcli import errors
from emkcli.api import documents, tls
from emkcli.api.deadlines import Deadline
from emkcli.api.documents import Document
from emkcli.api.response_bodies import ACCEPTED, BoundedTransport
from emkcli.api.server_clock import Clock
from emkcli.config.settings import LARGEST_RESPONSE, RETRIES
from emkcli.locale import _
from emkcli.security.redact import Learn, ignore

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
PAUSES = (0.2, 0.6, 1.2)
"""Seconds before each retry; together with the connects they stay under the 5 s a refused connection may take. Whoever
wants more retries waits as long as before the last of these each time."""
LONGEST_RETRY_AFTER = 2.0
# not 500: it says that the server stumbled over this very request, and would again
RETRIED_STATUSES = frozenset({429, 502, 503, 504})
_READ = httpx.ByteStream(b"")
SAFE = frozenset({"GET", "HEAD"})
MOST_REDIRECTS = 5
"""A slash that is added, a path that has moved; more of them are a circle."""
LARGEST_LOGIN = 2**20
"""Bytes of an answer about a login: metadata, keys, tokens."""
Params = Sequence[tuple[str, str]] | Mapping[str, str]


class Wire:
    """Requests against one origin. A read follows redirects within it; redirects and links to another are refused.

    :param base_url: https, or plain http for this machine.
    :param transport: instead of the network: httpx's WSGI transport for the embedded mock, a mock transport in tests.
    :param timeout: seconds that one request may take as a whole: the name, the connection, TLS, what is sent, interim
        answers, headers, the body and every retry. Only a session that is renewed on the way has as long once more.
    :param retries: how often a request that may be repeated is, after the first time, as long as its time allows it.
    :param largest: bytes of an answer, unpacked, unless a call names its own limit.
    :param language: en or ru, sent as `Accept-Language`.
    :param ca_bundle: a file of certificates (PEM or DER) trusted beside the system's.
    :param plain: plain http is accepted although another machine is there: a mock that a person listed.
    :param elsewhere: the host is not the one of `--url`; only the hints of TLS errors differ.
    :param trace: takes one line per request, without query, headers and bodies.
    :param learn: is told what is sent and what an answer of the portal holds, so that secrets among it are never said.
    :raises Usage: plain http to another machine, unless `plain` (2).
    :raises InvalidInput: the file of certificates cannot be read (2).
    """

    def __init__(
        self,
        base_url: str,
        *,
        transport: httpx.BaseTransport | None = None,
        timeout: float = 30.0,
        retries: int = RETRIES,
        largest: int = LARGEST_RESPONSE,
        language: str = "en",
        ca_bundle: str | None = None,
        plain: bool = False,
        elsewhere: bool = False,
        trace: Callable[[str], None] | None = None,
        learn: Learn = ignore,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._origin = _origin(self.base_url)
        self._trace = trace
        self._learn = learn
        self._refusal = partial(tls.refusal, self.base_url, has_bundle=ca_bundle is not None, elsewhere=elsewhere)
        self._problems: Callable[[httpx.Response], errors.EmkError] = _problem
        self._clock = Clock()
        self._auth: httpx.Auth | None = None
        self._timeout, self._retries, self._largest = timeout, retries, largest
        self._client = httpx.Client(
            transport=BoundedTransport(transport or _transport(self.base_url, ca_bundle, plain=plain)),
            # a .netrc would add credentials of its own, and SSL_CERT_FILE is truststore's to read
            trust_env=False,
            headers={"Accept-Language": language, "Accept-Encoding": ACCEPTED, "User-Agent": "emk"},
        )

    def with_auth(self, auth: httpx.Auth) -> Wire:
        """The same connection and clock, with a token on every request."""
        authenticated = copy(self)
        authenticated._auth = auth
        return authenticated

    def without_auth(self) -> Wire:
        """The same connection and clock, and no token: no keyring is asked for one."""
        anonymous = copy(self)
        anonymous._auth = None
        return anonymous

    def with_problems(self, problems: Callable[[httpx.Response], errors.EmkError]) -> Wire:
        """The same connection to a server that tells its refusals in a dialect of its own."""
        speaking = copy(self)
        speaking._problems = problems
        return speaking

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
        idempotency_key: str | None = None,
        tolerant: bool = False,
        limit: int | None = None,
    ) -> httpx.Response:
        """One request, retried where that is safe: reads, and changes with an idempotency key.

        :param path: relative to the base address, or an absolute link of the same origin.
        :param idempotency_key: lets the server recognise a repetition of the same change.
        :param tolerant: return a refusal as it is, for a caller that knows its dialect.
        :param limit: bytes of the answer, unpacked, instead of those of the wire.
        :returns: the response, its body read; a 304 where `If-None-Match` was sent.
        :raises EmkError: what the status, the problem document (RFC 9457), the OAuth error or the OperationOutcome
            stands for.
        :raises TimedOut: no whole answer in time; never retried (7).
        :raises Unreachable: no connection; three retries end within 5 s (7).
        :raises TlsFailed: the certificate is not trusted; never retried (7).
        :raises BadResponse: a redirect or link to another origin, an answer beyond its limit, damaged or no HTTP (8).
        """
        # whatever a server could repeat: it is known before the server has it
        self._learn("", form or json)
        extra = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        with _sendable(path):
            request = self._client.build_request(
                method,
                self._url(path),
                params=list(params.items()) if isinstance(params, Mapping) else params,  # type: ignore[arg-type]
                json=json,
                data=form,
                content=content,
                headers={**headers, **extra},
                extensions={"deadline": Deadline.after(self._timeout), "limit": limit or self._largest},
            )
        response = self._arrived(request, retry=method in SAFE or idempotency_key is not None)
        if response.status_code >= 400 and not tolerant:
            raise self._problems(response)
        return response

    def document(self, method: str, path: str, **options: Any) -> Document:
        """Like `send`, and the document of the answer.

        :raises BadResponse: the answer is no JSON, or an error dressed as a success (8).
        """
        document = documents.read(self.send(method, path, **options))
        self._learn("", document.value)
        return document

    def json(self, method: str, path: str, **options: Any) -> Any:
        """The same for a caller that looks at every value itself."""
        return self.document(method, path, **options).value

    def path_at_server(self, path: str) -> str:
        """The path that a request to `path` arrives at: decoded, and without the steps up and down that an address may take.

        :raises BadResponse: a link to another origin (8).
        """
        with _sendable(path):
            return httpx.URL(self._url(path)).path.rstrip("/")

    def now(self) -> datetime:
        """The server's clock as its last `Date` header told, else the local one; Europe/Moscow."""
        return self._clock.now()

    def close(self) -> None:
        """Close the connections, of every wire that shares them."""
        self._client.close()

    def _url(self, path: str) -> str:
        if "://" not in path:
            return self.base_url + path
        if _origin(path) != self._origin:
            raise errors.BadResponse(
                _("The server linked to another address; emk does not follow it."),
                hint=_("check the address: emk config get url"),
            )
        return path

    def _arrived(self, request: httpx.Request, *, retry: bool) -> httpx.Response:
        """The answer, after the redirects of a read within the origin."""
        for _hop in range(MOST_REDIRECTS):
            response = self._attempts(request, retry=retry)
            # httpx counts every 3xx among the redirects, "not modified" too
            if not response.is_redirect or response.status_code == 304:
                return response
            following = response.next_request
            if following is None or request.method not in SAFE or _origin(str(following.url)) != self._origin:
                break
            request = following
        raise errors.BadResponse(
            _("The server sent us elsewhere; emk does not follow with a token."),
            hint=_("check the address: emk config get url"),
            request_id=documents.request_id(response),
        )

    def _attempts(self, request: httpx.Request, *, retry: bool) -> httpx.Response:
        deadline: Deadline = request.extensions["deadline"]
        for planned in (*_pauses(self._retries), None):
            try:
                response = self._once(request)
            except httpx.TimeoutException as cause:
                # not repeated: the request may have been carried out, and another silence of 30 s helps nobody
                raise errors.TimedOut(
                    _("The server did not answer in time."), hint=_("retry later, or raise --timeout")
                ) from cause
            except (httpx.TransportError, ConnectionError) as cause:
                pause = _affordable(planned, deadline)
                # without a connection nothing was sent, so even a change may be tried again; a certificate stays as it is
                if pause is None or not (retry or isinstance(cause, httpx.ConnectError)) or tls.failure(cause):
                    raise self._unreachable(cause) from cause
                time.sleep(pause)
                continue
            pause = _affordable(planned and max(planned, _retry_after(response)), deadline)
            if pause is None or not retry or not _worth_retrying(response):
                return response
            time.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def _unreachable(self, cause: Exception) -> errors.Unreachable:
        """A connection that failed, as an error that names the host and what to look at."""
        if refused := tls.failure(cause):
            return self._refusal(refused)
        return errors.Unreachable(
            _("{host} cannot be reached.").format(host=urlsplit(self.base_url).hostname),
            hint=_("check the network and the address, then retry"),
        )

    def _once(self, request: httpx.Request) -> httpx.Response:
        started = time.monotonic()
        response = self._client.send(request, auth=self._auth)
        # the body was read; httpx's stream refers back to the response, and the two would keep it until the next collection
        response.stream = _READ
        self._clock.note(response.headers.get("Date"))
        if self._trace:
            spent = (time.monotonic() - started) * 1000
            self._trace(f"{request.method} {request.url.path} {response.status_code} {spent:.0f} ms")
        return response


@contextmanager
def _sendable(path: str) -> Iterator[None]:
    """What no request can be made of: a link that is no address is the server's fault, anything else came from a person."""
    try:
        yield
    except (httpx.InvalidURL, ValueError) as cause:
        if "://" in path:
            raise errors.BadResponse(_("The server's link is no address.")) from cause
        raise errors.InvalidInput(_("This cannot be sent: it is no address, or no text in UTF-8.")) from cause


def _problem(response: httpx.Response) -> errors.EmkError:
    from emkcli.api.problems import error_for

    return error_for(response)


def _pauses(retries: int) -> tuple[float, ...]:
    return (*PAUSES, *(PAUSES[-1:] * (retries - len(PAUSES))))[: max(0, retries)]


def _affordable(pause: float | None, deadline: Deadline) -> float | None:
    """A pause as long as there is time for it, and None, which is for no further attempt, where there is not."""
    return pause if pause is not None and pause < deadline.left() else None


def _worth_retrying(response: httpx.Response) -> bool:
    return response.status_code in RETRIED_STATUSES and _retry_after(response) <= LONGEST_RETRY_AFTER


def _retry_after(response: httpx.Response) -> float:
    try:
        return max(0.0, float(response.headers.get("Retry-After", "0")))
    except ValueError:
        # the other form is a date (RFC 9110 §10.2.3); who writes one means later than we would wait
        return LONGEST_RETRY_AFTER + 1


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    # `https://host` and `https://host:443` are one origin (RFC 6454 §4)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _transport(base_url: str, ca_bundle: str | None, *, plain: bool) -> httpx.BaseTransport:
    import ssl

    parts = urlsplit(base_url)
    is_plain = parts.scheme == "http" and (plain or parts.hostname in LOOPBACK)
    if not is_plain and parts.scheme != "https":
        raise errors.Usage(
            _("The address must begin with https:// (plain http only for this machine)."),
            hint="emk config set url https://…",
        )
    from emkcli.api.network import NetworkTransport

    # a context that trusts nobody: plain http never asks one
    return NetworkTransport(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if is_plain else tls.context(ca_bundle))
