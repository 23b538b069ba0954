"""The line that says how far something is, on stderr, in the way that suits the stream."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TextIO


class Progress:
    """`with progress("Waiting") as tick: tick("still waiting")`; this one says nothing (quiet mode, JSON)."""

    @contextmanager
    def __call__(self, label: str) -> Iterator[Callable[[str], None]]:
        self._start(label)
        try:
            yield self._tick
        finally:
            self.clear()

    def _start(self, label: str) -> None:
        self._tick(label)

    def _tick(self, text: str) -> None:
        """Show where things stand."""

    def clear(self) -> None:
        """Leave no trace of the line."""


class StatusLine(Progress):
    """One line of a terminal, written over and over; without escape sequences, which not every terminal knows."""

    def __init__(self, stderr: TextIO, sanitise: Callable[[str], str]) -> None:
        self._stderr, self._sanitise, self._width = stderr, sanitise, 0

    def _tick(self, text: str) -> None:
        from wcwidth import clip, wcswidth

        line = self._sanitise(text).partition("\n")[0]
        shown = clip(line, 0, columns_of(self._stderr) - 1, control_codes="ignore").rstrip(" ")
        width = wcswidth(shown)
        self._write(f"\r{shown}{' ' * (self._width - width)}")
        self._width = width

    def clear(self) -> None:
        self._write(f"\r{' ' * self._width}\r")
        self._width = 0

    def _write(self, text: str) -> None:
        self._stderr.write(text)
        self._stderr.flush()


class Heartbeat(Progress):
    """For a log: nothing about short things, then a line now and again."""

    def __init__(
        self,
        stderr: TextIO,
        sanitise: Callable[[str], str],
        *,
        every: float = 300,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stderr, self._sanitise, self._every, self._clock = stderr, sanitise, every, clock
        self._last = clock()

    def _start(self, label: str) -> None:
        self._last = self._clock()

    def _tick(self, text: str) -> None:
        if self._clock() - self._last >= self._every:
            self._last = self._clock()
            self._stderr.write(self._sanitise(text) + "\n")
            self._stderr.flush()


def progress(stderr: TextIO, sanitise: Callable[[str], str], *, quiet: bool) -> Progress:
    """The progress that suits the stream."""
    if quiet:
        return Progress()
    return StatusLine(stderr, sanitise) if stderr.isatty() else Heartbeat(stderr, sanitise)


def columns_of(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError):
        return 80
