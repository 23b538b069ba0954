"""How much of an archive is read, whatever it announces."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from emkcli.locale import _

LARGEST = 64 * 1024 * 1024
"""Of one file in an archive: as much as of a document."""
LARGEST_TOTAL = 2 * 1024 * 1024 * 1024
MOST = 20_000
RATIO = 200
"""How much larger than the archive its content may be; documents in XML shrink by 10 to 30."""
SMALL = 16 * 1024 * 1024
LITTLE = 1024 * 1024
"""Of one detached signature; all of an archive are in memory beside the documents, and together are no more than `SIGNATURES`."""
SIGNATURES = 32 * 1024 * 1024
HEADERS = 16 * 1024 * 1024
"""Of a table of contents: the names and attributes of 20,000 files take 10 MB at most."""
LONGEST_NAME = 4096
BLOCK = 64 * 1024


class Refused(Exception):
    """The archive as a whole cannot be read."""


class Reading(Protocol):
    """The content of a file, or of what is left of it."""

    def read(self, count: int, /) -> bytes: ...


@dataclass(frozen=True)
class Entry:
    """One file of an archive; `problem` says why it is not read. In a tar it is read before the next is asked for."""

    name: str
    size: int
    problem: str | None
    file: Reading = field(repr=False)


@dataclass
class Allowance:
    """How many bytes may still be unpacked: of one archive, and of all that lie in another, together."""

    left: int
    around: Allowance | None = None

    def spend(self, count: int) -> None:
        """Raises `Refused` when it was too much."""
        self.left -= count
        if self.left < 0:
            check(0, LARGEST_TOTAL + 1, 0)
        if self.around:
            self.around.spend(count)


def most(packed: int) -> int:
    """How many bytes an archive of that size may unpack to."""
    return min(LARGEST_TOTAL, max(SMALL, packed * RATIO))


def check(number: int, total: int, packed: int) -> None:
    """Raises `Refused` when there are too many files, or too much in them."""
    if number > MOST:
        raise Refused(_("more than {limit} files in one archive").format(limit=MOST))
    if total > most(packed):
        raise Refused(_("the archive unpacks to far more than it is: it is not read"))
