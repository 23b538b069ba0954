"""Errors as answers: RFC 9457 for the portal, RFC 6749 for the token endpoint, OperationOutcome for the record."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from emkcli.mock.exchange import Reply
from emkcli.mock.texts import text

STATUS = {
    "invalid_input": 400,
    "login_required": 401,
    "session_lost": 401,
    "consent_required": 403,
    "forbidden": 403,
    "not_activated": 403,
    "not_verified": 403,
    "not_found": 404,
    "unsupported": 405,
    "conflict": 409,
    "exists": 409,
    "rate_limited": 429,
    "server_error": 503,
    "busy": 503,
    "storage": 507,
}
_ISSUE = {
    400: "invalid",
    401: "login",
    403: "forbidden",
    404: "not-found",
    409: "conflict",
    410: "processing",
    429: "throttled",
}
_OAUTH = ("invalid_request", "unsupported_grant_type", "invalid_grant", "invalid_client", "invalid_scope")

_ESIA = ("/aas/", "/rs/", "/idp/")


class Problem(Exception):
    """An answer that says no; what the call counted before raising it (attempts, for one) stays counted."""

    def __init__(
        self,
        code: str,
        reason: str | None = None,
        *,
        status: int | None = None,
        headers: dict[str, str] | None = None,
        names: Mapping[str, object] | None = None,
        detail: str | None = None,
        **members: object,
    ) -> None:
        super().__init__(reason or code)
        self.code = code
        self.reason = reason
        self.status = status or STATUS[code]
        self.headers = headers or {}
        self.names = names or {}
        self._detail = detail
        self.members = members

    def detail(self, language: str) -> str:
        return self._detail or text(self.reason or self.code, language, **self.names)


def invalid(field: str, rule: str) -> Problem:
    """One field did not pass; the rule is a word, never the value."""
    return Problem("invalid_input", "invalid_field", names={"field": field}, fields=[{"field": field, "rule": rule}])


def render(problem: Problem, path: str, language: str, request_id: str) -> Reply:
    """The shape that the wire of `path` speaks."""
    if path.startswith(_ESIA):
        from emkcli.mock.esia import refusals

        reply = refusals.render(problem, path)
    elif path.startswith("/fhir/"):
        reply = _outcome(problem, language)
    elif path == "/oauth2/token" and problem.status in (400, 429):
        reply = _oauth(problem, language, request_id)
    else:
        reply = _json(_problem(problem, language, request_id), problem.status, "application/problem+json")
    if problem.status == 401:
        reply.headers["WWW-Authenticate"] = "Bearer"
    reply.headers |= problem.headers
    return reply


def _json(shape: dict[str, Any], status: int, content_type: str) -> Reply:
    return Reply(status, json.dumps(shape, ensure_ascii=False).encode(), content_type)


def _problem(problem: Problem, language: str, request_id: str) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "type": f"urn:emk:problem:{problem.code}",
        "title": text(f"title.{problem.code}", language),
        "status": problem.status,
        "code": problem.code,
        "detail": problem.detail(language),
        "request_id": request_id,
    }
    return shape | ({"reason": problem.reason} if problem.reason else {}) | problem.members


def _oauth(problem: Problem, language: str, request_id: str) -> Reply:
    shape = {
        "error": problem.reason if problem.reason in _OAUTH else "invalid_grant",
        "error_description": problem.detail(language),
    }
    if problem.status == 429:
        return _json(_problem(problem, language, request_id) | shape, 429, "application/problem+json")
    members = {"reason": problem.reason or problem.code, "request_id": request_id}
    return _json(shape | members | problem.members, problem.status, "application/json")


def _outcome(problem: Problem, language: str) -> Reply:
    issue: dict[str, Any] = {
        "severity": "error",
        "code": problem.members.get("issue") or _ISSUE.get(problem.status, "exception"),
        "details": {"coding": [{"system": "urn:emk:problem", "code": problem.code}], "text": problem.detail(language)},
        "diagnostics": problem.detail(language),
    }
    lacking: Any = problem.members.get("consents", ())
    extensions = [{"url": "urn:emk:consent", "valueString": name} for name in lacking]
    if expected := problem.members.get("expected_by"):
        extensions.append({"url": "urn:emk:expected-by", "valueDateTime": expected})
    if problem.reason:
        extensions.append({"url": "urn:emk:reason", "valueString": problem.reason})
    if extensions:
        issue["extension"] = extensions
    reply = _json({"resourceType": "OperationOutcome", "issue": [issue]}, problem.status, "application/fhir+json")
    reply.headers["X-Emk-Code"] = problem.code
    return reply
