"""`emk card`: what fills and removes the local card."""

from typing import Annotated

import typer

from emkcli.app import App
from emkcli.commands._command import Yes, command
from emkcli.commands._options import InsecureStorage
from emkcli.journey import asking, carrying
from emkcli.locale import N_, _
from emkcli.results import Value


@command()
def import_(
    app: App,
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE|DIR|-",
            help=N_("documents from Gosuslugi (HL7 CDA in XML), archives of them, FHIR bundles, resources or NDJSON"),
        ),
    ],
    insecure_storage: InsecureStorage = False,
) -> Value:
    """Add documents you already have to the local card; no account is needed.

    The first document (or the card that is there) decides whose card it is. A bad file is reported with its
    reason, the rest is imported (exit 12).
    """
    return carrying.bring_in(app, files, insecure=insecure_storage)


@command()
def forget(app: App, yes: Yes = False) -> Value:
    """Remove the local card and its key. What the server holds stays."""
    asking.make_sure(app, _("Remove the local card and its key?"), yes)
    return carrying.forget(app)
