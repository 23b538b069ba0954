"""The log of requests: names of what was asked for, never values; written down in batches, so that no answer waits for it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from threading import Lock, Timer
from typing import TYPE_CHECKING, NamedTuple

from emkcli import errors
from emkcli.mock import faults

if TYPE_CHECKING:
    from sqlite3 import Connection

    from emkcli.mock.exchange import Request

LENGTH = 1000
LATEST = 0.2
"""Seconds until a line is in the state: what a killed server loses at most. A line of a request that wrote is never lost."""


class Line(NamedTuple):
    """One request that was answered."""

    at: int
    method: str
    path: str
    status: int
    request_id: str


def lines(at: int, request: Request, status: int, request_id: str) -> list[Line]:
    """The line of a request; none of one that only looks behind the scenes."""
    if faults.is_spared(request):
        return []
    names = "&".join(dict.fromkeys(name for name, _ in request.query))
    path = f"{request.path}?{names}" if names else request.path
    return [Line(at, request.method, path, status, request_id)]


def write(db: Connection, found: Collection[Line]) -> None:
    """Add the lines, and drop the oldest beyond `LENGTH`."""
    if found:
        db.executemany("INSERT INTO log (at, method, path, status, request_id) VALUES (?, ?, ?, ?, ?)", found)
        db.execute("DELETE FROM log WHERE id <= (SELECT max(id) FROM log) - ?", (LENGTH,))


class Waiting:
    """Lines that are not in the state yet: the next transaction takes them along, or the one that `write_down` begins."""

    def __init__(self, write_down: Callable[[], None]) -> None:
        self._write_down = write_down
        self._lock = Lock()
        self._lines: deque[Line] = deque(maxlen=LENGTH)
        self._timer: Timer | None = None

    def add(self, found: Iterable[Line]) -> None:
        with self._lock:
            self._lines.extend(found)
            if self._lines and self._timer is None:
                self._timer = Timer(LATEST, self.flush)
                self._timer.start()

    @contextmanager
    def taken(self) -> Iterator[list[Line]]:
        """All of them, which wait on when what is done with them fails."""
        with self._lock:
            lines = list(self._lines)
            self._lines.clear()
        try:
            yield lines
        except BaseException:
            with self._lock:
                self._lines = deque((*lines, *self._lines), maxlen=LENGTH)
            raise

    def flush(self) -> None:
        """Have them written down now; what cannot be written yet waits for the next occasion."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = None
            is_any = bool(self._lines)
        if is_any:
            with suppress(errors.Storage):
                self._write_down()
