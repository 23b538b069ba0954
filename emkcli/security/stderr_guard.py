"""What libraries, threads and finalizers say on their own: never their values, and only with `--debug`."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType

from emkcli import interruption

Say = Callable[[str], None]


class LastResort(logging.Handler):
    """Stands in for the handler of last resort, which would write any library's words to stderr as they are."""

    def __init__(self, say: Say) -> None:
        super().__init__(logging.WARNING)
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        self._say(f"{record.name}: {record.getMessage()}")


@contextmanager
def caught(say: Say) -> Iterator[None]:
    """Everything that would reach stderr past us goes to `say`; an exception as its kind and place."""
    before = logging.lastResort, threading.excepthook, sys.unraisablehook
    logging.lastResort = LastResort(say)
    threading.excepthook = lambda failure: say(kind_and_place(failure.exc_type, failure.exc_traceback))
    sys.unraisablehook = lambda failure: _swallowed(say, failure.exc_type, failure.exc_traceback)
    try:
        yield
    finally:
        logging.lastResort, threading.excepthook, sys.unraisablehook = before


def _swallowed(say: Say, kind: type[BaseException], trace: TracebackType | None) -> None:
    """Of a finalizer's or a callback's; a signal must end the run all the same."""
    if issubclass(kind, KeyboardInterrupt):
        interruption.again()
    else:
        say(kind_and_place(kind, trace))


def kind_and_place(kind: type[BaseException], trace: TracebackType | None) -> str:
    """The kind of an exception and where it was raised; its own words may hold anything."""
    return f"{kind.__name__} at {frames(trace)[-1]}"


def frames(trace: TracebackType | None) -> list[str]:
    """The way to an exception, without values and without the name of whoever lives here."""
    from emkcli.security.redact import place

    steps = [f"{place(frame.filename)}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
    return steps or ["?"]
