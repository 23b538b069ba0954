"""ESIA's refusals: a code, OAuth's word for it, a sentence; OAuth's body at its doors, the REST one at person data."""

from __future__ import annotations

import json

from emkcli.mock.exchange import Reply
from emkcli.mock.problems import Problem

_KNOWN = {
    "005013": ("", "Токен отсутствует"),
    "005029": ("", "SecurityErrorEnum.scopeNotAllowed"),
    "007002": ("invalid_request", "The certificate does not belong to the mnemonic, or there is none"),
    "007003": ("invalid_request", "A parameter is missing, wrong or repeated"),
    "007004": ("access_denied", "The owner of the resource or the authorization service refused the request"),
    "007006": ("invalid_scope", "The requested scope is unknown"),
    "007007": ("server_error", "Internal error of the authorization service"),
    "007009": ("unsupported_response_type", "The service does not support this response type"),
    "007011": ("invalid_grant", "The code or the refresh token is invalid, expired, revoked or another system's"),
    "007012": ("unsupported_grant_type", "The service does not support this grant type"),
    "007013": ("invalid_scope", "The request names no scope"),
    "007014": ("invalid_request", "The request doesn't contain the mandatory parameter"),
    "007015": ("invalid_request", "The time of the request is not acceptable"),
    "007023": ("invalid_request", "The redirect_uri is not among those of the system"),
    "007027": ("expired_token", "The refresh token has expired"),
    "007028": ("access_denied", "The session was revoked: its token may be compromised"),
    "007036": ("invalid_request", "The account is blocked"),
    "007038": ("invalid_request", "The code_challenge is wrong"),
    "007039": ("invalid_request", "The code_challenge_method is not supported"),
    "007040": ("invalid_request", "The code_verifier does not fit the code_challenge"),
    "007053": ("clientSecretWrong", "The client_secret does not fit the string, the certificate or the system"),
    "007055": ("invalid_request", "The account is not confirmed"),
    "008010": ("invalid_client", "The system could not be authenticated"),
    "020203": ("", "Not Found"),
}
"""Code → OAuth's word, sentence. Sources: table 93 and the REST chapters of the guidelines."""
_STATUS = {"005013": 401, "005029": 403, "020203": 404}
REASONS = {"cancelled": "007004", "blocked": "007036", "unconfirmed": "007055"}
"""Why a person is not let in, as the login page names it."""


class Refused(Problem):
    """`named` is the parameter it is about."""

    def __init__(self, code: str, named: str = "") -> None:
        self.esia = code
        self.error, sentence = _KNOWN[code]
        self.sentence = f"{sentence} [{named}]" if named else sentence
        super().__init__("invalid_input", status=_STATUS.get(code, 400), detail=self.sentence)

    def answer(self, state: str | None) -> dict[str, str]:
        """Where OAuth speaks: in a return address, or as a body."""
        members = {"error": self.error, "error_description": f"ESIA-{self.esia}: {self.sentence}"}
        return members | ({"state": state} if state else {})


def render(problem: Problem, path: str) -> Reply:
    """Any refusal on ESIA's paths; what is nobody's fault here is the service's."""
    if isinstance(problem, Refused):
        refused = problem
    else:
        refused = Refused("020203" if problem.status in (404, 405) else "007007")
    if path.startswith("/aas/") and refused.error:
        body = refused.answer(None)
    else:
        body = {"code": f"ESIA-{refused.esia}", "message": refused.sentence}
    return Reply(problem.status, json.dumps(body, ensure_ascii=False).encode())


def refuse(refused: Refused, state: str | None) -> Reply:
    """A refusal of the token endpoint, with the state of the request."""
    return Reply(
        refused.status, json.dumps(refused.answer(state), ensure_ascii=False).encode(), Cache_Control="no-store"
    )
