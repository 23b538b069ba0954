"""`emk smoke`: the journey as a check, for CI."""

from typing import Annotated

import typer

from emkcli.app import App
from emkcli.commands._command import command
from emkcli.locale import N_
from emkcli.results import Outcome, Table, Text, Value
from emkcli.usecases.diagnostics import smoke_checks


@command(
    examples=(
        "emk smoke",
        "emk smoke --junit smoke.xml",
    ),
    ends=(
        4,
        5,
        7,
        8,
        11,
        12,
    ),
)
def smoke(
    app: App,
    junit: Annotated[str | None, typer.Option("--junit", metavar="FILE", help=N_("also write a JUnit report"))] = None,
) -> Value:
    """Walk the journey against the backend, one line per check (TAP); exit 12 when one fails.

    A mock gets an invented person and a home that is thrown away; any other backend is only read, with your session.
    """
    results = smoke_checks.run(app)
    if junit:
        smoke_checks.write_junit(results, junit)
    failed = any(check.problem for check in results)
    report: Value = Text(smoke_checks.tap(results))
    if app.settings.output:
        rows = [{"name": c.name, "ok": c.problem is None, "problem": c.problem, "seconds": c.seconds} for c in results]
        report = Table("check", ["name", "ok", "problem", "seconds"], rows)
    return Outcome(report, 12) if failed else report
