"""The identity port over OAuth 2.0 and OpenID Connect: code with PKCE, device flow, refresh, revocation, logout."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from msgspec.structs import replace

from emkcli import errors
from emkcli.api.documents import Document, about
from emkcli.api.oidc import answers, id_token
from emkcli.api.oidc.provider import Provider, ProviderWires, with_query
from emkcli.api.ports import Authorization, DeviceAuthorization, Identity
from emkcli.api.wire import LARGEST_LOGIN
from emkcli.locale import _
from emkcli.models import Tokens

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
SCOPE = "openid offline_access patient/*.read portal"
"""The gateway's own words for all that the portal and the card need."""
SMART_SCOPE = "launch/patient patient/*.rs openid fhirUser offline_access"
PENDING = "authorization_pending"
_USER = re.compile(r"(?:(.*)/)?Patient/([A-Za-z0-9.\-]{1,64})")


class OpenIdentity(Identity):
    """`discover` finds the provider, on first use. With an `audience` (the FHIR base) the login is a SMART standalone launch.

    A public client: it proves itself by PKCE and holds no secret.
    """

    def __init__(
        self,
        wires: ProviderWires,
        discover: Callable[[], Provider],
        *,
        client_id: str | None,
        scope: str | None = None,
        audience: str | None = None,
    ) -> None:
        self._wires, self._discover, self._client, self._audience = wires, discover, client_id, audience
        self._scope = scope or (SMART_SCOPE if audience else SCOPE)

    @cached_property
    def _provider(self) -> Provider:
        return self._discover()

    @property
    def _client_id(self) -> str:
        if not self._client:
            raise errors.Usage(
                _("The provider must know this program by a client_id."),
                hint=_("register emk there as a public client, then: emk config set client_id …"),
            )
        return self._client

    def authorize(self, redirect_uri: str) -> Authorization:
        client_id, provider = self._client_id, self._provider
        endpoint = provider.needed("authorization_endpoint")
        provider.check_pkce()
        state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
        nonce = secrets.token_urlsafe(32) if self._asks_for("openid") else None
        query = {
            "response_type": "code",
            "client_id": client_id,
            "redirect_uri": redirect_uri,
            "scope": self._scope,
            "state": state,
            "code_challenge": _challenge(verifier),
            "code_challenge_method": "S256",
            **({"nonce": nonce} if nonce else {}),
            **self._particulars(),
        }
        return Authorization(with_query(endpoint, query), redirect_uri, state, verifier, nonce)

    def _particulars(self) -> dict[str, str]:
        more = {"aud": self._audience} if self._audience else {}
        # OpenID Connect Core 11: offline access is given only to somebody who was asked
        return more | ({"prompt": "consent"} if self._asks_for("openid") and self._asks_for("offline_access") else {})

    def exchange_authorization(self, begun: Authorization, answer: Mapping[str, str]) -> Tokens:
        if not hmac.compare_digest(answer.get("state", "").encode("utf-8", "replace"), begun.state.encode()):
            raise errors.BadResponse(
                _("The browser brought back an answer to another login (state); nobody was logged in.")
            )
        self._check_issuer(answer)
        if "error" in answer:
            raise answers.refusal(answer, (answer.get("code", ""), begun.state))
        if not answer.get("code"):
            raise errors.BadResponse(_("The browser brought back neither a code nor an error."))
        return self._token(
            nonce=begun.nonce,
            grant_type="authorization_code",
            code=answer["code"],
            redirect_uri=begun.redirect_uri,
            code_verifier=begun.verifier or "",
        )

    def _check_issuer(self, answer: Mapping[str, str]) -> None:
        """RFC 9207: an answer of another provider is not sent to this one."""
        claimed, issuer = answer.get("iss"), self._provider.issuer
        missing = claimed is None and self._provider.names_itself_in_answers
        if missing or (claimed is not None and issuer is not None and claimed != issuer):
            raise errors.BadResponse(_("The answer comes from another provider (iss); nobody was logged in."))

    def authorize_device(self) -> DeviceAuthorization:
        form = {"client_id": self._client_id, "scope": self._scope}
        form |= {"aud": self._audience} if self._audience else {}
        return _device(self._post("device_authorization_endpoint", form)[0])

    def exchange_device(self, begun: DeviceAuthorization) -> Tokens | None:
        try:
            return self._token(nonce=None, grant_type=DEVICE_CODE, device_code=begun.device_code)
        except errors.Forbidden as refused:
            if refused.details.get("reason") == PENDING:
                return None
            raise

    def refresh(self, refresh_token: str) -> Tokens:
        try:
            return self._token(nonce=None, grant_type="refresh_token", refresh_token=refresh_token)
        except errors.Forbidden as refused:
            if refused.details.get("reason") == "invalid_grant":
                raise errors.SessionLost(refused.message, hint="emk login") from None
            raise

    def revoke(self, token: str) -> None:
        self._post("revocation_endpoint", {"client_id": self._client_id, "token": token})

    def logout_address(self) -> str | None:
        """Without `id_token_hint`: an address is printed, and no token may stand in it."""
        endpoint = self._provider.endpoint("end_session_endpoint")
        return with_query(endpoint, {"client_id": self._client_id}) if endpoint else None

    def _asks_for(self, scope: str) -> bool:
        return scope in self._scope.split()

    def _post(self, endpoint: str, form: Mapping[str, str]) -> tuple[Document, Any]:
        """The answer of an endpoint, and the provider's clock."""
        url = self._provider.needed(endpoint)
        wire = self._wires.wire(url)
        headers = {"Accept": "application/json"}
        response = wire.send("POST", url, form=form, headers=headers, tolerant=True, limit=LARGEST_LOGIN)
        if endpoint == "revocation_endpoint" and response.status_code < 400:
            return Document({}), wire.now()  # RFC 7009: the body means nothing
        private = [value for name, value in form.items() if name not in {"client_id", "grant_type", "scope"}]
        return answers.checked(response, private), wire.now()

    def _token(self, *, nonce: str | None, **form: str) -> Tokens:
        document, now = self._post("token_endpoint", {"client_id": self._client_id, **form})
        with about(document.request_id):
            tokens = answers.tokens_from(document, now)
            claims = self._claims(tokens, nonce, now, refreshed=form["grant_type"] == "refresh_token")
        more = {
            "issuer": self._provider.issuer,
            "patient": tokens.patient or self._patient(claims),
            "id_token": tokens.id_token if claims else None,
        }
        return replace(tokens, **more)

    def _claims(self, tokens: Tokens, nonce: str | None, now: Any, *, refreshed: bool) -> Mapping[str, Any]:
        """What the id token says, verified; a login for `openid` without one is no login."""
        issuer = self._provider.issuer
        if tokens.id_token is None or issuer is None:
            promised = "openid" in (tokens.scope or self._scope).split() and issuer is not None
            if promised and not refreshed:
                raise errors.BadResponse(_("The provider sent no id token; nobody was logged in."))
            return {}
        expected = id_token.Expected(issuer, self._client_id, now, nonce, tokens.access_token)
        return id_token.verified(tokens.id_token, self._keys, expected)

    def _keys(self) -> object:
        return self._wires.document(self._provider.needed("jwks_uri"))

    def _patient(self, claims: Mapping[str, Any]) -> str | None:
        """Somebody who logged in as a patient is the patient, also where the server does not say so."""
        fhir_user = claims.get("fhirUser")
        match = _USER.fullmatch(fhir_user) if self._audience and isinstance(fhir_user, str) else None
        return match[2] if match and match[1] in (None, self._audience) else None


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _device(document: Document) -> DeviceAuthorization:
    answer = document.object()
    texts = [answer.get(name) for name in ("device_code", "user_code", "verification_uri")]
    complete = answer.get("verification_uri_complete")
    if not all(isinstance(text, str) and text for text in texts) or not all(map(_is_page, (texts[2], complete))):
        raise document.unfit("device")
    code, user_code, address = (str(text) for text in texts)
    interval, life = (
        _seconds(answer.get(name), otherwise) for name, otherwise in (("interval", 5), ("expires_in", 600))
    )
    return DeviceAuthorization(code, user_code, address, complete, interval, life)


def _is_page(address: object) -> bool:
    return address is None or (isinstance(address, str) and address.startswith(("https://", "http://")))


def _seconds(value: object, otherwise: float) -> float:
    good = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 86400
    return float(value) if good and isinstance(value, int | float) else otherwise
