"""`emk consent`: what was asked for and given."""

from typing import Annotated

import typer

from emkcli import models
from emkcli.app import App
from emkcli.commands._command import DryRun, Yes, command
from emkcli.locale import N_, _
from emkcli.results import DryRun as Plan
from emkcli.results import Listing, Text, Value
from emkcli.usecases import confirmation

Id = Annotated[str, typer.Argument(metavar="ID", help=N_("the consent's id"))]


@command(
    needs="portal.consents",
    examples=(
        "emk consent list",
        "emk consent list -o json",
    ),
)
def list_(app: App) -> Value:
    """Every consent the service asks for, with its version and status."""
    return Listing(app.client.portal.consents(person=app.settings.person), models.Consent)


@command(needs="portal.consent", examples=("emk consent show medical-data",), ends=(3,))
def show(app: App, consent: Id) -> Value:
    """One consent with its full text."""
    return app.client.portal.consent(consent, person=app.settings.person)


@command(
    needs="portal.consent",
    examples=(
        "emk consent export medical-data > consent.txt",
        "emk consent export medical-data | wc -c",
    ),
    ends=(3,),
)
def export(app: App, consent: Id) -> Value:
    """The exact text of a consent on standard output; its SHA-256 is the one recorded."""
    return Text(app.client.portal.consent(consent, person=app.settings.person).text, exact=True)


@command(
    needs="portal.revoke_consent",
    mutates=True,
    shows="Consent",
    examples=(
        "emk consent revoke egisz-transfer --dry-run",
        "emk consent revoke egisz-transfer",
    ),
    ends=(
        3,
        6,
    ),
)
def revoke(app: App, consent: Id, yes: Yes = False, dry_run: DryRun = False) -> Value:
    """Withdraw a consent. Afterwards the card cannot be read until it is given again."""
    if dry_run:
        return Plan(model=app.client.portal.consent(consent, person=app.settings.person))
    confirmation.make_sure(app, _("Withdraw consent {id}? The card will be closed.").format(id=consent), yes)
    return app.client.portal.revoke_consent(consent, person=app.settings.person)
