"""The checks behind `smoke`: the journey of an invented person on a mock, reading only on any other backend."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from emkcli import errors
from emkcli.api.deadlines import promised
from emkcli.config import scratch
from emkcli.locale import _
from emkcli.usecases.diagnostics.smoke import journey, reading, tenant
from emkcli.usecases.diagnostics.smoke.check import Check, Choice, Step, checked

if TYPE_CHECKING:
    from pathlib import Path

    from emkcli.app import App

LONGEST = 1800.0
"""Seconds for all checks: what runs in CI has to end."""


def run(app: App, choice: Choice, *, wait: bool = False) -> list[Check]:
    """Every check in turn; one whose need failed or was left out is skipped and says so.

    A server that cannot be reached fails the first check. `wait` waits for decisions of a server whose clock others go by.

    :raises Usage: `choice` names a check there is none of (2).
    """
    with promised(LONGEST):
        try:
            return (
                _walked(app, choice, wait=wait) if app.client.demo else list(checked(app, reading.steps(app), choice))
            )
        except (errors.Usage, errors.Storage):
            raise
        except errors.EmkError as error:  # before there was a step to fail
            return list(checked(app, [_unreached(error), *_unseen(app, choice)], choice))


def _walked(app: App, choice: Choice, *, wait: bool) -> list[Check]:
    with scratch.directory() as home, tenant.fresh(app) as address, _somebody_new(app, home, address) as fresh:
        own_clock = address is not None or app.settings.backend == "mock"
        found: dict[str, Any] = {}
        try:
            return list(checked(fresh, journey.steps(fresh, found, own_clock=own_clock, wait=wait), choice))
        finally:
            if not own_clock and (account := found.get("account")):
                app.notice(_("The account {id} stays on the server, which has no tenants.").format(id=account.id))


def _unreached(error: errors.EmkError) -> Step:
    def fail() -> None:
        raise error

    return Step("server", fail)


def _unseen(app: App, choice: Choice) -> list[Step]:
    """What a server would have been asked, in the names it has when it can be: a mock's, but where others were chosen."""
    only_read = {*choice.only, *choice.skip} & {*reading.NAMES} - {*journey.NAMES}
    steps = journey.NAMES if app.settings.backend == "http" and not only_read else reading.NAMES
    return [Step(name, lambda: None, needs=("server",)) for name in steps]


@contextmanager
def _somebody_new(app: App, home: Path, address: str | None) -> Iterator[App]:
    """A run in a home that is thrown away, at a tenant's address where there is one."""
    from emkcli.app import App as Fresh

    fresh = Fresh(environ={**app.environ, "EMK_HOME": str(home), "EMK_KEYRING": "off"}, stderr=app.stderr)
    for setting in ("backend", "timeout", "control_token_file", "allow_http"):
        fresh.give(setting, getattr(app.settings, setting))
    fresh.give("url", address or app.settings.url)
    fresh.give("quiet", True)
    fresh.redactor = app.redactor
    try:
        yield fresh
    finally:
        fresh.close()
