"""`emk card`: the lists of the card and its single records."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import typer

from emkcli import models
from emkcli.app import App
from emkcli.commands._command import checked, command
from emkcli.commands._options import All, Clinic, Doctor, ExitCode, Limit, New, Offline, Since, Until
from emkcli.config.durations import Period, period
from emkcli.locale import N_
from emkcli.models import BY_CATEGORY, LISTS, CardList
from emkcli.results import Listing, Value
from emkcli.usecases.card import named_record, records
from emkcli.usecases.card.records import Wanted


@dataclass(frozen=True)
class Filters(Wanted):
    """The options every list of the card takes, as the command line spells them."""

    since: Since = None
    until: Until = None
    clinic: Clinic = None
    doctor: Doctor = None
    limit: Limit = None
    all: All = False
    new: New = False
    exit_code: ExitCode = False
    offline: Offline = False


LIST_ENDS = (3, 12)
"""With --exit-code where there is nothing, and where the server's pages are not all of it."""
Id = Annotated[str, typer.Argument(metavar="ID", help=N_("the record's id, as the lists show it"))]


@command(
    needs="card.person",
    examples=(
        "emk card summary",
        "emk card summary --offline",
        "emk card summary -o json --query item.medicines",
    ),
    ends=(12,),
)
def summary(app: App, offline: Offline = False) -> Value:
    """The card on one screen: who, clinic, diagnoses, allergies, medicines, labs out of range, vaccinations, what is due."""
    from emkcli.usecases.card import card_summary

    return card_summary.summary(app)


def _examples(row: CardList) -> tuple[str, ...]:
    line = f"emk card {row.category}"
    return f"{line} --since 1y", f"{line} -o csv > {row.category}.csv"


def _list_command(row: CardList) -> Callable[..., Value]:
    @command(needs=f"card.{row.category}", examples=_examples(row), ends=LIST_ENDS)
    def plain(app: App, filters: Filters) -> Value:
        return records.listing(app, row.category, filters)

    plain.__name__, plain.__doc__ = row.category, row.help
    return plain


# before those that filter by more, which take their places: help has the order of the register
globals().update({row.category: _list_command(row) for row in LISTS})


@command(
    needs="card.labs",
    examples=(
        "emk card labs --abnormal --since 1y",
        "emk card labs --analyte 1988-5",
        "emk card labs -o csv > labs.csv",
        "emk card labs --new --exit-code",
    ),
    ends=(
        3,
        12,
    ),
)
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
    from emkcli.clinical.out_of_range import is_abnormal

    if not abnormal and analyte is None:
        return records.listing(app, "labs", filters)
    return records.listing(
        app, "labs", filters, lambda r: (not abnormal or is_abnormal(r)) and _is_of(r, analyte), f"{abnormal} {analyte}"
    )


Expiring = Annotated[
    object,
    typer.Option(
        "--expiring",
        metavar="DURATION",
        help=N_("only active ones that end within this time: 14d, 6mo, 2y"),
        parser=checked(period, "DURATION"),
    ),
]


def _lasting_command(row: CardList) -> Callable[..., Value]:
    """Of a list whose records may state until when they are good."""

    @command(
        needs=f"card.{row.category}",
        examples=(*_examples(row), f"emk card {row.category} --expiring 14d"),
        ends=LIST_ENDS,
    )
    def lasting(app: App, filters: Filters, expiring: Expiring = None) -> Value:
        from emkcli.clinical import validity

        if not isinstance(expiring, Period):
            return records.listing(app, row.category, filters)

        def wanted(record: models.Document | models.Referral) -> bool:
            now = app.now()  # that of the server, which has answered by now
            return validity.ends_within(record, now.date(), expiring.after(now))

        return records.listing(app, row.category, filters, wanted, f"{expiring}")

    lasting.__name__, lasting.__doc__ = row.category, row.help
    return lasting


globals().update({category: _lasting_command(BY_CATEGORY[category]) for category in ("documents", "referrals")})


@command(
    needs="card.prescriptions",
    examples=(
        "emk card prescriptions --active",
        "emk card prescriptions --expiring 14d",
        "emk card prescriptions --since 6mo -o csv > prescriptions.csv",
    ),
    ends=(
        3,
        12,
    ),
)
def prescriptions(
    app: App,
    filters: Filters,
    active: Annotated[bool, typer.Option("--active", help=N_("only those that are good today"))] = False,
    expiring: Expiring = None,
) -> Value:
    """Prescriptions, newest first."""
    from emkcli.clinical import medicines

    if not active and expiring is None:
        return records.listing(app, "prescriptions", filters)

    def wanted(prescription: models.Prescription) -> bool:
        now = app.now()  # that of the server, which has answered by now
        if not medicines.is_in_force(prescription, now.date()):
            return False
        return not isinstance(expiring, Period) or medicines.runs_out_by(prescription, expiring.after(now))

    return records.listing(app, "prescriptions", filters, wanted, f"{active} {expiring}")


@command(
    needs="card.record",
    examples=(
        "emk card show lab-zh4nbm-0345",
        "emk card show lab-zh4nbm-0345 -o yaml",
        "emk card show lab-zh4nbm-0345 --evidence result.zip",
    ),
    ends=(
        3,
        6,
    ),
)
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
    source = records.opened(app)
    item = named_record.named(source, record, app.settings.person)
    if evidence is not None:
        from emkcli.usecases.card import save_evidence

        save_evidence.save(app, source, item, evidence, force=force)
    return item


@command(
    needs="card.access_log",
    examples=(
        "emk card access-log --limit 20",
        "emk card access-log --new --exit-code",
    ),
    ends=(
        3,
        12,
    ),
)
def access_log(
    app: App,
    limit: Limit = None,
    all_: All = False,
    new: New = False,
    exit_code: ExitCode = False,
    offline: Offline = False,
) -> Value:
    """Who looked at the card, when, and on what basis."""
    source = records.opened(app)
    entries = records.Read(source.access_log(app.settings.person), app.notice)
    listed = Listing(entries, models.Access, limit, app.owner, is_incomplete=entries.is_incomplete)
    listed.newest = records.Wanted(all=all_, new=new, exit_code=exit_code).newest
    return records.with_marks(app, listed, "access-log", new=new, exit_code=exit_code)


def _is_of(result: models.LabResult, analyte: str | None) -> bool:
    return analyte is None or analyte == result.code or analyte.casefold() in (result.analyte or "").casefold()
