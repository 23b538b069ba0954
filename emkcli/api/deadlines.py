"""One moment by which something has to be over; every wait for the network takes what is left until then."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

_promised: ContextVar[float] = ContextVar("promised", default=math.inf)
"""The moment by which the run itself has promised to end, on the monotonic clock."""


@dataclass(frozen=True)
class Deadline:
    """A moment on the monotonic clock: this machine's own clock may be set while we run."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """So many seconds from now, or earlier where the run has promised to be over by then."""
        return cls(min(time.monotonic() + seconds, _promised.get()))

    def left(self) -> float:
        """Seconds until then, 0 when it has passed."""
        return max(0.0, self.at - time.monotonic())


@contextmanager
def promised(seconds: float) -> Iterator[Deadline]:
    """Whatever is sent inside is over within so many seconds, however long each request may take by itself."""
    deadline = Deadline.after(seconds)
    token = _promised.set(deadline.at)
    try:
        yield deadline
    finally:
        _promised.reset(token)
