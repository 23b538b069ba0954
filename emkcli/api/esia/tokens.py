"""ESIA's tokens: JWTs read without trust, the claims its guidelines tell to check, and what they say of the person."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from emkcli import errors
from emkcli.api.esia.verifying import GOST, Verifier
from emkcli.locale import _
from emkcli.models import Tokens

SKEW = 60
ALGORITHMS = {*GOST, "RS256"}
VERSIONS = {0, 1}
ISSUER = "esia.gosuslugi.ru"
LONGEST = 64 * 1024
LONGEST_LIFE = 366 * 24 * 3600
PERSON = "urn:esia:sbj"


@dataclass(frozen=True)
class Jwt:
    """A token taken apart; nothing in it is believed yet."""

    text: str
    header: dict[str, Any]
    claims: dict[str, Any]
    signature: bytes


@dataclass(frozen=True)
class Expected:
    """What a token must say: for whom it is, who issued it, when it is now; `verifier` checks who signed it."""

    client_id: str
    host: str | None
    now: datetime
    verifier: Verifier | None = None


def read(text: Any, name: str = "access_token") -> Jwt:
    """Three base64url parts, two of them JSON objects. `BadResponse` otherwise, with no part of the token in it."""
    if not isinstance(text, str) or len(text) > LONGEST or text.count(".") != 2 or not text.isascii():
        raise _unfit(name, "JWT")
    try:
        header, claims, signature = (_decoded(part) for part in text.split("."))
        parts = json.loads(header), json.loads(claims)
    except (ValueError, RecursionError):
        raise _unfit(name, "JWT") from None
    if not all(isinstance(part, dict) for part in parts):
        raise _unfit(name, "JWT")
    return Jwt(text, parts[0], parts[1], signature)


def access(text: Any, expected: Expected) -> str:
    """The OID of the person an access token stands for."""
    token = read(text)
    _check(token, "access_token", "access", expected)
    if token.claims.get("client_id") != expected.client_id:
        raise _unfit("access_token", "client_id")
    return _oid(token.claims.get(PERSON + "_id"), "access_token", PERSON + "_id")


def identity(text: Any, oid: str, expected: Expected) -> str | None:
    """How far the person's account is trusted, as an id token for the same person says."""
    token = read(text, "id_token")
    _check(token, "id_token", "id", expected)
    audience = token.claims.get("aud")
    if expected.client_id not in (audience if isinstance(audience, list) else [audience]):
        raise _unfit("id_token", "aud")
    if _oid(token.claims.get("sub"), "id_token", "sub") != oid:
        raise _unfit("id_token", "sub")
    return trust_of(token.claims.get(PERSON))


def trust_of(subject: Any) -> str | None:
    """`confirmed`, else `simplified`: ESIA does not tell a simplified account from a standard one."""
    if not isinstance(subject, dict):
        return None
    if subject.get(PERSON + ":is_tru") is True or subject.get(PERSON + ":lvl") == "PR":
        return "confirmed"
    return "child" if subject.get(PERSON + ":lvl") == "KD" else "simplified"


def tokens_of(document: Mapping[str, Any], expected: Expected) -> Tokens:
    """The session a token answer opens, after every check."""
    if str(document.get("token_type", "Bearer")).lower() != "bearer":
        raise _unfit("token_type", "Bearer")
    oid = access(document.get("access_token"), expected)
    refresh, id_token = document.get("refresh_token"), document.get("id_token")
    if refresh is not None and not _is_word(refresh):
        raise _unfit("refresh_token", "?")
    life = document.get("expires_in")
    valid = isinstance(life, int) and not isinstance(life, bool) and 0 <= life <= LONGEST_LIFE
    return Tokens(
        access_token=document["access_token"],
        refresh_token=refresh,
        id_token=id_token,
        expires_in=life if valid else None,
        expires_at=(expected.now + timedelta(seconds=life)).isoformat(timespec="seconds") if valid and life else None,
        scope=_scope(document["access_token"]),
        patient=oid,
        trust=identity(id_token, oid, expected) if id_token is not None else None,
        signature_checked=expected.verifier is not None,
    )


def oid_of(access_token: str) -> str:
    """Whose token it is, for one that came ready-made; the server checks it with every request."""
    return _oid(read(access_token).claims.get(PERSON + "_id"), "access_token", PERSON + "_id")


def _check(token: Jwt, name: str, kind: str, expected: Expected) -> None:
    """Header, issuer, times, then the signature."""
    for field, allowed in (("typ", {"JWT"}), ("sbt", {kind}), ("ver", VERSIONS), ("alg", ALGORITHMS)):
        value = token.header.get(field)
        if not isinstance(value, str | int) or isinstance(value, bool) or value not in allowed:
            raise _unfit(name, field)
    if not _is_issuer(token.claims.get("iss"), expected.host):
        raise _unfit(name, "iss")
    _check_times(token.claims, name, expected.now.timestamp())
    if expected.verifier and not expected.verifier(token.header["alg"], token.text, token.signature):
        raise errors.BadResponse(
            _("The signature of {name} is not ESIA's.").format(name=name),
            hint=_("check esia.esia_certificate; if it is ESIA's present one, do not trust this server"),
        )


def _check_times(claims: Mapping[str, Any], name: str, now: float) -> None:
    times = {}
    for field in ("iat", "nbf", "exp"):
        value = claims.get(field)
        if field == "nbf" and value is None:
            continue
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise _unfit(name, field)
        times[field] = value
    if now > times["exp"] + SKEW:
        raise _unfit(name, "exp")
    for field in ("iat", "nbf"):
        if times.get(field, now) > now + SKEW:
            raise _unfit(name, field)


def _is_issuer(issuer: Any, host: str | None) -> bool:
    """The address the guidelines name, or the one we asked; the test contour and proxies are called otherwise."""
    if not isinstance(issuer, str):
        return False
    try:
        parts = urlsplit(issuer)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and parts.hostname in {ISSUER, host} and not parts.path.strip("/")


def _oid(value: Any, name: str, field: str) -> str:
    """Digits, as a number or a text: it becomes part of an address."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not (text.isascii() and text.isdecimal() and len(text) <= 20):
        raise _unfit(name, field)
    return text


def _scope(access_token: str) -> str:
    """The granted scopes without the OIDs they may carry."""
    scope = read(access_token).claims.get("scope")
    return " ".join(word.partition("?")[0] for word in scope.split()) if isinstance(scope, str) else ""


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST and value.isascii() and value.isprintable()


def _decoded(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise ValueError from None


def _unfit(name: str, field: str) -> errors.BadResponse:
    return errors.BadResponse(
        _("ESIA's answer cannot be trusted: {name} has a wrong {field}.").format(name=name, field=field),
        hint=_("if it is a time, set this machine's clock; otherwise check the address and client_id"),
    )
