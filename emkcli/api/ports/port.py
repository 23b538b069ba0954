"""What the ports share: the refusal of what a backend lacks, and lists that arrive page by page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, NoReturn, TypeVar

from emkcli import errors, models
from emkcli.locale import _

M = TypeVar("M")


class Port:
    """The base of the four ports."""

    def unsupported(self) -> NoReturn:
        """Refuse an operation; what every operation does until a backend implements it.

        :raises Unsupported: always (11).
        """
        raise errors.Unsupported(_("This backend cannot do that."), hint=_("see: emk help backends"))


@dataclass
class Items(Generic[M]):
    """The answer of an operation that lists: an iterator that fetches page after page and can be walked once.

    The first page is fetched by the operation itself, so that a refusal is raised before anything is printed. A later
    page may raise while the items are read; what was yielded until then is good, and the list is known to be cut.
    """

    stream: Iterator[M]
    """The items, each fetched when it is needed."""
    person: models.Named | None = None
    """Whose list it is, where the server says so."""
    total: int | None = None
    """How many items the server counts in all; None where it does not count, or counts something else than items."""

    def __iter__(self) -> Iterator[M]:
        return self.stream
