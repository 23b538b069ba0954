"""`emk demo`: the whole journey of an invented patient, with real commands."""

from typing import Annotated

import typer

from emkcli.app import App
from emkcli.commands._command import command
from emkcli.locale import N_
from emkcli.results import Value
from emkcli.usecases.onboarding.demonstration import Demonstration


@command(
    examples=(
        "emk demo",
        "emk demo --keep --to card",
    ),
    ends=(6,),
)
def demo(
    app: App,
    to: Annotated[
        str | None, typer.Option("--to", metavar="DIR", help=N_("where the exported card goes (a new directory)"))
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help=N_("live it in your own home, and stay logged in with the card activated"))
    ] = False,
) -> Value:
    """The whole journey of an invented patient on a throw-away mock, each command as a process of its own, up to an exported card.

    No input, no network, no credentials; without --keep nothing of yours is read or changed.
    """
    return Demonstration(app, to, keep=keep).run()
