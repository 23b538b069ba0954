"""`emk auth`: where the token comes from."""

from typing import Annotated

import typer

from emkcli import errors
from emkcli.app import App
from emkcli.commands._command import command
from emkcli.locale import N_, _
from emkcli.results import Item, Text, Value


@command()
def status(app: App) -> Value:
    """Whether there is a session, where its token is kept and what it is good for; no secret is shown."""
    store = app.session.store
    tokens = store.load()
    return Item(
        "auth",
        {
            "logged_in": tokens is not None,
            "token_source": store.source if tokens else None,
            "scope": tokens.scope if tokens else None,
            "trust": tokens.trust if tokens else None,
            "signature_checked": tokens.signature_checked if tokens else None,
            "person": tokens.patient if tokens else None,
            "refreshable": bool(tokens and tokens.refresh_token and store.writable),
        },
    )


@command()
def token(app: App, show: Annotated[bool, typer.Option("--show", help=N_("really print it"))] = False) -> Value:
    """Print the access token, never the refresh token; only with --show."""
    if not show:
        raise errors.Usage(_("A token on the screen may be read by others."), hint="emk auth token --show")
    return Text(app.session.tokens().access_token + "\n", kind="auth")
