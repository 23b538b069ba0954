"""How a code gets from a person, a pipe or a program into a request; it is never an option's value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from emkcli import errors
from emkcli.locale import _

if TYPE_CHECKING:
    from emkcli.app import App
    from emkcli.models import Challenge

T = TypeVar("T")
ATTEMPTS = 3


@dataclass(frozen=True)
class CodeSource:
    """Where the SMS code comes from: standard input, a program's first line, or else a prompt."""

    stdin: bool = False
    command: str | None = None

    @property
    def asks(self) -> bool:
        return not self.stdin and not self.command


def check_source(app: App, source: CodeSource) -> None:
    """Fail before a code is sent when nobody could give it."""
    if source.stdin and source.command:
        raise errors.Usage(_("--code-stdin and --code-command exclude each other."))
    if source.asks and not app.interactive:
        raise errors.Usage(
            _("The SMS code is needed and may not be asked for."), hint=_("pass --code-stdin or --code-command CMD")
        )


def answered(app: App, challenge: Challenge, source: CodeSource, send: Callable[[str], T]) -> T:
    """Send the code for a challenge; a person who mistyped may try again, a program may not."""
    announce(app, challenge)
    for attempt in range(ATTEMPTS):
        try:
            code = _code(app, challenge, source)
            app.redactor.learn("smscode", code)
            return send(code)
        except errors.InvalidInput as wrong:
            last = attempt == ATTEMPTS - 1 or not source.asks
            if last or wrong.details.get("reason") != "code_invalid":
                raise
            app.notice(wrong.message)
    raise AssertionError("the last attempt returns or raises")


def announce(app: App, challenge: Challenge) -> None:
    if challenge.phone:
        app.notice(_("A code was sent to {phone}. Tell it to nobody.").format(phone=challenge.phone))


def _code(app: App, challenge: Challenge, source: CodeSource) -> str:
    if source.command:
        from emkcli.security.external_programs import first_line

        return first_line(source.command, env=app.child_environment())
    if source.stdin:
        return app.dialogue.read_stdin_line(option="--code-stdin")
    where_it_lies = _("Code from the SMS (on the mock: emk mock inbox --code)")
    label = where_it_lies if app.client.demo else _("Code from the SMS")
    return app.dialogue.secret(label, option="--code-stdin, --code-command CMD")
