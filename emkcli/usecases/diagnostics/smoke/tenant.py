"""A tenant of a mock server for one run, so that nothing of other runs is met and no clock of theirs is moved."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from emkcli import errors
from emkcli.usecases.mock_control import permission

if TYPE_CHECKING:
    from emkcli.app import App


@contextmanager
def fresh(app: App) -> Iterator[str | None]:
    """The address of a tenant that nobody has, removed at the end; None where the server has none."""
    parent = _tenants(app)
    if parent is None:
        yield None
        return
    address = f"{parent}smoke-{secrets.token_hex(8)}"
    try:
        yield address
    finally:
        with suppress(errors.EmkError):  # the checks have said already what is wrong with the server
            app.client.wire.without_auth().send("DELETE", address, headers=permission(app))


def _tenants(app: App) -> str | None:
    """Where the server says its tenants are; only at its own address."""
    if app.settings.backend == "mock" or not app.client.has_wire:
        return None
    wire = app.client.wire.without_auth()
    stated = wire.document("GET", "/.well-known/emk").object().get("tenants")
    if not isinstance(stated, str) or urlsplit(stated)[:2] != urlsplit(wire.base_url)[:2]:
        return None
    return stated
