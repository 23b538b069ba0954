"""`emk register`: open the account."""

from typing import Annotated

import typer

from emkcli.app import App
from emkcli.commands._command import DryRun, command
from emkcli.commands._options import From, InsecureStorage, Storage
from emkcli.locale import N_
from emkcli.results import DryRun as Plan
from emkcli.results import Text, Value


@command(
    needs="accounts.register",
    mutates=True,
    shows="Account",
    examples=(
        "emk register --template > person.toml",
        "emk register --from person.toml",
    ),
    ends=(6,),
)
def register(
    app: App,
    from_: From = None,
    template: Annotated[bool, typer.Option("--template", help=N_("print a commented person file and exit"))] = False,
    storage: Storage = None,
    insecure_storage: InsecureStorage = False,
    dry_run: DryRun = False,
) -> Value:
    """Open the account from a person file; what is missing is asked for on a terminal.

    The same data again gives the account that exists. A limited session is kept: it is good for verify, whoami, status and profile.
    """
    from emkcli.usecases.onboarding import account
    from emkcli.usecases.onboarding.form import said_to_be_kept

    if template:
        from emkcli.registration.person import template as person_file

        return Text(person_file(app.language))
    with said_to_be_kept(app):
        person = account.person_from(app, from_)
        if dry_run:
            return Plan(would={"operation": "register", "valid": True})
        app.allow_plain_file(insecure_storage)
        return account.register(app, person)
