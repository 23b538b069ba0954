"""The embedded mock in a browser: its application gets an address on this machine, for as long as one login lasts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from msgspec.structs import replace

from emkcli.api.ports import Authorization, Identity
from emkcli.api.rest.identity import RestIdentity
from emkcli.api.wire import Wire
from emkcli.models import Tokens

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

    from emkcli.loopback.server import LoopbackServer


class EmbeddedIdentity(RestIdentity):
    """Everything in process but the browser's part: `openid` makes the identity of the provider at an address."""

    def __init__(self, wire: Wire, application: WSGIApplication, openid: Callable[[str], Identity]) -> None:
        super().__init__(wire)
        self._application = application
        self._make = openid
        self._openid: Identity | None = None
        self._server: LoopbackServer | None = None

    def authorize(self, redirect_uri: str) -> Authorization:
        from emkcli.loopback.server import LoopbackServer

        self.close()
        self._server = LoopbackServer(self._application)
        self._server.start()
        self._openid = self._make(self._server.origin)
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
            self._server.stop()
        self._server = self._openid = None
