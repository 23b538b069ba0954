"""`emk help`: topics, and the help of every command."""

from typing import Annotated

import typer

from emkcli import locale
from emkcli.app import App
from emkcli.commands import _help_page, _tree, entries
from emkcli.commands._command import command
from emkcli.exporters.file_formats import described
from emkcli.presentation import topics
from emkcli.results import Text, Value
from emkcli.security import extensions


@command(examples=("emk help", "emk help card labs", "emk help cron"))
def help_(
    app: App,
    subject: Annotated[
        list[str] | None,
        typer.Argument(metavar="TOPIC|COMMAND", help=locale.either([*topics.TOPICS, "card labs", "labs"])),
    ] = None,
) -> Value:
    """Help on a topic, a command or an extension; without one, the topics there are."""
    if not subject:
        return Text(topics.index())
    coloured = _help_page.is_coloured(app)
    if len(subject) == 1 and subject[0] in topics.TOPICS:
        text = topics.text(subject[0], file_formats=described())
        return Text(topics.with_headings(text) if coloured else text, is_styled=coloured)
    if len(subject) == 1 and subject[0] not in entries() and (program := extensions.find(subject[0], app.environ)):
        return Text(extensions.description(program, app.extension_environment()))
    return Text(_tree.help_text(app, subject), is_styled=coloured)
