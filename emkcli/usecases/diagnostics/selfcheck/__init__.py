"""The checks behind `emk selfcheck`: what a bug report needs, redacted; nothing of the person's is changed, what is tried is removed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from emkcli import errors
from emkcli.locale import _
from emkcli.usecases.diagnostics.selfcheck.check import Check, cleaned, failed

if TYPE_CHECKING:
    from emkcli.app import App

Step = Callable[["App"], Iterator[Check]]


def run(app: App, *, live: bool) -> Iterator[Check]:
    """Every check; one that breaks says so and keeps no other from running."""
    from emkcli.usecases.diagnostics.selfcheck import directories, machine, network, places

    steps: tuple[Step, ...] = (*machine.STEPS, *directories.STEPS, *places.STEPS, *network.STEPS)
    for step in (*steps, *network.LIVE) if live else steps:
        for check in _survived(step, app):
            yield cleaned(check, app.redactor)


def _survived(step: Step, app: App) -> Iterator[Check]:
    try:
        yield from step(app)
    except errors.EmkError as error:
        yield failed(step.__name__, f"{error.slug}: {error.message}", error.hint)
    except PermissionError as closed:
        yield failed(
            step.__name__, f"{closed.filename}: {closed.strerror}", _("point EMK_HOME to a directory you may write")
        )
    except Exception as bug:
        yield failed(step.__name__, type(bug).__name__, _("please report this: the check itself broke"))
