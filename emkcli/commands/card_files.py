"""`emk card`: the card as files."""

from dataclasses import dataclass
from typing import Annotated

import typer

from emkcli.app import App
from emkcli.commands._command import command, words
from emkcli.commands._options import Offline
from emkcli.exporters.export_request import ExportRequest
from emkcli.exporters.file_formats import FILE_FORMATS, PRESETS, where
from emkcli.locale import N_
from emkcli.results import Value
from emkcli.usecases.card import export_card, open_page


@dataclass(frozen=True)
class ExportOptions(ExportRequest):
    """What an export is asked for, as the command line spells it."""

    format: Annotated[
        str,
        typer.Option("--format", metavar="|".join(FILE_FORMATS), help=N_("what to write"), parser=words(*FILE_FORMATS)),
    ]
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="PATH|-",
            help=where(),
        ),
    ]
    categories: Annotated[
        list[str],
        typer.Option("--category", metavar="LIST", help=N_("only this list: labs, visits …; may be repeated")),
    ] = ()  # type: ignore[assignment]
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="DATE|AGO|last",
            help=N_("only records of this date or later: 2026-01-31, 30d, 6mo, 2y; last: what is new since last time"),
        ),
    ] = None
    csv_dialect: Annotated[
        str,
        typer.Option(
            "--csv-dialect",
            metavar="rfc4180|excel-ru",
            help=N_("excel-ru: semicolons, BOM, decimal commas"),
            parser=words("rfc4180", "excel-ru"),
        ),
    ] = "rfc4180"
    preset: Annotated[
        str | None,
        typer.Option(
            "--preset",
            metavar="|".join(PRESETS),
            help=N_("with pdf: the page or two that a physician asks for"),
            parser=words(*PRESETS),
        ),
    ] = None
    encrypt: Annotated[
        list[str],
        typer.Option(
            "--encrypt",
            metavar="age1…|FILE|passphrase",
            help=N_("encrypt with age: for a recipient, those of a file (may be repeated), or with a passphrase"),
        ),
    ] = ()  # type: ignore[assignment]
    force: Annotated[bool, typer.Option("--force", help=N_("replace what is there"))] = False
    offline: Offline = False


@command(
    needs="card.resources",
    examples=(
        "emk card export --format html --to card.html",
        "emk card export --format fhir --to card.json --since 1y",
        "emk card export --format pdf --preset doctor-visit --to visit.pdf",
        "emk card export --format csv --csv-dialect excel-ru --to tables",
    ),
    ends=(
        3,
        6,
        12,
    ),
)
def export(app: App, options: ExportOptions) -> Value:
    """Write the card to files that only you can read, with a manifest of what is in them and what is missing.

    An export that lacks a part says so: complete is false, the manifest names it, and the exit code is 12.

    --since last goes by when the server, or the local card, took a record in or changed it, so that late results are not
    missed; the mark moves when an export without a date is complete.
    """
    return export_card.export(app, options)


@command(
    needs="card.labs",
    examples=(
        "emk card open",
        "emk card open --no-browser",
    ),
    ends=(12,),
)
def open_(
    app: App,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help=N_("print the address instead of opening a browser"))
    ] = False,
    offline: Offline = False,
) -> Value:
    """Show the card as a page in the browser, «Перейти к карте»: search, trends, print.

    The page is made in memory and served on this machine alone, at an address that works once; nothing is written to
    the disk. The command ends when the page was fetched. In a pipe, or with --no-input, the address is printed.
    """
    return open_page.open_(app, browser=not no_browser)
