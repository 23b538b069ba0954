"""The table of ESIA's error codes: what each one is to a person, and what to do about it."""

from __future__ import annotations

from emkcli import errors
from emkcli.locale import N_

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
