"""What comes back from a token endpoint: tokens, or a refusal in words that repeat no secret."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from emkcli import errors
from emkcli.api import documents
from emkcli.api.documents import Document
from emkcli.locale import _
from emkcli.models import Tokens
from emkcli.security.safe_text import sanitise

if TYPE_CHECKING:
    from datetime import datetime

    import httpx

FIELDS = ("access_token", "refresh_token", "token_type", "expires_in", "id_token", "scope", "patient")
LONGEST_LIFE = 10 * 365 * 24 * 3600
LONGEST_TEXT = 200
_NAME = re.compile(r"[A-Za-z0-9_.\-]{1,60}")
_SECRET = re.compile(r"[A-Za-z0-9+/=_.~\-]{24,}")
LATER = {"server_error", "temporarily_unavailable"}
WRONG_CLIENT = {"invalid_client", "unauthorized_client"}


def checked(response: httpx.Response, secrets: Iterable[str]) -> Document:
    """A successful answer, an object; a refusal as its error, and `secrets` never in its text."""
    refused, name = response.status_code >= 400, documents.request_id(response)
    document = Document(documents.refusal(response), name) if refused else documents.read(response)
    members = document.object()
    if isinstance(members.get("error"), str) and (refused or "access_token" not in members):
        raise refusal(members, secrets)
    if not refused:
        return document
    message = _("The server answered with status {status}.").format(status=response.status_code)
    if response.status_code == 429:
        raise errors.RateLimited(message, hint=_("retry later"), request_id=name)
    kind = errors.ServerError if response.status_code >= 500 else errors.BadResponse
    raise kind(message, hint=_("retry later"), request_id=name)


def refusal(document: Mapping[str, Any], secrets: Iterable[str]) -> errors.EmkError:
    """An OAuth error: its code as it is, its description made harmless."""
    secrets = list(secrets)
    code = str(document["error"])
    code = code if _NAME.fullmatch(code) and _harmless(code, secrets) == code else "?"
    description = _harmless(str(document.get("error_description") or ""), secrets)
    reason = f"{code}: {description}" if description else code
    details = {"reason": code}
    if code == "slow_down":
        return errors.RateLimited(_("The provider asks for more patience."), details=details)
    if code in LATER:
        message = _("The provider cannot do it now ({reason}).").format(reason=reason)
        return errors.ServerError(message, hint=_("retry later"), details=details)
    hint = None
    if code in WRONG_CLIENT:
        hint = _("the provider must know this program: emk config set client_id …")
    elif code == "invalid_scope":
        hint = "emk config set scope …"
    elif code in {"expired_token", "invalid_grant"}:
        hint = _("log in once more: emk login")
    return errors.Forbidden(_("The provider refused ({reason}).").format(reason=reason), hint=hint, details=details)


def tokens_from(document: Document, now: datetime) -> Tokens:
    """The tokens of an answer; only what OAuth and SMART name is taken. `BadResponse` when it is none."""
    parameters = {name: value for name, value in document.object().items() if name in FIELDS and value is not None}
    if not _is_life(parameters.get("expires_in")):
        parameters.pop("expires_in", None)
    tokens = replace(document, value=parameters).as_struct(Tokens)
    check_words(document, tokens)
    return tokens.dated(now)


def check_words(document: Document, tokens: Tokens) -> None:
    """`BadResponse` unless every token can go into a header or a form, and is used as a bearer token."""
    wrong = [
        name
        for name, text in (("access_token", tokens.access_token), ("refresh_token", tokens.refresh_token))
        if text is not None and not is_token(text)
    ]
    if tokens.token_type.lower() != "bearer":
        wrong.append("token_type")
    if wrong:
        raise document.unfit(", ".join(wrong))


def is_token(text: str) -> bool:
    """One word of printable ASCII: it goes into a header."""
    return 0 < len(text) <= 65536 and text.isascii() and text.isprintable() and " " not in text


def _is_life(value: object) -> bool:
    """Seconds that make sense; a server that writes them as a text is understood."""
    if isinstance(value, str) and value.isdecimal() and len(value) < 10:
        value = int(value)
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LONGEST_LIFE


def _harmless(text: str, secrets: Iterable[str]) -> str:
    """A description on one line: what we sent, and what looks like a token, is not repeated."""
    for secret in secrets:
        text = text.replace(secret, "***") if secret else text
    return sanitise(_SECRET.sub("***", text))[:LONGEST_TEXT].strip()
