"""A result of which only a limit is known, since the laboratory could measure no further: `<0.10`, `> 90`, `менее 5`."""

from __future__ import annotations

from typing import NamedTuple

from emkcli.clinical import units
from emkcli.clinical.written_range import read


class Censored(NamedTuple):
    """The limit that was sent, and where the true value lies: -1 below it, 1 above it."""

    limit: float
    direction: int


def censored(value: str | None, unit: str | None = None, unit_code: str | None = None) -> Censored | None:
    """The limit that a value's text consists of; None for a number, for two limits, words, and a limit in another unit."""
    written = read(value)
    if written is None or (written.low is None) == (written.high is None):
        return None
    if written.unit and units.known(written.unit, None) != units.known(unit, unit_code):
        return None
    return Censored(written.high, -1) if written.high is not None else Censored(written.low or 0.0, 1)
