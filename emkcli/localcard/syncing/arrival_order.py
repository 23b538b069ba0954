"""Whether pages came in the order of the changes, and how far that order has come."""

from __future__ import annotations

from emkcli.api.changes import Batch
from emkcli.clinical.dates import order


class ArrivalOrder:
    """Of the pages of one walk; `start` is the moment it was asked to begin with."""

    def __init__(self, start: str | None) -> None:
        self._first: str | None = None
        self._last, self._kept = start, True

    def follow(self, batch: Batch) -> None:
        for resource in batch.matches:
            self._kept = self._kept and resource.updated is not None and _compared(self._last, resource.updated) >= 0
            self._first = self._first or resource.updated
            self._last = resource.updated

    @property
    def reached(self) -> str | None:
        """Where another walk may go on."""
        return self._last if self._kept else None

    @property
    def is_seen(self) -> bool:
        """Changes of one moment alone show no order."""
        return self._kept and _compared(self._first, self._last) > 0


def _compared(before: str | None, after: str | None) -> int:
    if before is None:
        return 0
    return (order(after) > order(before)) - (order(after) < order(before))
