"""The one HTTP funnel: everything that waits, retries, reads the server's clock or turns a status into an error."""

from __future__ import annotations

import json as jsonlib
import time
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import httpx

from emkcli import errors
from emkcli.api import tls
from emkcli.api.problems import error_for
from emkcli.clinical.dates import local
from emkcli.locale import _

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
PAUSES = (0.2, 0.6, 1.2)
"""Seconds before each retry; together with the connects they stay under the 5 s a refused connection may take."""
LONGEST_RETRY_AFTER = 2.0
RETRIED_STATUSES = frozenset({429, 502, 503, 504})
SAFE = frozenset({"GET", "HEAD"})
Params = Sequence[tuple[str, str]] | Mapping[str, str]


class Clock:
    """The server's clock as its `Date` headers tell it."""

    def __init__(self) -> None:
        self._heard: tuple[datetime, float] | None = None

    def note(self, stamp: str | None) -> None:
        try:
            served = parsedate_to_datetime(stamp or "").replace(tzinfo=UTC)
        except ValueError:
            return
        self._heard = (served, time.monotonic())

    def now(self) -> datetime:
        """The server's moment where one was heard, else this machine's; on the clock of Moscow."""
        if self._heard is None:
            return local(datetime.now(UTC))
        served, at = self._heard
        return local(served + timedelta(seconds=int(time.monotonic() - at)))


class Wire:
    """Requests against one origin. `auth` puts the token in; redirects are never followed, foreign links are refused."""

    def __init__(
        self,
        base_url: str,
        *,
        transport: httpx.BaseTransport | None = None,
        timeout: float = 30.0,
        language: str = "en",
        ca_bundle: str | None = None,
        elsewhere: bool = False,
        trace: Callable[[str], None] | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._origin = _origin(self.base_url)
        self._trace = trace
        self._refusal = partial(tls.refusal, self.base_url, has_bundle=ca_bundle is not None, elsewhere=elsewhere)
        self._problems: Callable[[httpx.Response], errors.EmkError] = error_for
        self._clock = Clock()
        self._auth: httpx.Auth | None = None
        self._client = httpx.Client(
            transport=transport or _transport(self.base_url, ca_bundle),
            timeout=timeout,
            trust_env=False,
            headers={"Accept-Language": language, "User-Agent": "emk"},
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
    ) -> httpx.Response:
        """One request, retried where that is safe (reads, and mutations with an idempotency key).

        `path` is relative to the base address or an absolute link of the same origin. The answer to `If-None-Match` may
        be a 304.
        Raises the error that the status, the problem document or the network stands for; with `tolerant` a refusal is
        returned as it is, for a caller that knows its dialect.
        """
        extra = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        request = self._client.build_request(
            method,
            self._url(path),
            params=list(params.items()) if isinstance(params, Mapping) else params,  # type: ignore[arg-type]
            json=json,
            data=form,
            content=content,
            headers={**headers, **extra},
        )
        response = self._attempts(request, retry=method in SAFE or idempotency_key is not None)
        if response.is_redirect and response.status_code != 304:
            raise errors.BadResponse(
                _("The server sent us elsewhere; emk does not follow with a token."),
                hint=_("check the address: emk config get url"),
            )
        if response.status_code >= 400 and not tolerant:
            raise self._problems(response)
        return response

    def json(self, method: str, path: str, **options: Any) -> Any:
        """Like `send`, and the decoded document. `BadResponse` when it is none, or an error dressed as a success."""
        return decoded(self.send(method, path, **options))

    def now(self) -> datetime:
        """The server's clock as its last `Date` header told, else the local one; Europe/Moscow."""
        return self._clock.now()

    def close(self) -> None:
        self._client.close()

    def _url(self, path: str) -> str:
        if "://" not in path:
            return self.base_url + path
        if _origin(path) != self._origin:
            raise errors.BadResponse(_("The server linked to another address; emk does not follow it."))
        return path

    def _attempts(self, request: httpx.Request, *, retry: bool) -> httpx.Response:
        for pause in (*PAUSES, None):
            try:
                response = self._once(request)
            except httpx.TimeoutException as cause:
                raise errors.TimedOut(
                    _("The server did not answer in time."), hint=_("retry later, or raise --timeout")
                ) from cause
            except (httpx.TransportError, ConnectionError) as cause:
                if pause is None or not (retry or isinstance(cause, httpx.ConnectError)) or tls.failure(cause):
                    raise self._unreachable(cause) from cause
                time.sleep(pause)
                continue
            if pause is None or not retry or not _worth_retrying(response):
                return response
            time.sleep(max(pause, _retry_after(response)))
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
        self._clock.note(response.headers.get("Date"))
        if self._trace:
            spent = (time.monotonic() - started) * 1000
            self._trace(f"{request.method} {request.url.path} {response.status_code} {spent:.0f} ms")
        return response


def decoded(response: httpx.Response) -> Any:
    """The JSON of a response, or `BadResponse` with its request id."""
    request_id = response.headers.get("X-Request-Id")
    try:
        document = jsonlib.loads(response.content)
    except ValueError:
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        raise errors.BadResponse(
            _("The service is unavailable: the answer is no JSON ({kind}).").format(kind=kind or _("no type")),
            hint=_("retry later"),
            request_id=request_id,
        ) from None
    if isinstance(document, dict) and document.get("errorCode"):
        raise errors.BadResponse(
            _("The server reports error {code} although the status says success.").format(code=document["errorCode"]),
            hint=_("perhaps this version of emk is too old for the server"),
            request_id=request_id,
        )
    return document


def _worth_retrying(response: httpx.Response) -> bool:
    return response.status_code in RETRIED_STATUSES and _retry_after(response) <= LONGEST_RETRY_AFTER


def _retry_after(response: httpx.Response) -> float:
    try:
        return max(0.0, float(response.headers.get("Retry-After", "0")))
    except ValueError:
        return LONGEST_RETRY_AFTER + 1


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _transport(base_url: str, ca_bundle: str | None) -> httpx.BaseTransport:
    import ssl

    parts = urlsplit(base_url)
    if parts.scheme == "http" and parts.hostname in LOOPBACK:
        return httpx.HTTPTransport(verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    if parts.scheme != "https":
        raise errors.Usage(
            _("The address must begin with https:// (plain http only for this machine)."),
            hint="emk config set url https://…",
        )
    return httpx.HTTPTransport(verify=tls.context(ca_bundle))
