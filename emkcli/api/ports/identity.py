"""The port for logging in, staying logged in and logging out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from emkcli import models
from emkcli.api.ports.port import Port


@dataclass(frozen=True)
class Authorization:
    """An authorization code flow that was begun. Its repr shows only what may be seen by others."""

    url: str
    """The address to open in a browser."""
    redirect_uri: str
    """Where the browser comes back to, exactly as it was asked for."""
    state: str = field(repr=False)
    """What the answer must repeat, so that an answer to another login is told apart (RFC 6749 §10.12)."""
    verifier: str | None = field(default=None, repr=False)
    """The secret of PKCE, sent with the code (RFC 7636); None where the provider has no PKCE."""
    nonce: str | None = field(default=None, repr=False)
    """What the id token must repeat; None where no id token was asked for."""


@dataclass(frozen=True)
class DeviceAuthorization:
    """A device flow that was begun (RFC 8628 §3.2)."""

    device_code: str = field(repr=False)
    """The secret that `Identity.exchange_device` asks with."""
    user_code: str
    """What the person types in on the other machine."""
    verification_uri: str
    """Where they type it in."""
    verification_uri_complete: str | None = None
    """The same with the code in it, for a QR code."""
    interval: float = 5.0
    """Seconds to wait between two questions."""
    expires_in: float = 600.0
    """Seconds until the codes are worth nothing."""


class Identity(Port):
    """Sessions: by an SMS code, an electronic signature, a browser or another device."""

    def challenge(self, method: str, login: str) -> models.Challenge:
        """Begin a login. The answer is the same for a login that nobody has. Needs no session.

        :param method: sms (a code is sent) or signature (bytes to sign come back).
        :param login: a phone as `+79XXXXXXXXX` or a СНИЛС as `XXX-XXX-XXX YY`.
        :returns: `Challenge`: for signature its `data` is base64; `expires_at` and `resend_after` are times.
        :raises InvalidInput: the method or the login is malformed (2).
        :raises RateLimited: the last code was sent less than a minute ago (8).
        :source: `POST /oauth2/challenges`.
        """
        self.unsupported()

    def exchange_code(self, challenge: str, code: str) -> models.Tokens:
        """End a login by SMS. Needs no session.

        :param challenge: the id of the challenge.
        :param code: the digits of the SMS.
        :returns: `Tokens`: `expires_in` in seconds, `patient` whose session it is, `trust` of their account.
        :raises InvalidInput: the code is wrong or too old; `details["attempts_left"]` says how many tries remain (2).
        :raises RateLimited: the code was wrong three times (8).
        :source: `POST /oauth2/token` with the grant `urn:emk:grant-type:sms-code` (RFC 6749 §4.5).
        """
        self.unsupported()

    def exchange_signature(self, challenge: str, signature: bytes) -> models.Tokens:
        """End a login by electronic signature. Needs no session.

        :param challenge: the id of the challenge.
        :param signature: a detached CMS SignedData (DER) over the bytes of the challenge, not their base64.
        :returns: `Tokens`, as `exchange_code` gives them.
        :raises InvalidInput: the signature does not fit, is somebody else's, or came too late (2).
        :source: `POST /oauth2/token` with the grant `urn:emk:grant-type:signature`; CMS is RFC 5652.
        """
        self.unsupported()

    def authorize(self, redirect_uri: str) -> Authorization:
        """Begin a login in a browser. Nothing is kept here: the answer is compared with what this returns.

        :param redirect_uri: where the browser comes back to; a loopback address (RFC 8252 §7.3) or the registered one.
        :returns: `Authorization`, whose `url` is for the browser.
        :raises Usage: no `client_id` is set where the provider needs one (2).
        :raises BadResponse: the provider's configuration is somebody else's or names an unsafe address (8).
        :raises Unsupported: the provider has no such login, or lists its PKCE methods without S256 (11).
        :source: RFC 6749 §4.1 with PKCE (RFC 7636), OpenID Connect Core, SMART App Launch; ESIA `/aas/oauth2/v2/ac`.
        """
        self.unsupported()

    def exchange_authorization(self, begun: Authorization, answer: Mapping[str, str]) -> models.Tokens:
        """End a login in a browser.

        :param begun: what `authorize` returned.
        :param answer: the parameters that the browser brought back: `code`, `state`, `iss`, or `error`.
        :returns: `Tokens`, the id token verified where one was asked for.
        :raises Forbidden: the person or the provider refused; `details["reason"]` is the provider's code (5).
        :raises BadResponse: `state`, `iss` or the id token is not of the login that was begun (8).
        :source: RFC 6749 §4.1.3, RFC 9207 (`iss`), OpenID Connect Core §3.1.3; ESIA `/aas/oauth2/v3/te`.
        """
        self.unsupported()

    def authorize_device(self) -> DeviceAuthorization:
        """Begin a login on another device.

        :returns: `DeviceAuthorization`: the code to type in, and how often and how long to ask, in seconds.
        :raises Usage: no `client_id` is set where the provider needs one (2).
        :raises Forbidden: the provider does not know the client (5).
        :raises Unsupported: the provider has no device flow (11).
        :source: RFC 8628 §3.1.
        """
        self.unsupported()

    def exchange_device(self, begun: DeviceAuthorization) -> models.Tokens | None:
        """Ask once whether the person has agreed; the waiting is the caller's.

        :param begun: what `authorize_device` returned.
        :returns: `Tokens`, or None while the person has not answered.
        :raises Forbidden: the person refused, or the codes are too old (5).
        :raises RateLimited: the provider wants to be asked 5 seconds less often from now on (8).
        :source: RFC 8628 §3.4 and §3.5.
        """
        self.unsupported()

    def logout_address(self) -> str | None:
        """Where a browser ends the provider's own session, which outlives ours.

        :returns: an address without any token in it, or None where the provider has none.
        :raises BadResponse: the provider names an unsafe address (8).
        :source: OpenID Connect RP-Initiated Logout; ESIA `/idp/ext/Logout`.
        """
        self.unsupported()

    def refresh(self, refresh_token: str) -> models.Tokens:
        """New tokens for a refresh token, which is worth nothing afterwards.

        :param refresh_token: the one of the session in force.
        :returns: `Tokens`; what the answer leaves out of them stays in force.
        :raises SessionLost: the refresh token is no longer good (4).
        :source: RFC 6749 §6.
        """
        self.unsupported()

    def revoke(self, token: str) -> None:
        """End the session on the server; a token that the server does not know is no error.

        :param token: an access or a refresh token of the session.
        :returns: nothing.
        :raises InvalidInput: the token is empty (2).
        :raises Unsupported: the provider cannot revoke (11).
        :source: RFC 7009; ESIA documents no such address.
        """
        self.unsupported()
