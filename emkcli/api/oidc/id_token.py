"""The id token: its signature by the provider's published keys, and every claim OpenID Connect Core 3.1.3.7 asks for."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from emkcli import errors
from emkcli.locale import _

if TYPE_CHECKING:
    from joserfc.jwk import Key

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519")
"""Public keys only: `none` and anything keyed by a shared secret would prove nothing."""
KEY_TYPES = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}
LEEWAY = 60
Claims = Mapping[str, Any]


@dataclass(frozen=True)
class Expected:
    """What an id token must say; `nonce` is None where none was sent (device flow, refresh)."""

    issuer: str
    client_id: str
    now: datetime
    nonce: str | None = field(default=None, repr=False)
    access_token: str | None = field(default=None, repr=False)


def verified(token: str, fetch: Callable[[], object], expected: Expected) -> Claims:
    """The claims of a good id token. `fetch` gets the provider's key set, once more when a key is not in it (rotation)."""
    from joserfc.errors import ClaimError, JoseError

    try:
        header, claims = _opened(token, fetch)
        _check_claims(claims, expected)
        _check_binding(header, claims, expected)
    except _Untrusted as cause:
        raise _refused(str(cause)) from None
    except JoseError as cause:
        raise _refused(cause.claim if isinstance(cause, ClaimError) else cause.error) from None
    return claims


class _Untrusted(Exception):
    """What about a token is wrong, in one word; never its content."""


def _opened(token: str, fetch: Callable[[], object]) -> tuple[Claims, Claims]:
    from joserfc import jws, jwt
    from joserfc.errors import BadSignatureError

    try:
        header = jws.extract_compact(token.encode("ascii")).headers()
        algorithm = header["alg"]
    except (ValueError, KeyError, TypeError):
        raise _Untrusted("malformed") from None
    if algorithm not in ALGORITHMS:
        raise _Untrusted("alg")
    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    for key in _candidates(fetch, header):
        with suppress(BadSignatureError):
            opened = jwt.decode(token, key, registry=registry)
            return opened.header, opened.claims
    raise _Untrusted("signature")


def _candidates(fetch: Callable[[], object], header: Claims) -> Iterator[Key]:
    """The keys that may have signed; the set is fetched anew when it does not know the key."""
    for _attempt in range(2):
        matches = list(_fitting(fetch(), header))
        if matches:
            yield from matches
            return


def _fitting(document: object, header: Claims) -> Iterator[Key]:
    from joserfc.errors import JoseError
    from joserfc.jwk import JWKRegistry

    keys = document.get("keys") if isinstance(document, dict) else None
    wanted = KEY_TYPES[header["alg"][:2]]
    for jwk in keys if isinstance(keys, list) else ():
        if not isinstance(jwk, dict) or jwk.get("kty") != wanted or jwk.get("use", "sig") != "sig":
            continue
        if jwk.get("alg", header["alg"]) != header["alg"] or header.get("kid") not in (None, jwk.get("kid")):
            continue
        with suppress(JoseError, ValueError, TypeError):
            yield JWKRegistry.import_key(jwk)


def _check_claims(claims: Claims, expected: Expected) -> None:
    from joserfc.jwt import JWTClaimsRegistry

    options: dict[str, Any] = {
        "iss": {"essential": True, "value": expected.issuer},
        "aud": {"essential": True, "value": expected.client_id},
        "sub": {"essential": True},
        "exp": {"essential": True},
        "iat": {"essential": True},
    }
    registry = JWTClaimsRegistry(now=int(expected.now.timestamp()), leeway=LEEWAY, **options)
    registry.validate(dict(claims))
    audience = claims["aud"]
    if (isinstance(audience, list) and len(audience) > 1) or claims.get("azp") is not None:
        _same("azp", claims.get("azp"), expected.client_id)
    if expected.nonce is not None:
        _same("nonce", claims.get("nonce"), expected.nonce)


def _check_binding(header: Claims, claims: Claims, expected: Expected) -> None:
    """`at_hash` ties the access token to this id token."""
    if claims.get("at_hash") is None or expected.access_token is None:
        return
    algorithm = header["alg"]
    digest = hashlib.new("sha512" if algorithm == "Ed25519" else f"sha{algorithm[2:]}", expected.access_token.encode())
    half = digest.digest()[: digest.digest_size // 2]
    _same("at_hash", claims["at_hash"], base64.urlsafe_b64encode(half).rstrip(b"=").decode())


def _same(name: str, claimed: object, expected: str) -> None:
    if not isinstance(claimed, str) or not hmac.compare_digest(claimed.encode("utf-8", "replace"), expected.encode()):
        raise _Untrusted(name)


def _refused(reason: str) -> errors.BadResponse:
    return errors.BadResponse(
        _("The provider's id token cannot be trusted ({reason}); nobody was logged in.").format(reason=reason),
        hint=_("check issuer and client_id (emk config list), and this computer's clock"),
    )
