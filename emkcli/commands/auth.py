"""`emk auth`: where the token comes from."""

from typing import Annotated

import typer

from emkcli import errors
from emkcli.app import App
from emkcli.commands._command import command
from emkcli.locale import N_, _
from emkcli.results import Text, Value
from emkcli.usecases.onboarding.next_step import session


@command(
    examples=(
        "emk auth status",
        "emk auth status -o json --query item.expires_at",
    ),
    ends=(4,),
)
def status(app: App) -> Value:
    """Whether there is a session, where its token is kept and what it is good for; no secret is shown."""
    return session(app)


@command(
    examples=("emk auth token --show",),
    ends=(
        4,
        7,
        8,
    ),
)
def token(app: App, show: Annotated[bool, typer.Option("--show", help=N_("really print it"))] = False) -> Value:
    """Print the access token, never the refresh token; only with --show."""
    if not show:
        raise errors.Usage(_("A token on the screen may be read by others."), hint="emk auth token --show")
    return Text(app.session.tokens().access_token + "\n", kind="auth")
