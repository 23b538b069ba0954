"""`emk card`: the card as files."""

from typing import Annotated

import typer

from emkcli.app import App
from emkcli.commands._command import command, words
from emkcli.commands._options import Offline
from emkcli.journey import exporting, reading
from emkcli.locale import N_
from emkcli.results import Value

FORMATS = ("fhir", "ips", "ndjson", "json", "csv", "html", "ics")


@command(needs="card.resources")
def export(
    app: App,
    format_: Annotated[
        str,
        typer.Option("--format", metavar="|".join(FORMATS), help=N_("what to write"), parser=words(*FORMATS)),
    ],
    to: Annotated[
        str,
        typer.Option(
            "--to", metavar="PATH|-", help=N_("where: a file, for ndjson and csv a directory; - is standard output")
        ),
    ],
    category: Annotated[
        list[str] | None,
        typer.Option("--category", metavar="LIST", help=N_("only this list: labs, visits …; may be repeated")),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since", metavar="DATE|AGO", help=N_("only records of this date or later: 2026-01-31, 30d, 6mo, 2y")
        ),
    ] = None,
    csv_dialect: Annotated[
        str,
        typer.Option(
            "--csv-dialect",
            metavar="rfc4180|excel-ru",
            help=N_("excel-ru: semicolons, BOM, decimal commas"),
            parser=words("rfc4180", "excel-ru"),
        ),
    ] = "rfc4180",
    force: Annotated[bool, typer.Option("--force", help=N_("replace what is there"))] = False,
    offline: Offline = False,
) -> Value:
    """Write the card to files that only you can read, with a manifest of what is in them and what is missing.

    An export that lacks a part says so: complete is false, the manifest names it, and the exit code is 12.
    """
    return exporting.export(
        app, format_, to, [reading.known(c) for c in category or []], since, csv_dialect, force=force
    )
