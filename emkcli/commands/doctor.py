"""`emk doctor`: find a physician and choose them."""

from typing import Annotated

import typer

from emkcli import models
from emkcli.app import App
from emkcli.commands._command import DryRun, Yes, command
from emkcli.commands._options import Limit, Search
from emkcli.locale import N_
from emkcli.results import Listing, Value
from emkcli.usecases.onboarding import clinic_choice


@command(
    needs="portal.doctors",
    examples=(
        "emk doctor list",
        "emk doctor list --clinic gp-001 --specialty therapist",
        "emk doctor list --clinic gp-001 --limit 5 -o csv > doctors.csv",
    ),
    ends=(3,),
)
def list_(
    app: App,
    clinic: Annotated[
        str | None, typer.Option("--clinic", metavar="ID", help=N_("of this clinic (the one chosen)"))
    ] = None,
    search: Search = None,
    specialty: Annotated[
        str | None,
        typer.Option("--specialty", metavar="SLUG", help=N_("therapist, pediatrician … or the Russian name")),
    ] = None,
    limit: Limit = None,
) -> Value:
    """Physicians of a clinic or, with --search, of all."""
    clinic_id = clinic or (None if search or specialty else clinic_choice.chosen_clinic(app))
    return Listing(
        app.client.portal.doctors(clinic=clinic_id, search=search, specialty=specialty), models.Doctor, limit
    )


@command(
    needs="portal.doctor",
    examples=(
        "emk doctor show d-01106",
        "emk doctor show d-01106 --fields name,specialty",
    ),
    ends=(3,),
)
def show(app: App, doctor: Annotated[str, typer.Argument(metavar="ID", help=N_("the physician's id"))]) -> Value:
    """One physician."""
    return app.client.portal.doctor(doctor)


@command(
    needs="portal.attach",
    mutates=True,
    shows="Application",
    examples=(
        "emk doctor choose d-01106 --dry-run",
        "emk doctor choose d-01106 --yes",
    ),
    ends=(
        3,
        6,
    ),
)
def choose(
    app: App,
    doctor: Annotated[str, typer.Argument(metavar="ID", help=N_("the physician's id, see emk doctor list"))],
    yes: Yes = False,
    dry_run: DryRun = False,
) -> Value:
    """Choose the physician. Without a clinic chosen this chooses the doctor's clinic too; after activation it is the
    change of physician."""
    return clinic_choice.attach(app, clinic=None, doctor=doctor, yes=yes, dry_run=dry_run)
