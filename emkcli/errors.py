"""Everything that can go wrong, as one tree: each class has its slug, its exit code and whether to retry.

    EmkError                            1   unexpected
    ├── Usage                           2   usage
    ├── InvalidInput                    2   invalid_input
    ├── NotFound                        3   not_found
    ├── LoginRequired                   4   login_required
    │   └── SessionLost                 4   session_lost
    ├── NoSecretStorage                 4   no_secret_storage
    ├── Forbidden                       5   forbidden
    │   ├── ConsentRequired             5   consent_required
    │   ├── NotActivated                5   not_activated
    │   ├── NotVerified                 5   not_verified
    │   └── ReadOnly                    5   read_only
    ├── Conflict                        6   conflict
    │   ├── Exists                      6   exists
    │   └── OtherPerson                 6   other_person
    ├── Unreachable                     7   unreachable
    │   ├── TimedOut                    7   timeout
    │   └── TlsFailed                   7   tls
    ├── ServerError                     8   server_error
    │   ├── RateLimited                 8   rate_limited
    │   └── BadResponse                 8   bad_response
    ├── Unsupported                    11   unsupported
    ├── Storage                        13   storage
    │   └── Busy                       13   busy
    ├── Cancelled                     130   cancelled

Exit codes 9 (`in_progress`), 10 (`refused`) and 12 (`incomplete`, `check_failed`) are outcomes: the document stands
on stdout and a command returns them with `Outcome`.
"""

from __future__ import annotations

from typing import Any, ClassVar

from emkcli.locale import N_


class EmkError(Exception):
    """An error with a message a person can act on; the base of every error `emk` raises."""

    slug: ClassVar[str] = "unexpected"
    exit_code: ClassVar[int] = 1
    retryable: ClassVar[bool] = False
    when: ClassVar[str] = N_("a bug in emk")

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        request_id: str | None = None,
        details: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.request_id = request_id
        self.details = details or {}

    def as_dict(self) -> dict[str, Any]:
        """The shape scripts read on stderr: `{"error": {...}}` without the wrapper."""
        shape: dict[str, Any] = {
            "code": self.slug,
            "exit_code": self.exit_code,
            "message": self.message,
            "hint": self.hint,
            "retryable": self.retryable,
            "request_id": self.request_id,
        }
        return shape | ({"details": self.details} if self.details else {})


class Usage(EmkError):
    slug, exit_code = "usage", 2
    when = N_("a wrong command or option, or a question that may not be asked (--no-input)")


class InvalidInput(EmkError):
    slug, exit_code = "invalid_input", 2
    when = N_("a value, a file or a picture did not pass validation")


class NotFound(EmkError):
    slug, exit_code = "not_found", 3
    when = N_("no such record; with --exit-code: nothing to print, no application")


class LoginRequired(EmkError):
    slug, exit_code = "login_required", 4
    when = N_("nobody is logged in")


class SessionLost(LoginRequired):
    slug = "session_lost"
    when = N_("the session ended or was revoked; log in again")


class NoSecretStorage(EmkError):
    slug, exit_code = "no_secret_storage", 4
    when = N_("no keyring or other safe place for a secret")


class Forbidden(EmkError):
    slug, exit_code = "forbidden", 5
    when = N_("the server does not allow it")


class ConsentRequired(Forbidden):
    slug = "consent_required"
    when = N_("a consent is missing or its text has changed")


class NotActivated(Forbidden):
    slug = "not_activated"
    when = N_("the service is not active yet")


class NotVerified(Forbidden):
    slug = "not_verified"
    when = N_("the account is not confirmed yet")


class ReadOnly(Forbidden):
    slug = "read_only"
    when = N_("EMK_READ_ONLY forbids every change")


class Conflict(EmkError):
    slug, exit_code = "conflict", 6
    when = N_("already done with other data, or the state does not allow it")


class Exists(Conflict):
    slug = "exists"
    when = N_("the target exists already; see --force")


class OtherPerson(Conflict):
    slug = "other_person"
    when = N_("the document belongs to somebody else")


class Unreachable(EmkError):
    slug, exit_code, retryable = "unreachable", 7, True
    when = N_("the server cannot be reached; retry later")


class TimedOut(Unreachable):
    slug = "timeout"
    when = N_("the server did not answer in time; retry later")


class TlsFailed(Unreachable):
    slug = "tls"
    when = N_("the server's certificate cannot be trusted")


class ServerError(EmkError):
    slug, exit_code, retryable = "server_error", 8, True
    when = N_("the server failed; retry later")


class RateLimited(ServerError):
    slug = "rate_limited"
    when = N_("too many requests; retry later")


class BadResponse(ServerError):
    slug = "bad_response"
    when = N_("the answer is not what the server's contract promises; retry later")


class Unsupported(EmkError):
    slug, exit_code = "unsupported", 11
    when = N_("this backend cannot do it")


class Storage(EmkError):
    slug, exit_code = "storage", 13
    when = N_("a local file or store cannot be read or written")


class Busy(Storage):
    slug, retryable = "busy", True
    when = N_("a local file or store is locked by another process")


class Cancelled(EmkError):
    slug, exit_code = "cancelled", 130
    when = N_("interrupted (Ctrl-C, Ctrl-D)")
