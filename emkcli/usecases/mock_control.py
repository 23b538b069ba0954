"""The strings of a mock, `/mock/*` and its tenants, pulled by `emk mock` and `emk smoke`; a server off this machine asks for a token."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emkcli.locale import _

if TYPE_CHECKING:
    from emkcli.api.documents import Document
    from emkcli.api.wire import Wire
    from emkcli.app import App

LARGEST_SNAPSHOT = 64 * 2**20
READABLE_BY_OTHERS = 0o044
OPTION = "--control-token-file"
_STRING, _TENANT = re.compile(r"(/t/[^/]*)?/mock/"), re.compile(r"/t/[^/]+")


def pull(app: App, method: str, path: str, body: dict[str, Any] | None = None) -> Document:
    """The answer. `Unsupported` where no server is, `Forbidden` where it asks for a token and is given none or another."""
    return strings(app).document(method, path, json=body, headers=permission(app))


def save_state(app: App, file: str, *, force: bool) -> dict[str, Any] | None:
    """The state into a file for its owner alone, or to standard output. `Exists` without `force`, before anything is asked."""
    from emkcli.exporters.targets.files import FileTarget

    if file != "-":
        FileTarget(Path(file)).check_free(force=force)
    content = strings(app).send("GET", "/mock/state", headers=permission(app)).content
    if file == "-":
        out = app.binary_stdout()
        out.write(content)
        out.flush()
        return None
    with FileTarget(Path(file)).new_file(force=force) as output:
        output.write(content)
    return output.written(file).to_builtins()


def load_state(app: App, file: str) -> dict[str, Any]:
    """A file of `save_state` in place of everything that is there. `InvalidInput` for any other, and then nothing is changed."""
    from emkcli.registration.named_input import content

    snapshot = content(file, LARGEST_SNAPSHOT, _("a snapshot is at most 64 MB"), app.binary_stdin())
    headers = {"Content-Type": "application/jsonl", **permission(app)}
    return strings(app).document("PUT", "/mock/state", content=snapshot, headers=headers).object()


def strings(app: App) -> Wire:
    """The wire without the session's token, which is nothing to the strings. `Unsupported` where no server is."""
    return app.client.wire.without_auth()


def is_string(app: App, method: str, path: str) -> bool:
    """Whether a request is one that the control token is for, and not the session's; never at a server that is no mock."""
    if not app.client.has_wire or not app.client.demo:
        return False
    wire = app.client.wire
    whole = wire.path_at_server(path)
    inside = whole.removeprefix(wire.path_at_server(""))
    return any(_STRING.match(place) or (method == "DELETE" and _TENANT.fullmatch(place)) for place in (whole, inside))


def permission(app: App) -> dict[str, str]:
    """The header with the control token of the option or the variable; nothing without one, which is enough on this machine."""
    file = app.settings.control_token_file
    if file is None:
        return {}
    source = OPTION if app.settings.origin("control_token_file") == "flag" else "EMK_CONTROL_TOKEN_FILE"
    return {"Authorization": f"Bearer {control_token(app, file, source)}"}


def control_token(app: App, file: str, source: str) -> str:
    """The token in a file that `source` named; one that others can read is used all the same, and said: it opens invented people."""
    from emkcli.config.named_files import expanded
    from emkcli.security.sessions.given_token import token_of

    token = token_of(file, source)
    app.redactor.learn("secret", token)
    with suppress(OSError):
        if expanded(file).stat().st_mode & READABLE_BY_OTHERS:
            app.say_once(_("Others on this machine can read the control token in {path}.").format(path=file))
    return token
