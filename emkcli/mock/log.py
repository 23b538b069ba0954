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


def write(db: Connection, found: Collection[Line], lost: int = 0) -> None:
    """Add the lines after `lost` ones that nobody has any more, and drop the oldest beyond `LENGTH`.

    Numbers are given to lost lines too, so that who reads the log sees that some are missing.
    """
    if found:
        last = db.execute("SELECT coalesce(max(id), 0) FROM log").fetchone()[0] + lost
        rows = [(last + number, *line) for number, line in enumerate(found, 1)]
        db.executemany("INSERT INTO log (id, at, method, path, status, request_id) VALUES (?, ?, ?, ?, ?, ?)", rows)
        db.execute("DELETE FROM log WHERE id <= ?", (rows[-1][0] - LENGTH,))


class Waiting:
    """Lines that are not in the state yet: the next transaction takes them along, or the one that `write_down` begins."""

    def __init__(self, write_down: Callable[[], None]) -> None:
        self._write_down = write_down
        self._lock = Lock()
        self._lines: deque[Line] = deque()
        self._lost = 0
        self._timer: Timer | None = None

    def add(self, found: Iterable[Line]) -> None:
        with self._lock:
            self._lines.extend(found)
            self._drop()
            if self._lines and self._timer is None:
                self._timer = Timer(LATEST, self.flush)
                self._timer.start()

    def lose(self) -> None:
        """A request came of which not even a line could be made."""
        with self._lock:
            self._lost += 1

    @contextmanager
    def taken(self) -> Iterator[tuple[list[Line], int]]:
        """All of them, and how many were lost before; they wait on when what is done with them fails."""
        with self._lock:
            lines, lost = list(self._lines), self._lost if self._lines else 0
            self._lines.clear()
            self._lost -= lost
        try:
            yield lines, lost
        except BaseException:
            with self._lock:
                self._lines.extendleft(reversed(lines))
                self._lost += lost
                self._drop()
            raise

    def _drop(self) -> None:
        """A state that cannot be written for long must not fill the memory."""
        while len(self._lines) > LENGTH:
            self._lines.popleft()
            self._lost += 1

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
