"""`emk connect`: «ЭМК Москвы» and its two consents."""

from typing import Annotated

import typer

from emkcli.app import App
from emkcli.commands._command import DryRun, command
from emkcli.commands._options import AcceptConsent
from emkcli.locale import N_
from emkcli.results import DryRun as Plan
from emkcli.results import Value
from emkcli.usecases.onboarding import connect_service, next_step


@command(
    needs="portal.connect",
    mutates=True,
    shows="Application",
    examples=(
        "emk connect --dry-run",
        "emk connect --accept-consent medical-data@1 --accept-consent egisz-transfer@1",
    ),
    ends=(
        3,
        6,
    ),
)
def connect(
    app: App,
    service: Annotated[
        str | None, typer.Argument(metavar="SERVICE", help=N_("id or title of the service (the Moscow card)"))
    ] = None,
    accept_consent: AcceptConsent = None,
    dry_run: DryRun = False,
) -> Value:
    """Connect «ЭМК Москвы». Its two consents are shown in full and taken one by one.

    A script names each with --accept-consent ID@VERSION; --yes and defaults accept nothing. A new version of a text asks again.
    """
    chosen = connect_service.service_called(app, service)
    if dry_run:
        consents = connect_service.pending(connect_service.in_force(app, chosen))
        return Plan(would={"service": chosen.id, "consents": [f"{c.id}@{c.version}" for c in consents]})
    return next_step.with_next(app, connect_service.connect(app, chosen, accept_consent or []))
