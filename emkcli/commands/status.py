"""`emk status`: how far the application is."""

from datetime import timedelta
from typing import Annotated

import typer

from emkcli import errors
from emkcli.app import App
from emkcli.commands._command import command
from emkcli.commands._options import ExitCode, For, Interval, Wait
from emkcli.locale import N_, _
from emkcli.models import Application
from emkcli.results import Outcome, Value
from emkcli.usecases.onboarding import next_step
from emkcli.usecases.onboarding.waiting import INTERVAL, LONGEST
from emkcli.usecases.onboarding.waiting import wait as waited

EXIT_CODES = {"draft": 5, "submitted": 9, "in_progress": 9, "activated": 0, "refused": 10, "cancelled": 10}
UNDECIDED = {"submitted", "in_progress"}


@command(
    needs="portal.applications",
    examples=(
        "emk status",
        "emk status --wait --for 48h",
        "emk status --exit-code --if-changed -q",
    ),
    ends=(
        3,
        9,
        10,
    ),
)
def status(
    app: App,
    exit_code: ExitCode = False,
    if_changed: Annotated[
        bool,
        typer.Option("--if-changed", help=N_("print only when it changed since this profile last looked this way")),
    ] = False,
    wait: Wait = False,
    for_: For = None,
    interval: Interval = None,
) -> Value:
    """How far the application is: «Черновик», «Отправлено», «В работе», «Активировано», «Отказано» or «Отменено».

    --exit-code: 0 activated, 9 not decided yet, 10 refused or cancelled, 5 a draft, 3 no application. For cron: --if-changed --exit-code.
    """
    application = _waited(app, for_, interval) if wait else next_step.latest(app)
    if application is None:
        raise errors.NotFound(_("There is no application yet."), hint="emk connect")
    code = EXIT_CODES.get(application.status, 0) if exit_code or wait else 0
    if if_changed and not _changed(app, application):
        return Outcome(None, code)
    answer = next_step.with_next(app, application)
    return Outcome(answer, code) if code else answer


def _waited(app: App, longest: object, interval: object) -> Application | None:
    from emkcli.views.columns import application_status

    return waited(
        app,
        lambda: next_step.latest(app),
        lambda state: state is None or state.status not in UNDECIDED,
        lambda state: application_status(state.status) if state else "",
        longest=longest if isinstance(longest, timedelta) else LONGEST,
        interval=interval if isinstance(interval, timedelta) else INTERVAL,
    )


def _changed(app: App, application: Application) -> bool:
    """Whether this state was not printed by `--if-changed` before; the mark moves after it was."""
    mark = app.marks.mark("status", application.person.id if application.person else "")
    state = f"{application.id} {application.status} {len(application.history)}"
    if mark.value == state:
        return False
    app.after_output(lambda: mark.set(state))
    return True
