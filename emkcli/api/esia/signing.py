"""What is signed and how it travels: exact strings, times, base64url, the certificate's hash, PKCE."""

from __future__ import annotations

import base64
import re
import secrets
import uuid
from collections.abc import Mapping
from datetime import datetime

from emkcli import errors
from emkcli.api.esia.organisation import Organisation
from emkcli.api.esia.signers import content_of, openssl_of, signer_for
from emkcli.api.pem import opened
from emkcli.locale import _


def text_to_sign(call: Mapping[str, str], *, legacy: bool) -> str:
    """The parts of a call without separators; `code` only where one is exchanged, `scope_org` where there is one."""
    current = ("client_id", "scope", "scope_org", "timestamp", "state", "redirect_uri", "code")
    names = ("scope", "timestamp", "client_id", "state") if legacy else current
    return "".join(call.get(name, "") for name in names)


def timestamp(now: datetime) -> str:
    """`yyyy.MM.dd HH:mm:ss Z`."""
    return now.strftime("%Y.%m.%d %H:%M:%S %z")


def base64url(content: bytes, *, padding: bool = False) -> str:
    text = base64.urlsafe_b64encode(content).decode("ascii")
    return text if padding else text.rstrip("=")


class Requests:
    """Calls signed on behalf of one organisation."""

    def __init__(self, organisation: Organisation, environment: Mapping[str, str]) -> None:
        self.organisation = organisation
        self._signer = signer_for(organisation, environment)
        self._openssl = openssl_of(organisation)

    def signed(self, now: datetime, redirect_uri: str, code: str | None = None) -> dict[str, str]:
        """The parameters every call carries, with a state of its own and the signature as `client_secret`."""
        organisation = self.organisation
        call = {
            "client_id": organisation.client_id,
            "scope": organisation.scope,
            "scope_org": "" if organisation.legacy else organisation.scope_org,
            "timestamp": timestamp(now),
            "state": str(uuid.uuid4()),
            "redirect_uri": redirect_uri,
            "code": code or "",
        }
        signature = self._signer.sign(text_to_sign(call, legacy=organisation.legacy).encode())
        if organisation.reverse and not organisation.cms:
            signature = signature[::-1]
        call["client_secret"] = base64url(signature, padding=organisation.padding == "keep")
        if not organisation.legacy:
            call["client_certificate_hash"] = self.certificate_hash()
        return {name: value for name, value in call.items() if value}

    def certificate_hash(self) -> str:
        """Streebog-256 of the DER certificate in hex; as the settings say when it was computed elsewhere."""
        configured = self.organisation.certificate_hash
        if not configured:
            return self._openssl.streebog(opened(content_of(self.organisation.certificate or ""))).hex()
        bare = re.sub(r"[\s:]", "", configured)
        if not re.fullmatch(r"[0-9A-Fa-f]{64}", bare):
            raise errors.InvalidInput(_("esia.certificate_hash: 64 hexadecimal digits are expected."))
        return bare

    def challenge(self, verifier: str) -> dict[str, str]:
        """PKCE with Streebog instead of SHA-256."""
        digest = self._openssl.streebog(verifier.encode("ascii"))
        return {"code_challenge_method": "GOST3411", "code_challenge": base64url(digest)}


def verifier() -> str:
    """43 characters that nobody can guess."""
    return secrets.token_urlsafe(32)
