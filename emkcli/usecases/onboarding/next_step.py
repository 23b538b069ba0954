"""Where the person stands, and the one command that comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from emkcli import errors
from emkcli.locale import _
from emkcli.models import Account, Application, Next
from emkcli.usecases.onboarding.account import VERIFY, in_review, with_step

if TYPE_CHECKING:
    from emkcli.app import App
    from emkcli.results import Item

LOGIN = "emk login"
CONNECT = "emk connect"
CHOOSE = "emk clinic list --near residence"
WAIT = "emk status --wait"
READ = "emk card summary"


def next_step(app: App) -> Next:
    """The next command of the journey; a fresh home may register or log in."""
    try:
        account = app.client.accounts.account()
    except errors.LoginRequired:
        if app.login_name():
            return Next(command=LOGIN, why=_("nobody is logged in; the phone or СНИЛС of this profile is remembered"))
        return Next(
            command="emk register",
            why=_("nobody is logged in; register opens an account, emk login is for an account you have"),
        )
    if in_review(account) and account.trust != "confirmed":
        return Next(command="emk verify --wait", why=_("the account is being reviewed"))
    if account.trust != "confirmed":
        return Next(command=VERIFY, why=_("the account is not confirmed yet"))
    application = latest(app)
    if application and application.status == "activated" and _lacks_consent(app):
        return Next(
            command=_for_person(app, CONNECT),
            why=_("a consent is missing or was withdrawn: the card is closed until it is given"),
        )
    return after_application(app, application)


def _lacks_consent(app: App) -> bool:
    if not app.client.can("portal.consents"):
        return False
    return any(one.status in ("required", "revoked") for one in app.client.portal.consents(person=app.settings.person))


def latest(app: App) -> Application | None:
    """The newest application of the person, if there is one."""
    applications = app.client.portal.applications(person=app.settings.person)
    app.owner = applications.person or app.owner
    return next(iter(applications), None)


def after_application(app: App, application: Application | None) -> Next:
    """What comes after the state an application is in; for somebody named by `--person` the command names them too."""
    following = _following(application)
    return replace(following, command=_for_person(app, following.command))


def _for_person(app: App, command: str) -> str:
    return f"{command} --person {app.settings.person}" if app.settings.origin("person") == "flag" else command


def _following(application: Application | None) -> Next:
    if application is None:
        return Next(command=CONNECT, why=_("«ЭМК Москвы» is not connected yet"))
    return {
        "draft": Next(command=CHOOSE, why=_("choose a clinic: emk clinic choose ID submits the application")),
        "submitted": Next(command=WAIT, why=_("the application was sent; it is decided within 48 hours")),
        "in_progress": Next(command=WAIT, why=_("the application is being worked on; it is decided within 48 hours")),
        "activated": Next(command=READ, why=_("the card is open")),
        "refused": Next(command=CHOOSE, why=_("the application was refused; choosing a clinic opens it anew")),
        "cancelled": Next(command=CHOOSE, why=_("the application was cancelled; choosing a clinic opens it anew")),
    }.get(application.status, Next(command="emk status", why=application.status_name))


def with_next(app: App, application: Application) -> Application:
    return replace(application, next=after_application(app, application).command)


def account_with_next(app: App, account: Account) -> Account:
    """The account with the command that comes next, the card's included once the account is confirmed."""
    if not app.client.can("accounts.request_verification"):
        return account
    if account.trust != "confirmed" or not app.client.can("portal.applications"):
        return with_step(account)
    return replace(account, next=after_application(app, latest(app)).command)


def session(app: App) -> Item:
    """Where the token comes from, what it is good for and when it ends; no secret."""
    from emkcli.results import Item

    store, tokens = app.session.store, app.session.stored()
    if tokens and store.source == "plain_file" and not app.client.demo:
        app.warn_of_plain_file()
    return Item(
        "auth",
        {
            "logged_in": tokens is not None,
            "token_source": store.source if tokens else None,
            "storage": store.source,
            "issuer": tokens.issuer if tokens else None,
            "scope": tokens.scope if tokens else None,
            "trust": tokens.trust if tokens else None,
            "signature_checked": tokens.signature_checked if tokens else None,
            "person": tokens.patient if tokens else None,
            "expires_at": tokens.expires_at if tokens else None,
            "refreshable": bool(tokens and tokens.refresh_token and store.writable),
        },
    )
