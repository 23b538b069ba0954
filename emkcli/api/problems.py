"""What a status of 400 and above stands for: problem documents (RFC 9457), OAuth errors, FHIR OperationOutcomes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from emkcli import errors
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
    409: errors.Conflict,
    410: errors.NotFound,
    413: errors.InvalidInput,
    415: errors.InvalidInput,
    422: errors.InvalidInput,
    429: errors.RateLimited,
}
DETAILS = (
    "reason",
    "expected_by",
    "application_status",
    "consents",
    "fields",
    "current_version",
    "changes",
    "id",
    "attempts_left",
)


def error_for(response: httpx.Response) -> errors.EmkError:
    """The error a failed response stands for; texts of the server are kept, secrets never stand in them."""
    document = _document(response)
    if document.get("resourceType") == "OperationOutcome":
        document = _from_outcome(document)
    elif "error" in document:
        document = _from_oauth(document)
    kind = BY_CODE.get(str(document.get("code"))) or BY_STATUS.get(response.status_code) or errors.ServerError
    return kind(
        str(document.get("detail") or document.get("title") or _fallback(response.status_code)),
        hint=hint_for(kind, document),
        request_id=document.get("request_id") or response.headers.get("X-Request-Id"),
        details={name: document[name] for name in DETAILS if document.get(name) is not None},
    )


def hint_for(kind: type[errors.EmkError], document: dict[str, Any]) -> str | None:
    """What to do next, as a command where there is one."""
    if issubclass(kind, (errors.LoginRequired, errors.Exists)):
        return "emk login"
    if kind is errors.NotVerified:
        return "emk verify --passport-scan FILE --selfie FILE"
    if kind is errors.NotActivated:
        return "emk status" if document.get("expected_by") else "emk next"
    if kind is errors.ConsentRequired:
        accept = " ".join(f"--accept-consent {consent}" for consent in document.get("consents") or ())
        return f"emk connect {accept}".strip()
    return _("retry later") if kind.retryable else None


def _document(response: httpx.Response) -> dict[str, Any]:
    try:
        document = json.loads(response.content)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _from_oauth(document: dict[str, Any]) -> dict[str, Any]:
    """RFC 6749: `invalid_grant` is a wrong code or a dead session, told apart by `reason`."""
    reason = str(document.get("reason") or "")
    if reason in {"too_many_attempts", "resend_too_early"}:
        code = "rate_limited"
    elif reason.startswith(("code_", "signature_", "challenge_")) or document["error"] == "invalid_request":
        code = "invalid_input"
    else:
        code = "session_lost"
    return {**document, "code": code, "detail": document.get("error_description") or document["error"]}


def _from_outcome(document: dict[str, Any]) -> dict[str, Any]:
    issues = document.get("issue")
    issue = issues[0] if isinstance(issues, list) and issues and isinstance(issues[0], dict) else {}
    concept = issue.get("details")
    details: dict[str, Any] = concept if isinstance(concept, dict) else {}
    codings = [c for c in details.get("coding") or () if isinstance(c, dict) and c.get("system") == "urn:emk:problem"]
    extensions = [extension for extension in issue.get("extension") or () if isinstance(extension, dict)]
    times = [
        extension.get("valueDateTime") for extension in extensions if extension.get("url") == "urn:emk:expected-by"
    ]
    text, diagnostics = details.get("text"), issue.get("diagnostics")
    return {
        "code": codings[0].get("code") if codings else None,
        "detail": (diagnostics or text) if codings else (text or diagnostics),
        "expected_by": times[0] if times else None,
        "consents": [extension["valueString"] for extension in extensions if extension.get("url") == "urn:emk:consent"]
        or None,
    }


def _fallback(status: int) -> str:
    return _("The server answered with status {status}.").format(status=status)
