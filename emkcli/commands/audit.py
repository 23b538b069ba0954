"""`emk audit`: the local log of sensitive actions."""

from typing import Annotated

import typer

from emkcli.app import App
from emkcli.commands._command import command
from emkcli.commands._options import Limit
from emkcli.locale import N_
from emkcli.results import Value
from emkcli.usecases.diagnostics import sensitive_actions


@command(
    examples=(
        "emk audit show --since 30d",
        "emk audit show --action 'card export' --failed",
    )
)
def show(
    app: App,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="DATE|AGO", help=N_("from this date on: 2026-01-31, 12h, 30d, 6mo")),
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE|AGO", help=N_("up to and with this date"))
    ] = None,
    action: Annotated[
        list[str] | None,
        typer.Option(
            "--action", metavar="ACTION", help=N_("only this command, such as 'card export'; may be repeated")
        ),
    ] = None,
    failed: Annotated[bool, typer.Option("--failed", help=N_("only what did not end with exit code 0"))] = False,
    limit: Limit = None,
) -> Value:
    """What was done here that touches access or hands data on: logins, consents, exports, transfers …; newest first.

    The log is kept on this machine alone, for every profile of this home. It holds the command, when, the backend and how
    it ended; no names, no identifiers, nothing medical. A line that cannot be read is shown as such.
    """
    return sensitive_actions.audit_entries(
        app, sensitive_actions.Filter(since, until, tuple(action or ()), failed), limit
    )
