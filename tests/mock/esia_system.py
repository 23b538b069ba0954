"""An information system of its own making: keys, the parameters of its calls, their signature; none of the client's code."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID

REDIRECT = "http://127.0.0.1:4711/callback"
HASH = "0" * 63 + "1"
SCOPE = "openid fullname birthdate gender snils mobile email addresses medical_doc id_doc kid_fullname kid_birthdate"
Params = dict[str, str]
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@cache
def pair(kind: str, name: str) -> tuple[Key, x509.Certificate]:
    key: Key = rsa.generate_private_key(65537, 2048) if kind == "rsa" else ec.generate_private_key(ec.SECP256R1())
    named = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(named, named, key.public_key(), x509.random_serial_number())
    valid = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    return key, valid.sign(key, hashes.SHA256())


def raw(content: bytes, kind: str = "rsa", name: str = "system") -> bytes:
    key = pair(kind, name)[0]
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(content, padding.PKCS1v15(), hashes.SHA256())
    return key.sign(content, ec.ECDSA(hashes.SHA256()))


def cms(content: bytes, kind: str = "rsa", name: str = "system") -> bytes:
    key, certificate = pair(kind, name)
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content).add_signer(certificate, key, hashes.SHA256())
    return builder.sign(Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary])


class System:
    """`now` is the time it writes into its calls; `sign` makes its signatures."""

    def __init__(self, http: httpx.Client, now: Callable[[], datetime], *, kind: str = "rsa", legacy: bool = False):
        self.http, self.now, self.legacy = http, now, legacy
        self.sign: Callable[[bytes], bytes] = lambda content: (cms if legacy else raw)(content, kind)
        self.name = f"SYS-{kind}".upper()
        certificate = pair(kind, "system")[1].public_bytes(Encoding.PEM).decode()
        body = {"redirect_uris": ["http://127.0.0.1/callback"], "certificate": certificate, "certificate_hash": HASH}
        answer = http.put(f"/mock/clients/{self.name}", json=body)
        assert answer.status_code == 200, answer.text
        self.esia_certificate: str = answer.json()["esia_certificate"]

    def params(self, **more: str) -> Params:
        return {
            "client_id": self.name,
            "scope": SCOPE,
            "timestamp": self.now().strftime("%Y.%m.%d %H:%M:%S %z"),
            "state": str(uuid.uuid4()),
            "redirect_uri": REDIRECT,
            **({} if self.legacy else {"client_certificate_hash": HASH}),
            **more,
        }

    def signed(self, params: Params) -> Params:
        names = ("client_id", "scope", "scope_org", "timestamp", "state", "redirect_uri", "code")
        if self.legacy:
            names = ("scope", "timestamp", "client_id", "state")
        content = "".join(params.get(name, "") for name in names)
        return params | {"client_secret": base64.urlsafe_b64encode(self.sign(content.encode())).decode()}

    def asking(self, **more: str) -> Params:
        """The parameters of an authorization, signed."""
        return self.signed(self.params(response_type="code", access_type="offline", **more))

    def address(self, params: Params) -> str:
        return f"/aas/oauth2/{'ac' if self.legacy else 'v2/ac'}?{urlencode(params)}"

    def exchanging(self, code: str, **more: str) -> Params:
        return self.signed(self.params(code=code, grant_type="authorization_code", **more))

    def renewing(self, token: str, **more: str) -> Params:
        return self.signed(self.params(refresh_token=token, grant_type="refresh_token", **more))

    def token(self, form: Params, status: int = 200) -> Any:
        answer = self.http.post(f"/aas/oauth2/{'te' if self.legacy else 'v3/te'}", data=form)
        assert answer.status_code == status, answer.text
        return answer.json()

    def refused(self, form: Params) -> str:
        """The code of a refusal at the token endpoint."""
        said = self.token(form, 400)
        assert said.get("state") == form.get("state")
        return str(said["error_description"].partition(":")[0].removeprefix("ESIA-"))
