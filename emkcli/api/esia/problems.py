"""ESIA's error codes in words that say what to do; a code nobody listed is passed through, made harmless."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from emkcli import errors
from emkcli.api.esia.codes import KNOWN
from emkcli.api.problems import BY_STATUS
from emkcli.locale import _
from emkcli.security.safe_text import sanitise

if TYPE_CHECKING:
    import httpx

BY_OAUTH: dict[str, type[errors.EmkError]] = {
    "access_denied": errors.Forbidden,
    "invalid_client": errors.Forbidden,
    "unauthorized_client": errors.Forbidden,
    "no_grants": errors.Forbidden,
    "invalid_grant": errors.SessionLost,
    "expired_token": errors.SessionLost,
    "server_error": errors.ServerError,
    "temporarily_unavailable": errors.ServerError,
}
LONGEST_TEXT = 200
_CODE = re.compile(r"ESIA-([0-9]{6})")
_PARAMETER = re.compile(r"\[([a-z_]{1,40})\]")
_SECRET = re.compile(r"(?=[^\s\[\]]*[0-9])[A-Za-z0-9+/=_.~\-]{20,}|\+?[0-9][0-9 ()\-]{7,}[0-9]")


def error_for(response: httpx.Response) -> errors.EmkError:
    """The error of a failed answer: OAuth's body, or that of the REST interface."""
    try:
        document = json.loads(response.content)
    except (ValueError, RecursionError):
        document = None
    document = document if isinstance(document, dict) else {}
    return error_of(document, BY_STATUS.get(response.status_code, errors.ServerError), response.status_code)


def error_of(
    document: Mapping[str, Any],
    otherwise: type[errors.EmkError] = errors.Forbidden,
    status: int | None = None,
) -> errors.EmkError:
    """The error of a refusal; `otherwise` when neither its ESIA code nor its OAuth code is known."""
    oauth = document.get("error")
    description = str(document.get("error_description") or document.get("message") or "")
    match = _CODE.search(str(document.get("code") or "")) or _CODE.search(description) or _CODE.search(str(oauth))
    code = match[1] if match else None
    details = {"reason": f"ESIA-{code}"} if code else {}
    if code in KNOWN:
        kind, message, hint = KNOWN[code]
        parameter = _PARAMETER.search(description)
        text = f"{_(message)} (ESIA-{code}{f': {parameter[1]}' if parameter else ''})"
        return kind(text, hint=_(hint), details=details)
    kind = BY_OAUTH.get(oauth, otherwise) if isinstance(oauth, str) else otherwise
    return kind(_unknown(description or str(oauth or ""), status), hint=_hint(kind), details=details)


def _unknown(description: str, status: int | None) -> str:
    text = sanitise(_SECRET.sub("***", description))[:LONGEST_TEXT].strip()
    if text:
        return _("ESIA refused: {text}").format(text=text)
    if status is None:
        return _("ESIA refused without a reason.")
    return _("The server answered with status {status}.").format(status=status)


def _hint(kind: type[errors.EmkError]) -> str | None:
    if issubclass(kind, errors.LoginRequired):
        return "emk login"
    return _("retry later") if kind.retryable else None
