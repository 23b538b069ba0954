"""The server's clock, as its `Date` headers tell it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from emkcli.clinical.dates import local

YEARS = range(1970, 9000)
"""Beyond them no server's clock is meant, and a calculation would leave the calendar."""


def moment(stamp: str | None) -> datetime | None:
    """The moment a `Date` header names, in UTC; None for what names none."""
    try:
        # always GMT (RFC 9110 §5.6.7), but `-0000` is parsed into a time without a zone
        served = parsedate_to_datetime(stamp or "").replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return served if served.year in YEARS else None


class Clock:
    """The server's clock in Europe/Moscow and whole seconds."""

    def __init__(self) -> None:
        self._heard: tuple[datetime, float] | None = None

    def note(self, stamp: str | None) -> None:
        if (served := moment(stamp)) is not None:
            # monotonic: this machine's clock may be set while we run
            self._heard = (served, time.monotonic())

    def now(self) -> datetime:
        """The server's moment where one was heard, else this machine's; on the clock of Moscow."""
        if self._heard is None:
            return local(datetime.now(UTC))
        served, at = self._heard
        return local(served + timedelta(seconds=int(time.monotonic() - at)))
