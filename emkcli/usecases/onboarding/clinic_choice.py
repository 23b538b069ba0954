"""Choose the clinic and the physician, which submits the application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emkcli.locale import _
from emkcli.results import DryRun
from emkcli.usecases import confirmation
from emkcli.usecases.onboarding import next_step

if TYPE_CHECKING:
    from emkcli.app import App
    from emkcli.results import Value


def attach(app: App, *, clinic: str | None, doctor: str | None, yes: bool, dry_run: bool) -> Value:
    """Show what would be chosen, make sure, choose."""
    if not dry_run:
        confirmation.may_ask(app, yes)
    chosen_doctor = app.client.portal.doctor(doctor) if doctor else None
    where = clinic or (chosen_doctor.clinic.id if chosen_doctor and chosen_doctor.clinic else None)
    chosen_clinic = app.client.portal.clinic(where) if where else None
    if dry_run:
        return DryRun(
            would={"clinic": chosen_clinic and chosen_clinic.name, "doctor": chosen_doctor and chosen_doctor.name}
        )
    names = ", ".join(thing.name for thing in (chosen_clinic, chosen_doctor) if thing)
    confirmation.make_sure(app, _("Choose {names}?").format(names=names), yes)
    return next_step.with_next(app, app.client.portal.attach(clinic=clinic, doctor=doctor, person=app.settings.person))


def chosen_clinic(app: App) -> str | None:
    """The clinic of the latest application, when one was chosen."""
    application = next_step.latest(app)
    return application.clinic.id if application and application.clinic else None
