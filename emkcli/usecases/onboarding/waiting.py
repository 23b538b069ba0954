"""Wait for something the server decides: the loop is here, the client only answers. The embedded mock's clock is
moved to its next event instead of waiting."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from emkcli import errors
from emkcli.locale import _

if TYPE_CHECKING:
    from emkcli.app import App

T = TypeVar("T")
INTERVAL = timedelta(minutes=5)
LONGEST = timedelta(hours=72)
SHORTEST = timedelta(seconds=1)


def wait(
    app: App,
    ask: Callable[[], T],
    is_done: Callable[[T], bool],
    say: Callable[[T], str],
    *,
    longest: timedelta = LONGEST,
    interval: timedelta = INTERVAL,
) -> T:
    """Ask until done or until `longest` has passed on the server's clock; the last state either way.

    What is worth retrying is retried until the deadline; every state is on the server, so Ctrl-C loses nothing.
    """
    with app.progress(_("waiting")) as tick:
        state = _patient(app, ask, deadline=longest)
        passed = _stopwatch(app)  # the server's clock is heard with its first answer
        while not is_done(state) and passed() < longest:
            tick(say(state))
            if not advance(app, limit=longest - passed()):
                time.sleep(max(interval, SHORTEST).total_seconds())
            state = _patient(app, ask, deadline=longest)
        return state


def _stopwatch(app: App) -> Callable[[], timedelta]:
    """The time since now on the server's clock, which a mock moves ahead; one that stands still does not hold us for ever."""
    served, begun = app.now(), time.monotonic()
    return lambda: max(app.now() - served, timedelta(seconds=time.monotonic() - begun))


def _patient(app: App, ask: Callable[[], T], *, deadline: timedelta) -> T:
    """One answer; transient failures are waited out."""
    until = time.monotonic() + deadline.total_seconds()
    pause = 1.0
    while True:
        try:
            return ask()
        except errors.EmkError as trouble:
            if not trouble.retryable or time.monotonic() + pause > until:
                raise
            time.sleep(pause)
            pause = min(pause * 2, 60.0)


def advance(app: App, *, limit: timedelta) -> bool:
    """Move the embedded mock's clock to its next event, and say so; `False` on any other backend."""
    if app.settings.backend != "mock" or app.client.wire is None:
        return False
    wire = app.client.wire.without_auth()
    upcoming = wire.json("GET", "/mock/clock")["next_event"]
    ahead = datetime.fromisoformat(upcoming["at"]) - app.now() if upcoming else limit
    step = {"next": True} if upcoming and ahead <= limit else {"advance": max(limit.total_seconds(), 1)}
    moved = wire.json("POST", "/mock/clock", json=step)
    app.notice(_("The mock's clock was moved to {time}.").format(time=moved["now"]))
    return True
