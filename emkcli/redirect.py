"""Where a browser comes back to after a login: a receiver on this machine for one answer, or an address that was pasted."""

from __future__ import annotations

import hmac
import html
import time
from collections.abc import Callable
from queue import Empty, Queue
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from emkcli import errors
from emkcli.locale import _, language

if TYPE_CHECKING:
    from socketserver import TCPServer

HOSTS = {"127.0.0.1": "127.0.0.1", "localhost": "127.0.0.1", "::1": "::1"}
PATIENCE = 300.0
LONGEST_QUERY = 16384
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Connection": "close",
}
PAGE = """<!doctype html>
<html lang="{language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>emk</title>
<style>body{{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1.5rem;color-scheme:light dark}}</style>
<h1>{title}</h1><p>{text}</p></html>
"""


def is_loopback(redirect_uri: str) -> bool:
    parts = urlsplit(redirect_uri)
    return parts.scheme == "http" and parts.hostname in HOSTS


def parameters(query: str) -> dict[str, str] | None:
    """The answer in a query: a code or an error, each parameter once (RFC 6749 §3.1); None when it is no answer."""
    if len(query) > LONGEST_QUERY:
        return None
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=40)
    except ValueError:
        return None
    found = dict(pairs)
    return found if len(found) == len(pairs) and (found.get("code") or found.get("error")) else None


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
        parts = urlsplit(redirect_uri)
        host = parts.hostname or ""
        self._answers: Queue[dict[str, str]] = Queue(maxsize=1)
        self._state = ""
        self._server = _listening(host, parts.port or 0)
        port = self._server.server_address[1]
        self.host = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self.path = parts.path or "/"
        self.redirect_uri = f"http://{self.host}{parts.path}"
        self._pages = {fits: _page(fits) for fits in (True, False)}

    def __enter__(self) -> Receiver:
        self._server.RequestHandlerClass = _handler(self)
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_unused: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def expect(self, state: str) -> None:
        """The state an answer should carry: the page in the browser says whether it does."""
        self._state = state

    def wait(self, tick: Callable[[], object] = lambda: None, *, patience: float = PATIENCE) -> dict[str, str]:
        """The first answer. `TimedOut` when none comes; in short waits, so that Ctrl-C is heard on every system."""
        until = time.monotonic() + patience
        while time.monotonic() < until:
            try:
                return self._answers.get(timeout=0.2)
            except Empty:
                tick()
        raise errors.TimedOut(
            _("Nobody logged in: the browser did not come back in time."), hint="emk login --method device"
        )

    def answered(self, target: str, host: str | None) -> tuple[int, str | None, dict[str, str] | None]:
        """What a GET gets: status, page, and the answer it brought, if it did."""
        path, _mark, query = target.partition("?")
        if path != self.path or self._answers.full():
            return 404, None, None
        if host != self.host:
            return 421, None, None
        answer = parameters(query)
        if answer is None:
            return 400, None, None
        fits = hmac.compare_digest(answer.get("state", "").encode("utf-8", "replace"), self._state.encode())
        return (200 if fits else 400), self._pages[fits], answer

    def deliver(self, answer: dict[str, str]) -> None:
        if not self._answers.full():
            self._answers.put_nowait(answer)


def _listening(host: str, port: int) -> TCPServer:
    import os
    import socket
    from socketserver import BaseRequestHandler, TCPServer, ThreadingMixIn

    class Loopback(ThreadingMixIn, TCPServer):
        """A thread per connection, as browsers open some they do not use; no look-up of our own name, as http.server does."""

        address_family = socket.AF_INET6 if host == "::1" else socket.AF_INET
        allow_reuse_address = os.name == "posix"
        daemon_threads = True
        block_on_close = False

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A browser that hangs up is no news."""

    try:
        return Loopback((HOSTS[host], port), BaseRequestHandler)
    except OSError as cause:
        raise errors.Storage(
            _("emk cannot listen on {host}:{port} for the browser.").format(host=host, port=port),
            hint="emk login --method device",
        ) from cause


def _handler(receiver: Receiver) -> Any:
    from http.server import BaseHTTPRequestHandler

    class Handler(BaseHTTPRequestHandler):
        """Knows GET alone, says nothing of itself and logs nothing: a request line holds a code."""

        timeout = 10
        server_version, sys_version = "emk", ""

        def do_GET(self) -> None:
            status, page, answer = receiver.answered(self.path, self.headers.get("Host"))
            body = (page or "").encode()
            self.send_response(status)
            for name, value in HEADERS.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            if answer is not None:
                self.wfile.flush()
                receiver.deliver(answer)

        def log_message(self, *_unused: object) -> None:
            """Nothing."""

    return Handler


def _page(fits: bool) -> str:
    title = _("You can close this page") if fits else _("This answer does not belong to the login that emk began")
    text = _("emk goes on in the terminal.") if fits else _("Look at the terminal, and begin again there.")
    return PAGE.format(language=language(), title=html.escape(title), text=html.escape(text))
