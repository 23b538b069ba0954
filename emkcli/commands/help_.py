"""`emk help`: topics."""

from typing import Annotated

import typer

from emkcli.app import App
from emkcli.commands._command import command, words
from emkcli.locale import N_
from emkcli.presentation import topics
from emkcli.results import Text, Value


@command()
def help_(
    app: App,
    topic: Annotated[
        str | None,
        typer.Argument(
            metavar="TOPIC",
            help=N_("exit-codes, environment, formats, headless, cron, backends or glossary"),
            parser=words(*topics.TOPICS),
        ),
    ] = None,
) -> Value:
    """Help on a topic; without one, the topics there are."""
    return Text(topics.text(topic) if topic else topics.index())
