"""`emk notification`: messages by SMS and in the cabinet."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated

import typer

from emkcli import models
from emkcli.app import App
from emkcli.commands._command import checked, command
from emkcli.commands._options import ExitCode, Interval, Limit, New, positive
from emkcli.locale import N_, _
from emkcli.results import Listing, Value
from emkcli.usecases.card import records
from emkcli.usecases.onboarding.waiting import SHORTEST

Id = Annotated[str, typer.Argument(metavar="ID", help=N_("the message's id"))]
EVERY = timedelta(minutes=5)


@command(
    needs="portal.notifications",
    examples=(
        "emk notification list --unread",
        "emk notification list --new --exit-code",
    ),
    ends=(3,),
)
def list_(
    app: App,
    unread: Annotated[bool, typer.Option("--unread", help=N_("only those not marked as read"))] = False,
    new: New = False,
    exit_code: ExitCode = False,
    limit: Limit = None,
) -> Value:
    """Messages, newest first. --new shows what this profile has not seen, whatever is marked as read."""
    notifications = app.client.portal.notifications(unread=unread)
    listing = Listing(notifications, models.Notification, limit)
    return records.with_marks(
        app, listing, "notifications" + ("-unread" if unread else ""), new=new, exit_code=exit_code
    )


@command(needs="portal.notification", examples=("emk notification show n-000001",), ends=(3,))
def show(app: App, notification: Id) -> Value:
    """One message."""
    return app.client.portal.notification(notification)


@command(
    needs="portal.read_notification",
    mutates=True,
    shows="Notification",
    examples=("emk notification read n-000001",),
    ends=(3,),
)
def read(app: App, notification: Id) -> Value:
    """Mark a message as read."""
    return app.client.portal.read_notification(notification)


@command(
    needs="portal.notifications",
    examples=(
        "emk notification watch",
        "emk notification watch --interval 15m --exec 'notify-send emk'",
    ),
)
def watch(
    app: App,
    exec_: Annotated[
        str | None,
        typer.Option("--exec", metavar="CMD", help=N_("run this for each new message; its id is EMK_NOTIFICATION")),
    ] = None,
    interval: Interval = None,
    count: Annotated[
        int | None, typer.Option("--count", metavar="N", help=N_("end after N messages"), parser=checked(positive, "N"))
    ] = None,
) -> Value:
    """Print each new message as it comes, until Ctrl-C. What was there at the start is not new."""
    pause = max(interval if isinstance(interval, timedelta) else EVERY, SHORTEST)
    return Listing(_arriving(app, exec_, pause.total_seconds(), count), models.Notification, live=True)


def _arriving(app: App, program: str | None, pause: float, count: int | None) -> Iterator[models.Notification]:
    known_ids = {message.id for message in app.client.portal.notifications()}
    printed = 0
    while count is None or printed < count:
        fresh = [m for m in app.client.portal.notifications() if m.id not in known_ids]
        for message in reversed(fresh):
            known_ids.add(message.id)
            if program:
                _run(app, program, message)
            yield message
            printed += 1
            if printed == count:
                return
        time.sleep(pause)


def _run(app: App, program: str, message: models.Notification) -> None:
    """The program learns the id by its environment; the text is nothing for a process list."""
    from emkcli import errors
    from emkcli.security.external_programs import output

    try:
        output(program, env={**app.child_environment(), "EMK_NOTIFICATION": message.id})
    except errors.EmkError as failed:
        app.notice(_("--exec: {reason}").format(reason=failed.message))
