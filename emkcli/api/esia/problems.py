"""ESIA's error codes in words that say what to do; a code nobody listed is passed through, made harmless."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from emkcli import errors
from emkcli.api.problems import BY_STATUS
from emkcli.locale import N_, _
from emkcli.security.safe_text import sanitise

if TYPE_CHECKING:
    import httpx

LOGIN = "emk login"
LATER = N_("retry later")
SCOPE = N_("check scope and esia.scope_org against what the system was granted")
REPORT = N_("check esia.generation; if it is right, this is a mistake in emk: please report it")
TECHNICAL = N_("look at the system's card on ESIA's technological portal")
SIGNATURE = N_(
    "check esia.key against esia.certificate, then try esia.signature (raw or cms), esia.reverse and esia.padding:"
    " cryptographic programs differ"
)
CERTIFICATE = N_("check client_id and esia.certificate: both must be the ones registered on the technological portal")
CONFIRM = N_(
    "confirm the account: in a bank's application, with a qualified signature, by mail or at a service centre;"
    " then emk login"
)

KNOWN: dict[str | None, tuple[type[errors.EmkError], str, str]] = {
    "005013": (errors.SessionLost, N_("ESIA saw no access token."), LOGIN),
    "005029": (errors.Forbidden, N_("The session's scopes do not cover this data."), SCOPE),
    "007002": (
        errors.Forbidden,
        N_("The certificate does not belong to this mnemonic, or there is none."),
        CERTIFICATE,
    ),
    "007003": (errors.InvalidInput, N_("A parameter of the request is missing, wrong or given twice."), REPORT),
    "007004": (errors.Forbidden, N_("The person or ESIA refused access."), N_("agree on ESIA's page: emk login")),
    "007005": (errors.Forbidden, N_("The system may not ask for access in this way."), TECHNICAL),
    "007006": (errors.InvalidInput, N_("A scope is unknown or not allowed."), SCOPE),
    "007007": (errors.ServerError, N_("ESIA failed on its side."), LATER),
    "007008": (errors.ServerError, N_("ESIA is temporarily unavailable."), LATER),
    "007009": (errors.InvalidInput, N_("ESIA does not support this kind of answer."), REPORT),
    "007011": (errors.SessionLost, N_("The code or the refresh token is wrong, used, expired or revoked."), LOGIN),
    "007012": (errors.InvalidInput, N_("ESIA does not support this kind of grant."), REPORT),
    "007013": (errors.InvalidInput, N_("The request names no scope."), SCOPE),
    "007014": (errors.InvalidInput, N_("The request lacks a mandatory parameter."), REPORT),
    "007015": (
        errors.InvalidInput,
        N_("ESIA does not accept the time of the request."),
        N_("set this machine's clock"),
    ),
    "007019": (errors.Forbidden, N_("The person gave no permission for this."), N_("agree on ESIA's page: emk login")),
    "007023": (
        errors.InvalidInput,
        N_("The return address is not among those registered for the system."),
        N_("set redirect_uri exactly as it stands on the technological portal"),
    ),
    "007027": (errors.SessionLost, N_("The refresh token has expired."), LOGIN),
    "007028": (errors.SessionLost, N_("ESIA revoked the session: its token may have been stolen."), LOGIN),
    "007036": (errors.Forbidden, N_("The account is blocked."), N_("unblock it on Gosuslugi or at a service centre")),
    "007038": (errors.InvalidInput, N_("ESIA does not accept the PKCE challenge."), N_("try esia.pkce 0")),
    "007039": (errors.InvalidInput, N_("ESIA does not accept the PKCE method."), N_("try esia.pkce 0")),
    "007040": (errors.InvalidInput, N_("The PKCE proof does not fit its challenge."), LOGIN),
    "007046": (
        errors.Forbidden,
        N_("A second factor is demanded and the person has none."),
        N_("switch two-step login on in the person's Gosuslugi settings"),
    ),
    "007053": (errors.Forbidden, N_("The signature, its text or the certificate is wrong or inactive."), SIGNATURE),
    "007055": (errors.NotVerified, N_("The account is not confirmed."), CONFIRM),
    "007060": (errors.InvalidInput, N_("ESIA does not accept the roles asked for."), REPORT),
    "007061": (errors.InvalidInput, N_("ESIA does not accept the kind of object asked for."), REPORT),
    "007062": (
        errors.Forbidden,
        N_("This kind of user may not log in here."),
        N_("see esia.person_filter"),
    ),
    "007071": (
        errors.Forbidden,
        N_("The system gets personal data through consents of the Digital Profile only."),
        TECHNICAL,
    ),
    "007194": (errors.Forbidden, N_("These scopes are not for a person of an organisation."), SCOPE),
    "008010": (errors.Forbidden, N_("ESIA does not recognise the system."), CERTIFICATE),
    "020203": (errors.NotFound, N_("ESIA has no such record."), "emk person list"),
}
"""Code → error, message, hint. Sources: table 93 and the REST chapters of the guidelines 3.48."""

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
