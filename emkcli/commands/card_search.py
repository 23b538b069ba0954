"""`emk card`: finding in the card, and one analyte in time."""

from typing import Annotated

import typer

from emkcli.app import App
from emkcli.commands._command import checked, command
from emkcli.commands._options import Clinic, Doctor, ExitCode, Limit, Offline, Since, Until, positive
from emkcli.locale import N_
from emkcli.results import Value
from emkcli.usecases.card import analyte_trend, search_card
from emkcli.usecases.card.records import Wanted


@command(
    needs="card.person",
    examples=(
        "emk card search I10",
        "emk card search J06.9 --category visits",
        "emk card search 120/80 --since 2y -o json",
    ),
    ends=(
        3,
        12,
    ),
)
def search(
    app: App,
    text: Annotated[
        list[str],
        typer.Argument(metavar="TEXT", help=N_("words, codes or numbers; a phrase in quotes: '\"upper airways\"'")),
    ],
    category: Annotated[
        list[str] | None,
        typer.Option("--category", metavar="LIST", help=N_("only this list: labs, visits …; may be repeated")),
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", help=N_("the best N (20)"), parser=checked(positive, "N"))
    ] = 20,
    since: Since = None,
    until: Until = None,
    clinic: Clinic = None,
    doctor: Doctor = None,
    exit_code: ExitCode = False,
    offline: Offline = False,
) -> Value:
    """Look through every list of the card, the best first; Russian and English word forms are found too.

    Every word must be in the record; the last one may be its beginning. Codes and numbers are found as they are
    written. What was found stands between ** in the text.
    """
    among = Wanted(since, until, clinic, doctor, limit, exit_code=exit_code)
    return search_card.search(app, " ".join(text), category or [], among)


@command(
    needs="card.labs",
    examples=(
        "emk card trend glucose",
        "emk card trend sugar --since 2y",
        "emk card trend Hb --svg hb.svg --png hb.png",
    ),
    ends=(
        3,
        6,
        12,
    ),
)
def trend(
    app: App,
    analyte: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ANALYTE",
            help=N_("a name or an everyday word for it (sugar, Hb), or a code; without one, all are listed"),
        ),
    ] = None,
    since: Since = None,
    until: Until = None,
    clinic: Clinic = None,
    limit: Limit = None,
    svg: Annotated[str | None, typer.Option("--svg", metavar="FILE", help=N_("draw it to an SVG file too"))] = None,
    png: Annotated[str | None, typer.Option("--png", metavar="FILE", help=N_("draw it to a PNG file too"))] = None,
    force: Annotated[bool, typer.Option("--force", help=N_("replace what is there"))] = False,
    offline: Offline = False,
) -> Value:
    """One analyte in time with the range that was sent with each result, and a plot of it on a terminal.

    Without a name it lists the analytes there are, each with its newest value. Results of different codes, units, specimens
    or methods are not joined, and no line is drawn across what is no number: a limit like <0.10 has a mark of its own.
    Values are shown as they were sent; only for the plot numbers are taken to one unit, and only by an exact power of ten.
    """
    among = Wanted(since, until, clinic, limit=limit)
    return analyte_trend.asked(app, " ".join(analyte or ()), among, analyte_trend.Drawings(svg, png, force))
