"""Who signed a call: the exact string, and the signature over it by the certificate the system is registered with."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

from emkcli.mock.esia import gost
from emkcli.mock.esia.refusals import Refused
from emkcli.mock.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography.x509 import Certificate

    from emkcli.mock.oauth.clients import Client

_CURRENT = ("client_id", "scope", "scope_org", "timestamp", "state", "redirect_uri", "code")
_LEGACY = ("scope", "timestamp", "client_id", "state")
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
"""The object identifier every CMS of signed data begins with."""


def require(call: Mapping[str, str], client: Client, *, legacy: bool) -> None:
    """007002 for another system's certificate, 007053 for a signature or a hash that does not fit."""
    if client.certificate is None:
        raise Refused("007002")
    if not legacy and not _is_hash(call["client_certificate_hash"], client.certificate_hash):
        raise Refused("007053", "client_certificate_hash")
    content = "".join(call.get(name, "") for name in (_LEGACY if legacy else _CURRENT)).encode()
    signature = _decoded(call["client_secret"])
    # libraries send either, whatever the generation: what came tells
    check = _cms if _SIGNED_DATA in signature[:20] else _raw
    check(client.certificate, content, signature)


def _is_hash(digest: str, registered: str | None) -> bool:
    """Where nobody could compute it (no GOST here), its shape is all there is to check."""
    return digest.lower() == registered.lower() if registered else re.fullmatch(r"[0-9A-Fa-f]{64}", digest) is not None


def _decoded(secret: str) -> bytes:
    unpadded = secret.rstrip("=")
    try:
        return base64.b64decode(unpadded + "=" * (-len(unpadded) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise Refused("007053", "client_secret") from None


def _cms(certificate: bytes, content: bytes, cms: bytes) -> None:
    from emkcli.mock import signature

    if _public(certificate) is None:
        if not gost.verifies_cms(certificate, content, cms):
            raise Refused("007053")
        return
    try:
        signer = signature.signer_of(cms, content)
    except Problem:
        raise Refused("007053") from None
    if signer != _loaded(certificate):
        raise Refused("007002")


def _raw(certificate: bytes, content: bytes, signature: bytes) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

    key = _public(certificate)
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, content, padding.PKCS1v15(), hashes.SHA256())
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, content, ec.ECDSA(hashes.SHA256()))
        elif not gost.verifies(certificate, content, signature):
            raise Refused("007053")
    except InvalidSignature:
        raise Refused("007053") from None


def _public(certificate: bytes) -> object | None:
    """The key; None when it is one that only OpenSSL's engine knows."""
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        return _loaded(certificate).public_key()
    except (UnsupportedAlgorithm, ValueError):
        return None


def _loaded(certificate: bytes) -> Certificate:
    from cryptography.x509 import load_der_x509_certificate

    return load_der_x509_certificate(certificate)
