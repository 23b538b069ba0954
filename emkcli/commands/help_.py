"""`emk help`: topics."""

import os
from typing import Annotated

import typer

from emkcli import locale
from emkcli.app import App
from emkcli.commands import entries
from emkcli.commands._command import command, words
from emkcli.exporters.file_formats import described
from emkcli.presentation import topics
from emkcli.results import Text, Value
from emkcli.security import extensions


def topic_or_extension(text: str) -> str:
    """Built-in words win; what is neither is told as any word that is not offered."""
    is_extension = text not in entries() and extensions.find(text, os.environ)
    return text if is_extension else words(*topics.TOPICS)(text)


topic_or_extension.__name__ = words(*topics.TOPICS).__name__


@command()
def help_(
    app: App,
    topic: Annotated[
        str | None,
        typer.Argument(
            metavar="TOPIC|EXTENSION",
            help=locale.either(topics.TOPICS),
            parser=topic_or_extension,
        ),
    ] = None,
) -> Value:
    """Help on a topic; without one, the topics there are. Of an extension, what its program says of itself."""
    if topic and topic not in topics.TOPICS and (program := extensions.find(topic, app.environ)):
        return Text(extensions.description(program, app.extension_environment()))
    return Text(topics.text(topic, file_formats=described()) if topic else topics.index())
