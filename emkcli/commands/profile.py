"""`emk profile`: «Мои данные»."""

from functools import partial
from typing import Annotated

import typer

from emkcli import errors
from emkcli.app import App
from emkcli.commands._command import DryRun, Yes, command
from emkcli.commands._options import CodeCommand, CodeStdin, From
from emkcli.locale import N_, _
from emkcli.models import Profile
from emkcli.results import DryRun as Plan
from emkcli.results import Value
from emkcli.usecases import confirmation
from emkcli.usecases.onboarding.form import Form, forget, said_to_be_kept
from emkcli.usecases.onboarding.one_time_codes import CodeSource, answered, check_source


@command(
    needs="portal.profile",
    examples=(
        "emk profile show",
        "emk profile show --fields phone,email",
    ),
)
def show(app: App) -> Value:
    """Contacts, addresses, clinic and physician."""
    return app.client.portal.profile(person=app.settings.person)


@command(
    needs="portal.update_profile",
    mutates=True,
    shows="Profile",
    examples=(
        "emk profile update --from changes.toml --dry-run",
        "emk profile update --from changes.toml",
    ),
    ends=(6,),
)
def update(
    app: App,
    from_: From = None,
    code_stdin: CodeStdin = False,
    code_command: CodeCommand = None,
    dry_run: DryRun = False,
) -> Value:
    """Change contacts and addresses: only the fields present in the file, or asked for one by one. A new phone is confirmed by code."""
    with said_to_be_kept(app):
        changes = _from_file(app, from_) if from_ else _asked(app)
        if not changes:
            raise errors.Usage(_("Nothing to change."), hint="--from FILE")
        if dry_run:
            return Plan(would={"changes": sorted(changes)})
        profile = _changed(app, changes, CodeSource(code_stdin, code_command))
        forget(app, _form(app))
        return profile


@command(
    needs="portal.move",
    mutates=True,
    shows="Profile",
    examples=(
        "emk profile move --from changes.toml --dry-run",
        "emk profile move --from changes.toml --clinic gp-002 --yes",
    ),
    ends=(
        3,
        6,
    ),
)
def move(
    app: App,
    from_: From = None,
    clinic: Annotated[
        str | None, typer.Option("--clinic", metavar="ID", help=N_("the new clinic (the nearest that accepts you)"))
    ] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> Value:
    """A new residence and the clinic that goes with it. The physician is detached; choose a new one afterwards."""
    address = _from_file(app, from_).get("residence_address") if from_ else _address(app)
    if not address:
        raise errors.InvalidInput(_("The file has no residence_address."))
    if dry_run:
        return Plan(would={"residence_address": address, "clinic": clinic})
    confirmation.make_sure(app, _("Move to the new address and change the clinic?"), yes)
    return app.client.portal.move(address, clinic=clinic, person=app.settings.person)


def _changed(app: App, changes: dict[str, str], source: CodeSource) -> Profile:
    portal = app.client.portal
    if "phone" in changes:
        check_source(app, source)
    change = portal.update_profile(changes, person=app.settings.person)
    challenge = change.challenge
    if challenge is None:
        return change.profile
    return answered(app, challenge, source, lambda code: portal.confirm_phone(challenge.id, code))


def _form(app: App) -> str:
    return f"profile {app.settings.person or ''}".strip()


def _from_file(app: App, path: str) -> dict[str, str]:
    from emkcli.registration import person_file

    changes, ignored = person_file.read_changes(path, app.binary_stdin(), app.now().date())
    app.redactor.learn("", changes)
    if ignored:
        app.notice(_("Not changed here: {fields}.").format(fields=", ".join(ignored)))
    return changes


def _asked(app: App) -> dict[str, str]:
    """Each contact with its present value as the default; only what differs is a change."""
    from emkcli.registration.person import BY_NAME, CONTACTS

    if not app.interactive:
        raise errors.Usage(_("Say what to change."), hint="--from FILE|-")
    present = app.client.portal.profile(person=app.settings.person).to_builtins()
    form, today = Form(app, _form(app)), app.now().date()
    answers: dict[str, str] = {}
    for name in CONTACTS:
        field = BY_NAME[name]
        check = partial(field.check, today=today, others=answers)
        answers[name] = form.ask(name, _(field.label), option="--from", default=present.get(name) or "", check=check)
    return {name: answer for name, answer in answers.items() if answer and answer != present.get(name)}


def _address(app: App) -> str:
    from emkcli.registration import identifiers
    from emkcli.registration.person import BY_NAME

    registration = (
        app.client.portal.profile(person=app.settings.person).registration_address if app.interactive else None
    )
    return app.dialogue.ask(
        _(BY_NAME["residence_address"].label),
        option="--from",
        check=lambda answer: identifiers.residence_address(answer, registration),
    )
