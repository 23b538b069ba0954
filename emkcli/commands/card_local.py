"""`emk card`: what fills and removes the local card."""

from typing import Annotated

import typer

from emkcli.app import App
from emkcli.commands._command import Yes, command
from emkcli.commands._options import InsecureStorage, Storage
from emkcli.locale import N_, _
from emkcli.results import Value
from emkcli.usecases import confirmation
from emkcli.usecases.card import local_card, sync_card


@command(
    mutates=True,
    examples=(
        "emk card import document.json",
        "emk card import documents --explain",
        "emk card import - < document.json",
    ),
    ends=(
        4,
        6,
        12,
    ),
)
def import_(
    app: App,
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE|DIR|-",
            help=N_("documents from Gosuslugi (HL7 CDA in XML), archives of them, FHIR bundles, resources or NDJSON"),
        ),
    ],
    storage: Storage = None,
    insecure_storage: InsecureStorage = False,
    explain: Annotated[
        bool, typer.Option("--explain", help=N_("a table of where everything in each file went, and what nothing read"))
    ] = False,
) -> Value:
    """Add documents you already have to the local card; no account is needed.

    The first document (or the card that is there) decides whose card it is. A bad file is reported with its
    reason, the rest is imported (exit 12). A file of which a part has no place in the card ends with exit code 12
    too: `unread` names the part.
    """
    return local_card.bring_in(app, files, insecure=insecure_storage, explain=explain)


@command(
    needs="card.changes",
    examples=(
        "emk card sync",
        "emk card sync --person all --if-changed",
        "emk card sync --full",
    ),
    ends=(
        6,
        12,
    ),
)
def sync(
    app: App,
    full: Annotated[bool, typer.Option("--full", help=N_("fetch everything anew, not only what changed"))] = False,
    if_changed: Annotated[
        bool, typer.Option("--if-changed", help=N_("print only when something was added, changed or removed"))
    ] = False,
    storage: Storage = None,
    insecure_storage: InsecureStorage = False,
) -> Value:
    """Bring the card into the local encrypted store: only what changed. Afterwards the card can be read with --offline.

    A sync that was interrupted goes on where it stood. When a part cannot be read, the rest is kept, the part is
    named, and the exit code is 12. --person all syncs oneself and the children.
    """
    return sync_card.bring(app, full=full, if_changed=if_changed, insecure=insecure_storage)


@command(
    mutates=True,
    examples=(
        "emk card forget",
        "emk card forget --yes",
    ),
)
def forget(app: App, yes: Yes = False) -> Value:
    """Remove the local card, everything imported and synced, and its key. What the server holds stays."""
    confirmation.make_sure(app, _("Remove the local card and its key?"), yes)
    return local_card.forget(app)
