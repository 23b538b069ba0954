"""`emk api`: one authenticated raw request."""

import json
from contextlib import suppress
from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

import typer

from emkcli import errors
from emkcli.api.response_bodies import text
from emkcli.app import App
from emkcli.commands._command import command
from emkcli.locale import N_, _
from emkcli.results import Text, Value
from emkcli.usecases import mock_control

SAFE = {"GET", "HEAD"}


@command(
    examples=(
        "emk api GET /api/v1/account",
        "emk api GET /fhir/R4/metadata > metadata.json",
    ),
    ends=(
        3,
        4,
        5,
        6,
        7,
        8,
        11,
    ),
)
def api(
    app: App,
    method: Annotated[str, typer.Argument(metavar="METHOD", help=N_("GET, POST, PUT, PATCH or DELETE"))],
    path: Annotated[str, typer.Argument(metavar="PATH", help=N_("path on the server, such as /api/v1/account"))],
    body: Annotated[str | None, typer.Option("--input", metavar="FILE|-", help=N_("JSON body"))] = None,
) -> Value:
    """Send one request with the session's token and print the answer's body as it is.

    A mock's /mock/* gets the control token of EMK_CONTROL_TOKEN_FILE instead, and never the session's.
    """
    wire = app.client.wire
    verb = method.upper()
    if verb not in SAFE and app.settings.read_only:
        raise errors.ReadOnly(_("EMK_READ_ONLY forbids every change."))
    app.redactor.learn("", dict(parse_qsl(_query(path))))
    headers = {"Content-Type": "application/json"} if body else {}
    address = path if path.startswith(("/", "http")) else f"/{path}"
    if mock_control.is_string(app, verb, address):
        wire, headers = mock_control.strings(app), headers | mock_control.permission(app)
    response = wire.send(
        verb,
        address,
        content=_content(app, body),
        headers=headers,
        # as text each byte may become four, and it is printed from a copy
        limit=app.settings.limits_response // 4,
    )
    return Text(text(response))


def _query(path: str) -> str:
    try:
        return urlsplit(path).query
    except ValueError:
        raise errors.Usage(_("{path} is neither a path nor an address.").format(path=path)) from None


def _content(app: App, path: str | None) -> bytes | None:
    from emkcli.registration.named_input import content

    if not path:
        return None
    body = content(path, 5 * 1024 * 1024, _("a body is at most 5 MB"), app.binary_stdin())
    with suppress(ValueError, RecursionError):
        app.redactor.learn("", json.loads(body))
    return body
