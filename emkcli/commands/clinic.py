"""`emk clinic`: find a clinic and choose it."""

from typing import Annotated

import typer

from emkcli import models
from emkcli.app import App
from emkcli.commands._command import DryRun, Yes, command
from emkcli.commands._options import Accepts, All, Limit, Near, Search
from emkcli.locale import N_
from emkcli.results import SCREENFUL, Listing, Value
from emkcli.usecases.onboarding import clinic_choice


@command(
    needs="portal.clinics",
    examples=(
        "emk clinic list --near residence --limit 5",
        "emk clinic list --search 901 --accepts children",
        "emk clinic list --district ЦАО -o csv > clinics.csv",
    ),
    ends=(3,),
)
def list_(
    app: App,
    search: Search = None,
    district: Annotated[
        str | None, typer.Option("--district", metavar="NAME", help=N_("administrative district: ЦАО, САО, ЗелАО …"))
    ] = None,
    near: Near = None,
    accepts: Accepts = None,
    limit: Limit = None,
    all_: All = False,
) -> Value:
    """Clinics by name, district or distance."""
    clinics = app.client.portal.clinics(
        search=search, district=district, near=near, accepts=accepts, person=app.settings.person
    )
    return Listing(clinics, models.Clinic, limit, newest=None if all_ else SCREENFUL)


@command(
    needs="portal.clinic",
    examples=(
        "emk clinic show gp-001",
        "emk clinic show gp-001 -o json",
    ),
    ends=(3,),
)
def show(app: App, clinic: Annotated[str, typer.Argument(metavar="ID", help=N_("the clinic's id"))]) -> Value:
    """One clinic."""
    return app.client.portal.clinic(clinic)


@command(
    needs="portal.attach",
    mutates=True,
    shows="Application",
    examples=(
        "emk clinic choose gp-001 --dry-run",
        "emk clinic choose gp-001 --yes",
    ),
    ends=(
        3,
        6,
    ),
)
def choose(
    app: App,
    clinic: Annotated[str, typer.Argument(metavar="ID", help=N_("the clinic's id, see emk clinic list"))],
    doctor: Annotated[
        str | None,
        typer.Option("--doctor", metavar="ID", help=N_("a physician of this clinic; a therapist speeds activation up")),
    ] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> Value:
    """Choose the clinic; this submits the application, which is decided within 24 to 48 hours."""
    return clinic_choice.attach(app, clinic=clinic, doctor=doctor, yes=yes, dry_run=dry_run)
