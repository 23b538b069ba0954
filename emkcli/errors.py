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
    │   ├── HungUp                    129   hung_up
    │   └── Terminated                143   terminated

Exit codes 9 (`in_progress`), 10 (`refused`) and 12 (`incomplete`, `check_failed`) are outcomes: the document stands
on stdout and a command returns them with `Outcome`.
"""

from __future__ import annotations

from typing import Any, ClassVar

from emkcli.locale import N_


class EmkError(Exception):
    """An error with a message a person can act on; the base of every error `emk` raises.

    :param message: one sentence in the language of the process, without secrets and without personal data.
    :param hint: what to do next, a command where there is one.
    :param request_id: the server's name for the request, for its support.
    :param details: what a script may act on; which keys there are, the class says.
    """

    slug: ClassVar[str] = "unexpected"
    """What scripts compare: `error.code` of the JSON on stderr. Never changes."""
    exit_code: ClassVar[int] = 1
    """What the process ends with. Never changes."""
    retryable: ClassVar[bool] = False
    """Whether the same may succeed later without anybody changing anything."""
    when: ClassVar[str] = N_("a bug in emk")
    """One line of the table of exit codes."""

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
    """The command line cannot be carried out as it stands: a wrong word, or a question where nobody may be asked."""

    slug, exit_code = "usage", 2
    when = N_("a wrong command or option, or a question that may not be asked (--no-input)")


class InvalidInput(EmkError):
    """A value, a file or a picture is not what it has to be. `details["fields"]` names fields and rules, never values."""

    slug, exit_code = "invalid_input", 2
    when = N_("a value, a file or a picture did not pass validation")


class NotFound(EmkError):
    """There is no such thing, or none that this person may see."""

    slug, exit_code = "not_found", 3
    when = N_("no such record; with --exit-code: nothing to print, no application")


class LoginRequired(EmkError):
    """There is no session, and this needs one."""

    slug, exit_code = "login_required", 4
    when = N_("nobody is logged in")


class SessionLost(LoginRequired):
    """The session has ended or was revoked, and cannot be renewed."""

    slug = "session_lost"
    when = N_("the session ended or was revoked; log in again")


class NoSecretStorage(EmkError):
    """There is no keyring or other safe place for a secret, or it is locked. A login finds out before an SMS is spent."""

    slug, exit_code = "no_secret_storage", 4
    when = N_("no keyring or other safe place for a secret")


class Forbidden(EmkError):
    """The server, or the login provider, does not allow it."""

    slug, exit_code = "forbidden", 5
    when = N_("the server does not allow it")


class ConsentRequired(Forbidden):
    """A consent is missing or its text has changed. `details["consents"]` has those to accept as `ID@VERSION`."""

    slug = "consent_required"
    when = N_("a consent is missing or its text has changed")


class NotActivated(Forbidden):
    """The card is not open yet. `details["expected_by"]` is the time by which it will be, where that is known."""

    slug = "not_activated"
    when = N_("the service is not active yet")


class NotVerified(Forbidden):
    """The account is not confirmed yet. `details["expected_by"]` is the time by which a running review ends."""

    slug = "not_verified"
    when = N_("the account is not confirmed yet")


class ReadOnly(Forbidden):
    """The environment variable `EMK_READ_ONLY` forbids every change. Raised before anything is sent."""

    slug = "read_only"
    when = N_("EMK_READ_ONLY forbids every change")


class Conflict(EmkError):
    """It was done already with other data, or the state does not allow it. `details["reason"]` says which."""

    slug, exit_code = "conflict", 6
    when = N_("already done with other data, or the state does not allow it")


class Exists(Conflict):
    """The target is there already: a file without `--force`, or an account with other data."""

    slug = "exists"
    when = N_("the target exists already; see --force")


class OtherPerson(Conflict):
    """The document belongs to somebody whose card this is not."""

    slug = "other_person"
    when = N_("the document belongs to somebody else")


class Unreachable(EmkError):
    """No connection to the server came about. Outside `--wait`, retries have ended within 5 s."""

    slug, exit_code, retryable = "unreachable", 7, True
    when = N_("the server cannot be reached; retry later")


class TimedOut(Unreachable):
    """The whole answer was not there within the time a request may take (30 s unless `--timeout` says otherwise)."""

    slug = "timeout"
    when = N_("the server did not answer in time; retry later")


class TlsFailed(Unreachable):
    """The server's certificate cannot be trusted, or there is no kind of TLS in common."""

    slug = "tls"
    when = N_("the server's certificate cannot be trusted")


class ServerError(EmkError):
    """The server says that it failed (status 500 and above)."""

    slug, exit_code, retryable = "server_error", 8, True
    when = N_("the server failed; retry later")


class RateLimited(ServerError):
    """Too many requests, or too many wrong codes."""

    slug = "rate_limited"
    when = N_("too many requests; retry later")


class BadResponse(ServerError):
    """The answer is not what the server's contract promises, or is an answer to another request."""

    slug = "bad_response"
    when = N_("the answer is not what the server's contract promises; retry later")


class Unsupported(EmkError):
    """The backend, the server or the login provider has no such thing."""

    slug, exit_code = "unsupported", 11
    when = N_("this backend cannot do it")


class Storage(EmkError):
    """A local file or store cannot be read or written, or the disk is full."""

    slug, exit_code = "storage", 13
    when = N_("a local file or store cannot be read or written")


class Busy(Storage):
    """A local file or store is locked by another process."""

    slug, retryable = "busy", True
    when = N_("a local file or store is locked by another process")


class Cancelled(EmkError):
    """The person interrupted it (Ctrl-C or Ctrl-D)."""

    slug, exit_code = "cancelled", 130
    when = N_("interrupted (Ctrl-C, Ctrl-D)")


class HungUp(Cancelled):
    """The terminal went away, or somebody sent SIGHUP."""

    slug, exit_code = "hung_up", 129
    when = N_("the terminal went away (SIGHUP)")


class Terminated(Cancelled):
    """The system or another program ended it."""

    slug, exit_code = "terminated", 143
    when = N_("ended by SIGTERM")
