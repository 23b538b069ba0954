"""A tenant of a mock server for one run, so that nothing of other runs is met and no clock of theirs is moved."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from emkcli import errors
from emkcli.locale import _
from emkcli.usecases.mock_control import permission

if TYPE_CHECKING:
    from emkcli.api.wire import Wire
    from emkcli.app import App


PAUSES = (0.1, 0.4, 1.5)
"""Seconds until another attempt to remove a tenant that is in the middle of a request, as after an interruption."""


@contextmanager
def fresh(app: App) -> Iterator[str | None]:
    """The address of a tenant that nobody has, removed at the end and named where that fails; None where the server has none."""
    parent = _tenants(app)
    if parent is None:
        yield None
        return
    address = f"{parent}smoke-{secrets.token_hex(8)}"
    try:
        yield address
    finally:
        _remove(app, app.client.wire.without_auth(), address)


def _remove(app: App, wire: Wire, address: str) -> None:
    try:
        for pause in PAUSES:
            with suppress(errors.Conflict):
                wire.send("DELETE", address, headers=permission(app))
                return
            time.sleep(pause)
        wire.send("DELETE", address, headers=permission(app))
    except errors.NotFound:
        return  # it was never made
    except errors.EmkError as error:
        reason = app.redactor.text(error.message)
        left = _("The tenant {address} may be left on the server: {reason}").format(address=address, reason=reason)
        app.notice(left, verbatim=True)  # a part of its name that looks like a secret is none


def _tenants(app: App) -> str | None:
    """Where the server says its tenants are; only at its own address."""
    if app.settings.backend == "mock" or not app.client.has_wire:
        return None
    wire = app.client.wire.without_auth()
    stated = wire.document("GET", "/.well-known/emk").object().get("tenants")
    if not isinstance(stated, str) or urlsplit(stated)[:2] != urlsplit(wire.base_url)[:2]:
        return None
    return stated
