"""A terminal that shows nothing of what is typed, also after the program was stopped there and goes on."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import current_thread, main_thread
from types import FrameType


@contextmanager
def kept_off(repeat: Callable[[], None]) -> Iterator[None]:
    """After Ctrl-Z a shell turns the echo on, and leaves it on for `fg`: off again, and `repeat` asks anew."""
    if not hasattr(signal, "SIGCONT") or current_thread() is not main_thread():
        yield
        return

    def go_on(_number: int, _frame: FrameType | None) -> None:
        _turn_off()
        with suppress(RuntimeError):  # in the middle of a word to the same terminal
            repeat()

    before = signal.signal(signal.SIGCONT, go_on)
    try:
        yield
    finally:
        signal.signal(signal.SIGCONT, before)


def _turn_off() -> None:
    import termios

    with suppress(OSError, termios.error):  # a terminal that went away
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
        try:
            modes = termios.tcgetattr(terminal)
            modes[3] &= ~termios.ECHO
            termios.tcsetattr(terminal, termios.TCSANOW, modes)
        finally:
            os.close(terminal)
