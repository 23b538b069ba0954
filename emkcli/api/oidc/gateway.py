"""The identity of the emk HTTP API where the gateway is an OpenID provider too: a browser or another device as well as SMS."""

from __future__ import annotations

from collections.abc import Mapping

from emkcli.api.ports import Authorization, DeviceAuthorization, Identity
from emkcli.api.rest.identity import RestIdentity
from emkcli.api.wire import Wire
from emkcli.models import Tokens


class GatewayIdentity(RestIdentity):
    """What begins in a browser or on a device is `openid`'s; codes, signatures, refresh and logout stay the API's own."""

    def __init__(self, wire: Wire, openid: Identity) -> None:
        super().__init__(wire)
        self._openid = openid

    def authorize(self, redirect_uri: str) -> Authorization:
        return self._openid.authorize(redirect_uri)

    def exchange_authorization(self, begun: Authorization, answer: Mapping[str, str]) -> Tokens:
        return self._openid.exchange_authorization(begun, answer)

    def authorize_device(self) -> DeviceAuthorization:
        return self._openid.authorize_device()

    def exchange_device(self, begun: DeviceAuthorization) -> Tokens | None:
        return self._openid.exchange_device(begun)

    def logout_address(self) -> str | None:
        return self._openid.logout_address()
