"""SIGINT, SIGTERM and SIGHUP end a run alike: one `KeyboardInterrupt` where the program stands, and an exit code that names the signal.

Only the program listens (`listen`, from `__main__`); whoever imports `emkcli` keeps the handlers of their own process.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
CLEANING_UP_S = 5.0
"""A second signal within this time would only break the cleaning-up; later it ends one that hangs."""
IMPORT_S = 1.0
"""So long an import is left to come to its end."""
A_MOMENT_S = 0.01


class _Heard:
    """The signal that ends this run (0 before there is one), until when no other is raised, and whether it waits for something."""

    def __init__(self) -> None:
        self.signal = 0
        self.deaf_until = 0.0
        self.patient_until = 0.0
        self.deferring = False
        self.waiting = False


_heard = _Heard()


def listen() -> None:
    """From now on the three raise; one that our parent ignores (nohup) stays ignored."""
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _hear)
    signal.signal(signal.SIGALRM, _hear)  # a moment later


def finish() -> None:
    """The run is over and its exit code known: what arrives until the process is gone changes nothing."""
    _heard.deaf_until = float("inf")
    signal.setitimer(signal.ITIMER_REAL, 0)  # Python takes the handlers away before it ends, and the alarm would kill


def received() -> int:
    """The signal that ended this run, or 0."""
    return _heard.signal


def exit_code() -> int:
    """As shells count: 128 and the signal; without one it was Ctrl-C's exception alone."""
    return 128 + (_heard.signal or signal.SIGINT)


@contextmanager
def deferred() -> Iterator[None]:
    """What must not be torn in the middle, such as the start of a program: a signal is raised at its end, or by another one
    when that takes long."""
    outer, _heard.deferring = _heard.deferring, True
    try:
        yield
    finally:
        _heard.deferring = outer
        if _heard.waiting and not outer:
            _heard.waiting = False
            _heard.deaf_until = time.monotonic() + CLEANING_UP_S
            raise KeyboardInterrupt


def again() -> None:
    """A finalizer or a callback swallowed the exception: raise it where the program stands a moment later."""
    if signal.getsignal(signal.SIGALRM) is _hear:
        _heard.signal, _heard.deaf_until = _heard.signal or signal.SIGINT, 0.0
        signal.setitimer(signal.ITIMER_REAL, A_MOMENT_S)


def _hear(number: int, frame: FrameType | None) -> None:
    now = time.monotonic()
    if now < _heard.deaf_until:
        return
    if not _heard.signal:
        _heard.signal, _heard.patient_until = number, now + IMPORT_S
    if _is_importing(frame) and now < _heard.patient_until:
        signal.setitimer(signal.ITIMER_REAL, A_MOMENT_S)
        return
    _heard.deaf_until = now + CLEANING_UP_S
    if _heard.deferring and not _heard.waiting:
        _heard.waiting = True
    else:
        raise KeyboardInterrupt


def _is_importing(frame: FrameType | None) -> bool:
    """A half imported module breaks what needs it later, and one in Rust panics."""
    while frame and not frame.f_code.co_filename.startswith("<frozen importlib"):
        frame = frame.f_back
    return frame is not None
