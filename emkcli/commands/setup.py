"""`emk setup`: guided and resumable."""

from typing import Annotated

import typer

from emkcli.app import App
from emkcli.commands._command import Yes, command
from emkcli.commands._options import (
    AcceptConsent,
    CodeCommand,
    CodeStdin,
    From,
    InsecureStorage,
    PassportScan,
    Selfie,
    Storage,
    Wait,
)
from emkcli.locale import N_
from emkcli.results import Value
from emkcli.usecases.onboarding.form import said_to_be_kept
from emkcli.usecases.onboarding.guided_setup import Answers, Guide
from emkcli.usecases.onboarding.one_time_codes import CodeSource


@command(
    needs="accounts.register",
    mutates=True,
    examples=(
        "emk setup",
        "emk setup --wait",
        "emk setup --accept-consent medical-data@1 --accept-consent egisz-transfer@1 --clinic gp-001 --yes",
    ),
    ends=(
        3,
        6,
        9,
        10,
    ),
)
def setup(
    app: App,
    from_: From = None,
    passport_scan: PassportScan = None,
    selfie: Selfie = None,
    code_stdin: CodeStdin = False,
    code_command: CodeCommand = None,
    accept_consent: AcceptConsent = None,
    clinic: Annotated[
        str | None,
        typer.Option("--clinic", metavar="ID", help=N_("the clinic to choose; asked for among the nearest otherwise")),
    ] = None,
    doctor: Annotated[str | None, typer.Option("--doctor", metavar="ID", help=N_("the physician to choose"))] = None,
    wait: Wait = False,
    storage: Storage = None,
    insecure_storage: InsecureStorage = False,
    yes: Yes = False,
) -> Value:
    """Find out where you stand and do the next steps until «Активировано». May be stopped and started again at any point.

    A script passes every answer as an option. Without --wait it stops where only time helps, and says what comes next.
    """
    app.allow_plain_file(insecure_storage)
    answers = Answers(
        person_file=from_,
        passport_scan=passport_scan,
        selfie=selfie,
        code=CodeSource(code_stdin, code_command),
        consents=tuple(accept_consent or ()),
        clinic=clinic,
        doctor=doctor,
        wait=wait,
        yes=yes,
    )
    with said_to_be_kept(app):
        return Guide(app, answers).run()
