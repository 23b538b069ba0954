"""`emk request`: «Создать запрос»."""

from typing import Annotated

import typer

from emkcli import errors, models
from emkcli.app import App
from emkcli.commands._command import DryRun, Yes, command, words
from emkcli.commands._options import Limit
from emkcli.locale import N_, _
from emkcli.results import DryRun as Plan
from emkcli.results import Listing, Value
from emkcli.usecases import confirmation
from emkcli.usecases.card import named_record

Id = Annotated[str, typer.Argument(metavar="ID", help=N_("the request's id"))]


@command(
    needs="portal.requests",
    examples=(
        "emk request list",
        "emk request list --limit 1 -o json",
    ),
)
def list_(app: App, limit: Limit = None) -> Value:
    """Requests, newest first."""
    return Listing(app.client.portal.requests(person=app.settings.person), models.Request, limit)


@command(needs="portal.request", examples=("emk request show r-000001",), ends=(3,))
def show(app: App, request: Id) -> Value:
    """One request; once it is done it names the prescription."""
    return app.client.portal.request(request)


@command(
    needs="portal.create_request",
    mutates=True,
    shows="Request",
    examples=(
        "emk request create prescription --medicine Atorvastatin --dry-run",
        "emk request create prescription --repeat recipe-zh4nbm-0056 --comment 'by Monday' --yes",
    ),
    ends=(
        3,
        6,
    ),
)
def create(
    app: App,
    kind: Annotated[
        str, typer.Argument(metavar="prescription", help=N_("what is asked for"), parser=words("prescription"))
    ],
    medicine: Annotated[
        str | None, typer.Option("--medicine", metavar="NAME", help=N_("the medicine, as the physician should read it"))
    ] = None,
    repeat: Annotated[
        str | None,
        typer.Option("--repeat", metavar="ID", help=N_("repeat this prescription, see emk card prescriptions")),
    ] = None,
    comment: Annotated[
        str | None, typer.Option("--comment", metavar="TEXT", help=N_("a few words for the physician"))
    ] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> Value:
    """Ask for an electronic prescription. An open request for the same is answered as it is, not sent twice.

    On a terminal the medicine is asked for where none is named.
    """
    if app.interactive and not (medicine or repeat):
        medicine = _asked_for(app)
    if bool(medicine) == bool(repeat):
        raise errors.Usage(
            _("Name either a medicine or a prescription to repeat."), hint="--medicine NAME | --repeat ID"
        )
    repeated = _prescription(app, repeat) if repeat else None
    if dry_run:
        shown = repeated.medicine if repeated else medicine
        return Plan(model=models.Request(type=kind, status="draft", medicine=shown, comment=comment))
    confirmation.make_sure(app, _("Send the request?"), yes)
    return app.client.portal.create_request(
        kind,
        medicine=medicine,
        repeat=repeated.id if repeated else None,
        comment=comment,
        person=app.settings.person,
    )


def _prescription(app: App, written: str) -> models.Prescription:
    """What is to be repeated, by any id that `card show` takes."""
    record = named_record.named(app.client.card, written, app.settings.person)
    if not isinstance(record, models.Prescription):
        raise errors.Usage(_("{id} is no prescription.").format(id=written), hint="emk card prescriptions")
    return record


def _asked_for(app: App) -> str:
    from emkcli.registration.identifiers import printed

    return app.dialogue.ask(_("Medicine, as the physician should read it"), option="--medicine", check=printed)


@command(
    needs="portal.cancel_request",
    mutates=True,
    shows="Request",
    examples=(
        "emk request cancel r-000001 --dry-run",
        "emk request cancel r-000001",
    ),
    ends=(
        3,
        6,
    ),
)
def cancel(app: App, request: Id, yes: Yes = False, dry_run: DryRun = False) -> Value:
    """Cancel a request that is not done."""
    if dry_run:
        return Plan(model=app.client.portal.request(request))
    confirmation.make_sure(app, _("Cancel request {id}?").format(id=request), yes)
    return app.client.portal.cancel_request(request)
