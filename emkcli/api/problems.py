"""What a status of 400 and above stands for: problem documents (RFC 9457), OAuth errors, FHIR OperationOutcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from emkcli import errors
from emkcli.api import documents
from emkcli.fhir.elements import element, elements, text
from emkcli.locale import _

if TYPE_CHECKING:
    import httpx

BY_CODE: dict[str, type[errors.EmkError]] = {
    kind.slug: kind
    for kind in (
        errors.InvalidInput,
        errors.NotFound,
        errors.LoginRequired,
        errors.SessionLost,
        errors.Forbidden,
        errors.ConsentRequired,
        errors.NotActivated,
        errors.NotVerified,
        errors.Conflict,
        errors.Exists,
        errors.RateLimited,
        errors.ServerError,
    )
}
BY_STATUS: dict[int, type[errors.EmkError]] = {
    400: errors.InvalidInput,
    401: errors.SessionLost,
    403: errors.Forbidden,
    404: errors.NotFound,
    405: errors.Unsupported,
    409: errors.Conflict,
    410: errors.NotFound,
    413: errors.InvalidInput,
    415: errors.InvalidInput,
    422: errors.InvalidInput,
    429: errors.RateLimited,
    501: errors.Unsupported,
}

DETAILS: dict[str, Any] = {
    "reason": str,
    "expected_by": str,
    "application_status": str,
    "consents": list[str],
    "fields": list[dict[str, str]],
    "current_version": str | int,
    "changes": str,
    "id": str,
    "attempts_left": int,
    "issue": str,
}
"""What a script may act on, each of its own type; one of another is left out."""


def error_for(response: httpx.Response) -> errors.EmkError:
    """The error a failed response stands for; texts of the server are kept, secrets never stand in them."""
    document = documents.refusal(response)
    if document.get("resourceType") == "OperationOutcome":
        document = _from_outcome(document)
    elif "error" in document:
        document = _from_oauth(document)
    kind = BY_CODE.get(str(document.get("code"))) or BY_STATUS.get(response.status_code) or errors.ServerError
    details = {name: value for name, of in DETAILS.items() if (value := _fitting(document.get(name), of)) is not None}
    return kind(
        text(document, "detail") or text(document, "title") or _fallback(response.status_code),
        hint=hint_for(kind, details),
        request_id=documents.a_name(document.get("request_id")) or documents.request_id(response),
        details=details,
    )


def _fitting(value: Any, kind: Any) -> Any:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return None


def hint_for(kind: type[errors.EmkError], details: dict[str, Any]) -> str | None:
    """What to do next, as a command where there is one."""
    if issubclass(kind, (errors.LoginRequired, errors.Exists)):
        return "emk login"
    if details.get("reason") == "no_person":
        return "emk person list"
    if kind is errors.NotVerified:
        return "emk verify --passport-scan FILE --selfie FILE"
    if kind is errors.NotActivated:
        return "emk status" if details.get("expected_by") else "emk next"
    if kind is errors.ConsentRequired:
        accept = " ".join(f"--accept-consent {consent}" for consent in details.get("consents", ()))
        return f"emk connect {accept}".strip()
    return _("retry later") if kind.retryable else None


def _from_oauth(document: dict[str, Any]) -> dict[str, Any]:
    """RFC 6749: `invalid_grant` is a wrong code or a dead session, told apart by `reason`."""
    reason = text(document, "reason") or ""
    if reason in {"too_many_attempts", "resend_too_early"}:
        code = "rate_limited"
    elif reason.startswith(("code_", "signature_", "challenge_")) or document["error"] == "invalid_request":
        code = "invalid_input"
    else:
        code = "session_lost"
    return {**document, "code": code, "detail": text(document, "error_description") or text(document, "error")}


def _from_outcome(outcome: dict[str, Any]) -> dict[str, Any]:
    issue = element(outcome, "issue")
    details, diagnostics = element(issue, "details"), text(issue, "diagnostics")
    own = [coding for coding in elements(details, "coding") if coding.get("system") == "urn:emk:problem"]
    extensions = elements(issue, "extension")
    times = [text(item, "valueDateTime") for item in extensions if item.get("url") == "urn:emk:expected-by"]
    consents = [text(item, "valueString") for item in extensions if item.get("url") == "urn:emk:consent"]
    words = text(details, "text")
    return {
        "code": text(own[0], "code") if own else None,
        "issue": None if own else text(issue, "code"),
        "detail": (diagnostics or words) if own else (words or diagnostics),
        "expected_by": next(iter(times), None),
        "reason": next((text(item, "valueString") for item in extensions if item.get("url") == "urn:emk:reason"), None),
        "consents": [consent for consent in consents if consent] or None,
    }


def _fallback(status: int) -> str:
    return _("The server answered with status {status}.").format(status=status)
