"""`emk application`: «Мои заявки»."""

from typing import Annotated

import typer

from emkcli import models
from emkcli.app import App
from emkcli.commands._command import DryRun, Yes, command
from emkcli.commands._options import Limit
from emkcli.locale import N_, _
from emkcli.results import DryRun as Plan
from emkcli.results import Listing, Value
from emkcli.usecases import confirmation
from emkcli.usecases.onboarding import next_step

Id = Annotated[str, typer.Argument(metavar="ID", help=N_("the application's id"))]


@command(
    needs="portal.applications",
    examples=(
        "emk application list",
        "emk application list -o json",
    ),
)
def list_(app: App, limit: Limit = None) -> Value:
    """Applications, newest first."""
    return Listing(app.client.portal.applications(person=app.settings.person), models.Application, limit)


@command(
    needs="portal.application",
    examples=(
        "emk application show 2026-0000776",
        "emk application show 2026-0000776 -o json --query item.history",
    ),
    ends=(3,),
)
def show(app: App, application: Id) -> Value:
    """One application with its history."""
    return next_step.with_next(app, app.client.portal.application(application))


@command(
    needs="portal.cancel_application",
    mutates=True,
    shows="Application",
    examples=(
        "emk application cancel 2026-0000776 --dry-run",
        "emk application cancel 2026-0000776",
    ),
    ends=(
        3,
        6,
    ),
)
def cancel(app: App, application: Id, yes: Yes = False, dry_run: DryRun = False) -> Value:
    """Cancel an application that is not decided yet."""
    if dry_run:
        return Plan(model=app.client.portal.application(application))
    confirmation.make_sure(app, _("Cancel application {id}?").format(id=application), yes)
    return next_step.with_next(app, app.client.portal.cancel_application(application))
