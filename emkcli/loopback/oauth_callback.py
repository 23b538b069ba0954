"""Where a browser comes back to after a login: a receiver on this machine for one answer, or an address that was pasted."""

from __future__ import annotations

import hmac
import html
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from queue import Empty, Full, Queue
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from emkcli import errors
from emkcli.locale import _, language
from emkcli.loopback import ADDRESSES

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from emkcli.loopback.server import LoopbackServer

PATIENCE = 300.0
LONGEST_QUERY = 16384
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
}
PAGE = """<!doctype html>
<html lang="{language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>emk</title>
<style>body{{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1.5rem;color-scheme:light dark}}</style>
<h1>{title}</h1><p>{text}</p></html>
"""


def is_loopback(redirect_uri: str) -> bool:
    parts = urlsplit(redirect_uri)
    return parts.scheme == "http" and parts.hostname in ADDRESSES


def parameters(query: str) -> dict[str, str] | None:
    """The answer in a query: a code or an error, each parameter once (RFC 6749 §3.1); None when it is no answer."""
    if len(query) > LONGEST_QUERY:
        return None
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=40)
    except ValueError:
        return None
    answer = dict(pairs)
    return answer if len(answer) == len(pairs) and (answer.get("code") or answer.get("error")) else None


def from_address(address: str, redirect_uri: str) -> dict[str, str]:
    """The answer in an address that a person copied from the browser."""
    place, _mark, query = address.strip().partition("?")
    answer = parameters(query.partition("#")[0])
    if place != redirect_uri or answer is None:
        raise errors.InvalidInput(
            _("That is not the address the browser was sent to after the login."),
            hint=_("it begins with {address}?").format(address=redirect_uri),
        )
    return answer


class Receiver:
    """Listens at a loopback redirect address, on a random port unless the address names one; use it in a `with`."""

    def __init__(self, redirect_uri: str) -> None:
        wanted = urlsplit(redirect_uri)
        self._answers: Queue[dict[str, str]] = Queue(maxsize=1)
        self._state = ""
        self._ignored = False
        self._pages = {fits: _page(fits).encode() for fits in (True, False)}
        self._path = unquote(wanted.path, "latin-1") or "/"  # as WSGI writes a path
        self._server = _listening(self._application, wanted)
        self.host = self._server.host
        self.redirect_uri = f"{self._server.origin}{wanted.path}"

    def __enter__(self) -> Receiver:
        self._server.start()
        return self

    def __exit__(self, *_unused: object) -> None:
        self._server.stop()

    def expect(self, state: str) -> None:
        """The state of the login: an answer with another one is no answer."""
        self._state = state

    def wait(self, tick: Callable[[], object] = lambda: None, *, patience: float = PATIENCE) -> dict[str, str]:
        """The first answer to this login. `TimedOut` when none comes; in short waits, so that Ctrl-C is heard on every system."""
        until = time.monotonic() + patience
        while time.monotonic() < until:
            try:
                return self._answers.get(timeout=0.2)
            except Empty:
                tick()
        message = _("Nobody logged in: the browser did not come back in time.")
        if self._ignored:
            message = _("Nobody logged in: the browser brought back answers to other logins only (state).")
        raise errors.TimedOut(message, hint="emk login --method device")

    def _application(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        from emkcli.loopback.server import reply

        if environ["REQUEST_METHOD"] != "GET":
            return reply(start, 501)
        if environ["PATH_INFO"] != self._path or self._answers.full():
            return reply(start, 404)
        answer = parameters(environ["QUERY_STRING"])
        return reply(start, 400) if answer is None else self._received(start, answer)

    def _received(self, start: StartResponse, answer: dict[str, str]) -> Iterable[bytes]:
        """The page for the browser. What another page or an older login sends is ignored; the answer is handed on when the page
        was written, as the program may end then, or when the browser did not wait for it."""
        from emkcli.loopback.server import reply, write

        state = answer.get("state", "").encode("utf-8", "replace")
        if not self._state or not hmac.compare_digest(state, self._state.encode()):
            self._ignored = True
            return reply(start, 400, self._pages[False], HEADERS)
        try:
            return write(start, 200, self._pages[True], HEADERS)
        finally:
            with suppress(Full):  # of two at once the first counts
                self._answers.put_nowait(answer)


def _listening(application: WSGIApplication, wanted: SplitResult) -> LoopbackServer:
    from emkcli.loopback.server import LoopbackServer

    host, port = wanted.hostname or "", wanted.port or 0
    try:
        return LoopbackServer(application, host, port)
    except OSError as cause:
        raise errors.Storage(
            _("emk cannot listen on {host}:{port} for the browser.").format(host=host, port=port),
            hint="emk login --method device",
        ) from cause


def _page(fits: bool) -> str:
    title = _("You can close this page") if fits else _("This answer does not belong to the login that emk began")
    text = (
        _("emk goes on in the terminal.") if fits else _("It was ignored. emk waits for the right one in the terminal.")
    )
    return PAGE.format(language=language(), title=html.escape(title), text=html.escape(text))
