"""`emk login`: a session by SMS code, by electronic signature, in a browser, on another device, or from a ready token."""

from typing import Annotated

import typer

from emkcli import errors
from emkcli.app import App
from emkcli.commands._command import command, words
from emkcli.commands._options import CodeCommand, CodeStdin, From, InsecureStorage, Storage
from emkcli.locale import N_, _
from emkcli.models import Tokens
from emkcli.results import Text, Value
from emkcli.usecases.onboarding import account as steps
from emkcli.usecases.onboarding import next_step, provider_login
from emkcli.usecases.onboarding.one_time_codes import CodeSource, check_source

METHODS = {
    "sms": "identity.exchange_code",
    "signature": "identity.exchange_signature",
    "browser": "identity.authorize",
    "device": "identity.authorize_device",
}
"""What a backend must be able to do for each; the first it can is the usual one."""


@command(
    examples=(
        "emk login",
        "emk login --from person.toml --code-command 'emk mock inbox --code'",
        "emk login --method browser",
        "emk login --token-file token.txt",
    ),
    ends=(
        4,
        5,
        6,
        7,
        8,
        11,
    ),
)
def login(
    app: App,
    method: Annotated[
        str | None,
        typer.Option(
            "--method",
            metavar="sms|signature|browser|device",
            help=N_("how to prove who you are (sms where the server can, else browser)"),
            parser=words(*METHODS),
        ),
    ] = None,
    from_: From = None,
    signer: Annotated[
        str | None,
        typer.Option(
            "--signer", metavar="CMD", help=N_("program that signs: challenge on stdin, detached CMS on stdout")
        ),
    ] = None,
    no_browser: Annotated[
        bool,
        typer.Option(
            "--no-browser",
            help=N_("print the address instead of opening it; the browser must come back to this machine"),
        ),
    ] = False,
    code_stdin: CodeStdin = False,
    code_command: CodeCommand = None,
    token_stdin: Annotated[
        bool, typer.Option("--token-stdin", help=N_("store a ready access token from standard input"))
    ] = False,
    token_file: Annotated[
        str | None, typer.Option("--token-file", metavar="FILE", help=N_("store a ready access token from a file"))
    ] = None,
    storage: Storage = None,
    insecure_storage: InsecureStorage = False,
) -> Value:
    """Log in with the phone or the СНИЛС of a person file or a prompt; both are remembered for this profile.

    --method browser opens the provider's own page and waits five minutes for the browser to come back to this machine;
    --method device shows a code to enter on any other one, and needs no terminal. The address to open is printed on
    stderr in either case.

    An account that is not confirmed yet keeps its session and ends with exit code 5 and what is missing.
    """
    app.allow_plain_file(insecure_storage)
    if token_stdin or token_file:
        return _ready_token(app, token_file)
    method = method or next((name for name in ("sms", "browser") if app.client.can(METHODS[name])), "sms")
    app.require(METHODS[method])
    if method == "browser":
        provider_login.check_somebody(app, opens=not no_browser)
        return _welcome(app, provider_login.in_browser(app, opens=not no_browser))
    if method == "device":
        return _welcome(app, provider_login.on_device(app))
    source = CodeSource(code_stdin, code_command)
    if method == "signature" and not signer:
        raise errors.Usage(_("--method signature needs a program that signs."), hint="--signer CMD")
    if method == "sms":
        check_source(app, source)
    login_name = _login_name(app, from_)
    if method == "signature":
        account = steps.log_in_by_signature(app, login_name, signer or "")
    else:
        account = steps.log_in_by_sms(app, login_name, source)
    return next_step.account_with_next(app, account)


def _welcome(app: App, tokens: Tokens) -> Value:
    """The account behind a provider's tokens, or the session itself where the backend keeps no accounts."""
    if app.client.can("accounts.account"):
        return next_step.account_with_next(app, steps.logged_in(app, tokens))
    app.session.begin(tokens)
    return next_step.session(app)


def _login_name(app: App, path: str | None) -> str:
    """Phone or СНИЛС: from the file, as remembered, or asked for."""
    from emkcli.registration import identifiers, person_file

    if path:
        name = person_file.read_login(path, app.binary_stdin())[1]
    else:
        name = app.login_name() or app.dialogue.ask(
            _("Phone or СНИЛС"), option="--from", check=lambda text: identifiers.login_of(text)[1]
        )
    app.redactor.learn("login", name)
    return name


def _ready_token(app: App, path: str | None) -> Value:
    """Store a token somebody else obtained; it cannot be refreshed here."""
    from emkcli.registration.named_input import content

    app.probe_storage()
    text = (
        content(path or "-", 64 * 1024, _("a token is shorter than 64 KB"), app.binary_stdin())
        .decode("utf-8", "replace")
        .strip()
    )
    app.redactor.learn("token", text)
    if not text.isascii() or not text.isprintable() or len(text.split()) != 1:
        raise errors.InvalidInput(_("That is no token: one word of printable ASCII is expected."))
    app.session.begin(Tokens(access_token=text))
    return Text(_("The token is stored.") + "\n")
