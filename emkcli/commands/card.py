"""`emk card`: the lists of the card and its single records."""

from dataclasses import dataclass
from typing import Annotated

import typer

from emkcli.api import models
from emkcli.app import App
from emkcli.commands._command import checked, command
from emkcli.commands._options import Clinic, Doctor, ExitCode, Limit, New, Offline, Since, Until
from emkcli.durations import duration
from emkcli.journey import carrying, proof, reading
from emkcli.journey import summary as overview
from emkcli.journey.reading import Wanted
from emkcli.locale import N_
from emkcli.results import Listing, Value


@dataclass(frozen=True)
class Filters(Wanted):
    """The options every list of the card takes, as the command line spells them."""

    since: Since = None
    until: Until = None
    clinic: Clinic = None
    doctor: Doctor = None
    limit: Limit = None
    new: New = False
    exit_code: ExitCode = False
    offline: Offline = False


Id = Annotated[str, typer.Argument(metavar="ID", help=N_("the record's id, as the lists show it"))]


@command(needs="card.person")
def summary(app: App, offline: Offline = False) -> Value:
    """The card on one screen: who, clinic, diagnoses, allergies, medicines, labs out of range, vaccinations, what is due."""
    return overview.summary(app)


@command(needs="card.visits")
def visits(app: App, filters: Filters) -> Value:
    """Visits and hospital stays, newest first."""
    return reading.listing(app, "visits", filters)


@command(needs="card.labs")
def labs(
    app: App,
    filters: Filters,
    abnormal: Annotated[
        bool, typer.Option("--abnormal", help=N_("only those flagged other than N or, without a flag, out of range"))
    ] = False,
    analyte: Annotated[
        str | None, typer.Option("--analyte", metavar="NAME", help=N_("a part of the analyte's name, or its code"))
    ] = None,
) -> Value:
    """Laboratory results, newest first; values, units, ranges and flags as the laboratory sent them."""
    if not abnormal and analyte is None:
        return reading.listing(app, "labs", filters)
    return reading.listing(
        app, "labs", filters, lambda r: (not abnormal or r.abnormal) and _is_of(r, analyte), f"{abnormal} {analyte}"
    )


@command(needs="card.studies")
def studies(app: App, filters: Filters) -> Value:
    """Instrumental studies with their conclusions: ECG, fluorography, ultrasound."""
    return reading.listing(app, "studies", filters)


@command(needs="card.prescriptions")
def prescriptions(
    app: App,
    filters: Filters,
    active: Annotated[bool, typer.Option("--active", help=N_("only those that are good today"))] = False,
    expiring: Annotated[
        object,
        typer.Option(
            "--expiring",
            metavar="DURATION",
            help=N_("only active ones that end within this time: 14d"),
            parser=checked(duration, "DURATION"),
        ),
    ] = None,
) -> Value:
    """Prescriptions, newest first."""
    if not active and expiring is None:
        return reading.listing(app, "prescriptions", filters)
    return reading.listing(
        app, "prescriptions", filters, lambda p: carrying.good_for(p, app.now(), expiring), f"{active} {expiring}"
    )


@command(needs="card.vaccinations")
def vaccinations(app: App, filters: Filters) -> Value:
    """Vaccinations, newest first."""
    return reading.listing(app, "vaccinations", filters)


@command(needs="card.prevention")
def prevention(app: App, filters: Filters) -> Value:
    """Диспансеризация, preventive examinations with the health group, and the vaccinations that are due."""
    return reading.listing(app, "prevention", filters)


@command(needs="card.documents")
def documents(app: App, filters: Filters) -> Value:
    """Documents: consultations, discharge summaries, imported files."""
    return reading.listing(app, "documents", filters)


@command(needs="card.diagnoses")
def diagnoses(app: App, filters: Filters) -> Value:
    """Diagnoses with their codes, newest first."""
    return reading.listing(app, "diagnoses", filters)


@command(needs="card.allergies")
def allergies(app: App, filters: Filters) -> Value:
    """Allergies and intolerances."""
    return reading.listing(app, "allergies", filters)


@command(needs="card.vitals")
def vitals(app: App, filters: Filters) -> Value:
    """Vital signs: blood pressure, pulse, height, weight."""
    return reading.listing(app, "vitals", filters)


@command(needs="card.referrals")
def referrals(app: App, filters: Filters) -> Value:
    """Referrals, newest first."""
    return reading.listing(app, "referrals", filters)


@command(needs="card.record")
def show(
    app: App,
    record: Id,
    evidence: Annotated[
        str | None,
        typer.Option("--evidence", metavar="FILE.zip", help=N_("save it as the source sent it, with hash and time")),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help=N_("replace what is there"))] = False,
    offline: Offline = False,
) -> Value:
    """One record in full."""
    card = reading.opened(app)
    found = card.record(record, app.settings.person)
    if evidence is not None:
        proof.save(app, card, found, evidence, force=force)
    return found


@command(needs="card.access_log")
def access_log(
    app: App, limit: Limit = None, new: New = False, exit_code: ExitCode = False, offline: Offline = False
) -> Value:
    """Who looked at the card, when, and on what basis."""
    card = reading.opened(app)
    found = card.access_log(app.settings.person)
    return reading.with_marks(
        app, Listing(found, models.Access, limit, app.whose), "access-log", new=new, exit_code=exit_code
    )


def _is_of(result: models.LabResult, analyte: str | None) -> bool:
    return analyte is None or analyte == result.code or analyte.casefold() in (result.analyte or "").casefold()
