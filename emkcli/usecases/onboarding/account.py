"""Open the account, confirm it, log in and out."""

from __future__ import annotations

import base64
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from emkcli import errors
from emkcli.locale import _
from emkcli.models import Account, Tokens
from emkcli.usecases.onboarding.one_time_codes import CodeSource, answered, check_source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emkcli.app import App
    from emkcli.registration.person import Field, Person, RawPerson
    from emkcli.usecases.onboarding.identity_pictures import IdentityPictures

PERSON = "person"
VERIFY = "emk verify --passport-scan FILE --selfie FILE"


def person_from(app: App, path: str | None) -> Person:
    """The person of a file, with prompts for what is missing; without a terminal the error names what is."""
    from emkcli.registration import person, person_file

    raw = person_file.read(path, app.binary_stdin()) if path else person.RawPerson()
    lacking = person.missing(raw)
    if lacking and not app.interactive:
        raise errors.Usage(
            _("Missing: {fields}.").format(fields=", ".join(field.name for field in lacking)),
            hint=_("name a person file: --from person.toml (emk register --template prints one)"),
        )
    # a file that leaves out an optional field has said so; somebody who answers questions has not
    raw = _asked(app, raw, lacking if path else person.FIELDS)
    app.redactor.learn("", raw.texts)
    valid, warnings = person.validate(raw, app.now().date())
    for warning in warnings:
        app.notice(warning)
    return valid


def _asked(app: App, raw: RawPerson, questions: Sequence[Field]) -> RawPerson:
    from emkcli.registration import person
    from emkcli.usecases.onboarding.form import Form

    if not questions:
        return raw
    form, today = Form(app, PERSON), app.now().date()
    for field in questions:
        others, _problems = person.check(raw, person.BY_NAME, today)
        check = partial(field.check, today=today, others=others)
        default = None if field.required else ""
        answer = form.ask(field.name, _(field.label), option="--from", default=default, check=check)
        raw = raw.answered(field.name, answer)
    return raw


def register(app: App, person: Person) -> Account:
    """Open the account and keep its limited session; the place for it is tried out before.

    An account that is confirmed already needs a login: a limited session would only take the place of a better one.
    """
    from emkcli.usecases.onboarding.form import forget

    app.probe_storage()
    opened = app.client.accounts.register(person.as_dict())
    forget(app, PERSON)
    app.remember_login_name(person.phone)
    if opened.account.trust == "confirmed":
        return replace(opened.account, next="emk login")
    app.session.begin(opened.tokens)
    return with_step(opened.account)


def verify(app: App, pictures: IdentityPictures, source: CodeSource) -> Account:
    """Upload both, take the SMS code, hand in. A confirmed account or one in review is left as it is."""
    # what is wrong is told before anything is asked or sent, also that nobody can be asked
    (pictures.check_named if app.interactive else pictures.all)()
    check_source(app, source)
    accounts = app.client.accounts
    account = accounts.account()
    if account.trust == "confirmed" or in_review(account):
        return with_step(account)
    for part, picture in pictures.all().items():
        accounts.upload(part, picture.content, picture.media_type)
    challenge = accounts.request_verification()
    account = answered(app, challenge, source, lambda code: accounts.confirm_verification(challenge.id, code))
    pictures.forget()
    return with_step(account)


def in_review(account: Account) -> bool:
    return account.verification is not None and account.verification.status == "in_review"


def log_in_by_sms(app: App, login: str, source: CodeSource) -> Account:
    check_source(app, source)
    app.probe_storage()
    identity = app.client.identity
    challenge = identity.challenge("sms", login)
    tokens = answered(app, challenge, source, lambda code: identity.exchange_code(challenge.id, code))
    return logged_in(app, tokens, login)


def log_in_by_signature(app: App, login: str, signer: str) -> Account:
    """The challenge's bytes go to the signer's stdin, its stdout is a detached CMS (DER or PEM)."""
    from emkcli.api.pem import opened
    from emkcli.security.external_programs import output

    app.probe_storage()
    identity = app.client.identity
    challenge = identity.challenge("signature", login)
    signature = output(signer, stdin=base64.b64decode(challenge.data or ""), env=app.child_environment())
    return logged_in(app, identity.exchange_signature(challenge.id, opened(signature)), login)


def logged_in(app: App, tokens: Tokens, login: str | None = None) -> Account:
    """Keep the session and the name that opened it (0600). An account not confirmed yet keeps both, and is told what
    is missing (exit 5)."""
    from emkcli.usecases.onboarding.form import forget

    app.session.begin(tokens)
    forget(app, PERSON)  # who has an account opens none
    if login:
        app.remember_login_name(login)
    account = app.client.accounts.account()
    if account.trust != "confirmed":
        raise not_verified(account) if app.client.can("accounts.request_verification") else not_confirmed()
    return account


def not_verified(account: Account) -> errors.NotVerified:
    if in_review(account) and account.verification:
        return errors.NotVerified(
            _("Logged in, but the account is still being reviewed (expected by {time}).").format(
                time=account.verification.expected_by
            ),
            hint="emk verify --wait",
            details={"expected_by": account.verification.expected_by},
        )
    return errors.NotVerified(
        _("Logged in, but the account is not confirmed: passport scan, selfie and code are missing."), hint=VERIFY
    )


def not_confirmed() -> errors.NotVerified:
    """The same where the account belongs to a provider that confirms it elsewhere."""
    return errors.NotVerified(
        _("Logged in, but the account is not confirmed."),
        hint=_(
            "confirm the account: in a bank's application, with a qualified signature, by mail or at a service centre;"
            " then emk login"
        ),
    )


def log_out(app: App) -> bool:
    """End the session on the server and here; `False` when there was none. Idempotent: here it ends in any case."""
    app.unfinished_answers.remove()
    session = app.session
    tokens, unreadable = None, None
    try:
        tokens = session.stored()
    except (errors.LoginRequired, errors.NoSecretStorage, errors.Storage) as cause:
        unreadable = cause
    if tokens is not None:
        _tell_provider(app, tokens)
    try:
        session.store.clear()
    except errors.NoSecretStorage as cause:
        if not app.credentials.keyring.is_absent():
            raise
        app.notice(cause.message)
        return False
    session.forget()
    if unreadable:
        app.notice(_("The server was not told: {reason}").format(reason=unreadable.message))
    return tokens is not None or unreadable is not None


def _tell_provider(app: App, tokens: Tokens) -> None:
    """Revoke, and say where the provider's own session in the browser ends; its troubles keep nobody logged in here."""
    identity = app.client.identity
    try:
        identity.revoke(tokens.refresh_token or tokens.access_token)
    except errors.Unsupported:
        app.notice(_("This provider takes no tokens back: they end by themselves."))
    except errors.EmkError as trouble:
        app.notice(_("The server was not told: {reason}").format(reason=trouble.message))
        return
    if app.client.can("identity.logout_address") and (address := _logout_address(app)):
        app.notice(_("To end the provider's own session too, open {address}").format(address=address), verbatim=True)


def _logout_address(app: App) -> str | None:
    try:
        return app.client.identity.logout_address()
    except errors.EmkError:
        return None


def with_step(account: Account) -> Account:
    """The account with the command that comes next."""
    if account.trust == "confirmed":
        following = "emk connect"
    else:
        following = "emk verify --wait" if in_review(account) else VERIFY
    return replace(account, next=following)
