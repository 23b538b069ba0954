"""`emk transfer`: «Передать данные»."""

from datetime import timedelta
from typing import Annotated

import typer

from emkcli import errors, models
from emkcli.app import App
from emkcli.commands._command import DryRun, Yes, checked, command
from emkcli.commands._options import Limit
from emkcli.config.durations import duration
from emkcli.locale import N_, _, ngettext
from emkcli.results import DryRun as Plan
from emkcli.results import Listing, Value
from emkcli.usecases import confirmation
from emkcli.usecases.card.passed_on import selected

Id = Annotated[str, typer.Argument(metavar="ID", help=N_("the transfer's id"))]


@command(
    needs="portal.transfers",
    examples=(
        "emk transfer list",
        "emk transfer list -o json",
    ),
)
def list_(app: App, limit: Limit = None) -> Value:
    """Transfers, newest first."""
    return Listing(app.client.portal.transfers(person=app.settings.person), models.Transfer, limit)


@command(needs="portal.transfer", examples=("emk transfer show t-000001",), ends=(3,))
def show(app: App, transfer: Id) -> Value:
    """One transfer."""
    return app.client.portal.transfer(transfer)


@command(
    needs="portal.create_transfer",
    mutates=True,
    shows="Transfer",
    examples=(
        "emk transfer create --to gp-002 --category labs --since 1y --dry-run",
        "emk transfer create --to gp-002 --record lab-zh4nbm-0345 --expires 14d --yes",
    ),
    ends=(
        3,
        6,
    ),
)
def create(
    app: App,
    to: Annotated[
        str, typer.Option("--to", metavar="CLINIC", help=N_("the clinic that may read, see emk clinic list"))
    ],
    category: Annotated[
        list[str] | None,
        typer.Option("--category", metavar="LIST", help=N_("all records of this list: labs, visits, studies …")),
    ] = None,
    record: Annotated[
        list[str] | None, typer.Option("--record", metavar="ID", help=N_("this record; may be repeated"))
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE|AGO", help=N_("with --category: from this date on"))
    ] = None,
    expires: Annotated[
        object,
        typer.Option(
            "--expires",
            metavar="DURATION",
            help=N_("how long the clinic may read (30d)"),
            parser=checked(duration, "DURATION"),
        ),
    ] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> Value:
    """Open chosen records to another clinic for a time. --dry-run lists exactly what the clinic would read, with dates and values."""
    if not category and not record:
        raise errors.Usage(_("Say what to pass on."), hint="--category labs | --record ID")
    if not dry_run:
        confirmation.may_ask(app, yes)
    clinic = app.client.portal.clinic(to)
    chosen = selected(app, category or [], record or [], since)
    until = (app.now() + expires).isoformat(timespec="seconds") if isinstance(expires, timedelta) else None
    if not chosen.references:
        raise errors.NotFound(_("No record fits; nothing would be passed on."))
    if dry_run:
        return Plan(
            model=models.Transfer(
                to=models.Named(id=clinic.id, name=clinic.name),
                records=chosen.references,
                expires_at=until,
                status="draft",
                preview=chosen.preview,
            )
        )
    question = ngettext("Open {count} record to {clinic}?", "Open {count} records to {clinic}?", len(chosen.references))
    confirmation.make_sure(app, question.format(count=len(chosen.references), clinic=clinic.name), yes)
    return app.client.portal.create_transfer(to, chosen.references, expires_at=until, person=app.settings.person)


@command(
    needs="portal.revoke_transfer",
    mutates=True,
    shows="Transfer",
    examples=(
        "emk transfer revoke t-000001 --dry-run",
        "emk transfer revoke t-000001",
    ),
    ends=(
        3,
        6,
    ),
)
def revoke(app: App, transfer: Id, yes: Yes = False, dry_run: DryRun = False) -> Value:
    """End a transfer before its time."""
    if dry_run:
        return Plan(model=app.client.portal.transfer(transfer))
    confirmation.make_sure(app, _("Revoke transfer {id}?").format(id=transfer), yes)
    return app.client.portal.revoke_transfer(transfer)
