"""`emk help`: topics."""

from typing import Annotated

import typer

from emkcli import locale
from emkcli.app import App
from emkcli.commands._command import command, words
from emkcli.exporters.file_formats import described
from emkcli.presentation import topics
from emkcli.results import Text, Value


@command()
def help_(
    app: App,
    topic: Annotated[
        str | None,
        typer.Argument(
            metavar="TOPIC",
            help=locale.either(topics.TOPICS),
            parser=words(*topics.TOPICS),
        ),
    ] = None,
) -> Value:
    """Help on a topic; without one, the topics there are."""
    return Text(topics.text(topic, file_formats=described()) if topic else topics.index())
