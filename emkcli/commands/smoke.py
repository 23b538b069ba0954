"""`emk smoke`: the journey as a check, for CI."""

from typing import Annotated

import typer

from emkcli import errors
from emkcli.app import App
from emkcli.commands._command import checked, command
from emkcli.commands._options import ControlToken
from emkcli.locale import N_, _
from emkcli.results import Outcome, Table, Text, Value
from emkcli.usecases.diagnostics import smoke as checks
from emkcli.usecases.diagnostics.smoke import reports
from emkcli.usecases.diagnostics.smoke.check import Choice


def _times(text: str) -> float:
    """`2x` or `1.5`: how many times as long."""
    try:
        times = float(text.removesuffix("x"))
    except ValueError:
        times = 0.0
    if not 1 <= times < float("inf"):
        raise ValueError(_("how many times as long, such as 2x"))
    return times


@command(
    examples=(
        "emk smoke",
        "emk smoke --junit smoke.xml --record-timings timings.json",
        "emk smoke --only 'card labs' --skip request",
        "emk smoke --url http://127.0.0.1:8080 --control-token-file token.txt",
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
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="NAME", help=N_("only this check and what it needs; may be repeated")),
    ] = None,
    skip: Annotated[
        list[str] | None, typer.Option("--skip", metavar="NAME", help=N_("not this check; may be repeated"))
    ] = None,
    wait: Annotated[
        bool,
        typer.Option("--wait", help=N_("wait for the decisions of a server whose clock others go by too")),
    ] = False,
    record_timings: Annotated[
        str | None,
        typer.Option("--record-timings", metavar="FILE", help=N_("write the seconds of each check, for --baseline")),
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option("--baseline", metavar="FILE", help=N_("fail what became slower than these timings")),
    ] = None,
    slower: Annotated[
        float | None,
        typer.Option(
            "--slower",
            metavar="X",
            help=N_("how many times as long is slower (2x), by 0.1 s at least"),
            parser=checked(_times, "X"),
        ),
    ] = None,
    control_token_file: ControlToken = None,
) -> Value:
    """Walk the journey against the backend, one line per check (TAP); exit 12 when one fails.

    A mock gets an invented person: in a home that is thrown away and, on a server that has tenants, in a tenant of its own, which
    is removed. Any other backend is only read, with your session. An empty card fails. A check whose need is missing is skipped
    by name, with the reason; so are the decisions of a server whose clock others go by, unless --wait.
    """
    if slower is not None and baseline is None:
        raise errors.Usage(_("--slower means nothing without --baseline."))
    choice = Choice(only or (), skip or (), reports.read_timings(baseline) if baseline else {}, slower or 2.0)
    results = checks.run(app, choice, wait=wait)
    if baseline and (new := [check.name for check in results if check.passed and check.name not in choice.baseline]):
        app.notice(_("The baseline has no seconds of: {names}").format(names=", ".join(new)))
    if junit:
        reports.write_junit(results, junit)
    if record_timings:
        reports.write_timings(results, record_timings)
    report: Value = Text(reports.tap(results))
    if app.settings.output:
        names = ["name", "ok", "problem", "skipped", "seconds"]
        report = Table("check", names, [{name: getattr(check, name) for name in names} for check in results])
    return Outcome(report, 12) if any(check.problem for check in results) else report
