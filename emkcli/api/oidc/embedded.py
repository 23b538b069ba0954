"""The embedded mock in a browser: its application gets an address on this machine, for as long as one login lasts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from emkcli.api.ports import Authorization, Identity
from emkcli.api.rest import RestIdentity
from emkcli.api.wire import Wire
from emkcli.models import Tokens

if TYPE_CHECKING:
    from wsgiref.simple_server import WSGIServer


class EmbeddedIdentity(RestIdentity):
    """Everything in process but the browser's part: `openid` makes the identity of the provider at an address."""

    def __init__(self, wire: Wire, application: Any, openid: Callable[[str], Identity]) -> None:
        super().__init__(wire)
        self._application = application
        self._make = openid
        self._openid: Identity | None = None
        self._server: WSGIServer | None = None

    def authorize(self, redirect_uri: str) -> Authorization:
        self.close()
        self._server = _serving(self._application)
        self._openid = self._make(f"http://127.0.0.1:{self._server.server_port}")
        return self._openid.authorize(redirect_uri)

    def exchange_authorization(self, begun: Authorization, answer: Mapping[str, str]) -> Tokens:
        if self._openid is None:
            self.unsupported()
        try:
            tokens = self._openid.exchange_authorization(begun, answer)
        finally:
            self.close()
        # the address of this one login means nothing afterwards
        return replace(tokens, issuer=None, id_token=None)

    def close(self) -> None:
        """Stop serving; also where nobody came back."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
        self._server = self._openid = None


def _serving(application: Any) -> WSGIServer:
    from io import StringIO
    from socketserver import ThreadingMixIn
    from threading import Thread
    from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

    class Server(ThreadingMixIn, WSGIServer):
        """A thread per connection, as browsers open some they do not use."""

        daemon_threads = True
        block_on_close = False

        def server_bind(self) -> None:
            """Without http.server's look-up of our own name, which may take seconds."""
            from socketserver import TCPServer

            TCPServer.server_bind(self)
            self.server_name, self.server_port = "127.0.0.1", self.server_address[1]
            self.setup_environ()

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A browser that hangs up is no news."""

    class Handler(WSGIRequestHandler):
        timeout = 10

        def get_environ(self) -> dict[str, Any]:
            """Without a length there is no body (PEP 3333); reading on would wait for a browser that waits for us."""
            found = super().get_environ()
            return found | {"CONTENT_LENGTH": found["CONTENT_LENGTH"] or "0"}

        def get_stderr(self) -> StringIO:
            """What fails is a page with status 500; the terminal is ours."""
            return StringIO()

        def log_message(self, *_unused: object) -> None:
            """Nothing: a request line holds a code."""

    server = make_server("127.0.0.1", 0, application, Server, Handler)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server
