"""`emk selfcheck`: what a bug report needs."""

from dataclasses import asdict
from typing import Annotated

import typer

from emkcli.app import App
from emkcli.commands._command import command
from emkcli.locale import N_
from emkcli.results import Outcome, Table, Value
from emkcli.usecases.diagnostics import selfcheck as checks


@command(
    diagnoses=True,
    examples=(
        "emk selfcheck",
        "emk selfcheck --live",
    ),
    ends=(12,),
)
def selfcheck(
    app: App,
    live: Annotated[bool, typer.Option("--live", help=N_("also ask the server: certificate, answer, clock"))] = False,
) -> Value:
    """Check this installation: versions, settings, directories, keyring, trust; with --live the server too. Changes nothing.

    Made to be pasted into a bug report: no secret and no name stands in it, the home directory is ~, and
    what a check found is told in English whatever the language. Exit code 12 when a
    check failed; a warning alone is no failure.
    """
    results = list(checks.run(app, live=live))
    table = Table("check", ["name", "status", "detail", "hint"], [asdict(check) for check in results])
    return Outcome(table, 12) if any(check.status == "fail" for check in results) else table
