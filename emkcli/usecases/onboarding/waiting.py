"""Wait for something the server decides: the loop is here, the client only answers. The embedded mock's clock is
moved to its next event instead of waiting."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from emkcli import errors
from emkcli.api.deadlines import Deadline, promised
from emkcli.locale import _

if TYPE_CHECKING:
    from emkcli.app import App

T = TypeVar("T")
INTERVAL = timedelta(minutes=5)
LONGEST = timedelta(hours=72)
SHORTEST = timedelta(seconds=1)
LAST_LOOK = 2.0
"""Seconds before the end that the last answer is asked for."""


def wait(
    app: App,
    ask: Callable[[], T],
    is_done: Callable[[T], bool],
    say: Callable[[T], str],
    *,
    longest: timedelta = LONGEST,
    interval: timedelta = INTERVAL,
) -> T:
    """Ask until done or until `longest` has passed, on the server's clock or on ours; the last state either way.

    What is worth retrying is retried until the deadline; every state is on the server, so Ctrl-C loses nothing. No time at
    all is one look, which takes as long as any other request may.
    """
    if not longest:
        return ask()
    # a server's clock may stand still, and a request may hang: the time that was promised is kept all the same
    with app.progress(_("waiting")) as tick, promised(longest.total_seconds()) as deadline:
        state = _patient(ask, deadline)
        started = app.now()  # the server's clock is heard with its first answer; that of this machine may be years away
        while not is_done(state) and app.now() - started < longest and deadline.left():
            pause = _pause(interval, deadline)
            tick(_outlook(say(state), pause, deadline.left()))
            if not advance(app, limit=longest - (app.now() - started)):
                time.sleep(pause)
            try:
                state = _patient(ask, deadline)
            except errors.TimedOut:
                if deadline.left():
                    raise
        return state


def _pause(interval: timedelta, deadline: Deadline) -> float:
    """Until the next answer is due, or the last one."""
    shortest = SHORTEST.total_seconds()
    return max(min(interval.total_seconds(), deadline.left() - LAST_LOOK), shortest)


def _outlook(state: str, pause: float, left: float) -> str:
    """Where things stand, when the next look is, and how long it is waited at most."""
    return _("{state}; next look in {pause}, {left} left").format(state=state, pause=_length(pause), left=_length(left))


def _length(seconds: float) -> str:
    """The two largest units of it."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return _("{hours} h {minutes} min").format(hours=hours, minutes=minutes)
    return _("{minutes} min {seconds} s").format(minutes=minutes, seconds=rest)


def _patient(ask: Callable[[], T], deadline: Deadline) -> T:
    """One answer; transient failures are waited out."""
    pause = 1.0
    while True:
        try:
            return ask()
        except errors.EmkError as trouble:
            if not trouble.retryable or pause > deadline.left():
                raise
            time.sleep(pause)
            pause = min(pause * 2, 60.0)


def advance(app: App, *, limit: timedelta) -> bool:
    """Move the embedded mock's clock to its next event, and say so; `False` on any other backend."""
    from emkcli.views import show

    if app.settings.backend != "mock" or not app.client.has_wire:
        return False
    wire = app.client.wire.without_auth()
    upcoming = wire.json("GET", "/mock/clock")["next_event"]
    ahead = datetime.fromisoformat(upcoming["at"]) - app.now() if upcoming else limit
    step = {"next": True} if upcoming and ahead <= limit else {"advance": max(limit.total_seconds(), 1)}
    moved = wire.json("POST", "/mock/clock", json=step)
    app.notice(_("The mock's clock was moved to {time}.").format(time=show.date(moved["now"])))
    return True
