"""What the ports share: the refusal of what a backend lacks, and lists that arrive page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
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
    """The answer of an operation that lists: what it holds is fetched page after page while it is walked.

    The first page is fetched by the operation itself, so that a refusal is raised before anything is printed. A later
    page may raise while the items are read; what was yielded until then is good, and the list is known to be cut. Walked
    once more, a list of the card is asked for anew, so that it is never kept in memory; a list of the portal, which is
    short, is remembered. `len` is `total`.
    """

    stream: Iterator[M]
    """The items, each fetched when it is needed."""
    person: models.Named | None = None
    """Whose list it is, where the server says so."""
    total: int | None = None
    """How many items the server counts in all; None where it does not count, or counts something else than items."""

    again: Callable[[], Items[M]] | None = None
    """Asks the same once more, for a second walk; None to remember the items instead."""
    _is_walked: bool = field(default=False, init=False, repr=False)
    _remembered: list[M] = field(default_factory=list, init=False, repr=False)
    _failure: BaseException | None = field(default=None, init=False, repr=False)

    def __iter__(self) -> Iterator[M]:
        if self.again is None:
            return self._remembering()
        if self._is_walked:
            return self.again().stream
        self._is_walked = True
        return self.stream

    def __len__(self) -> int:
        """`total`.

        :raises TypeError: the server does not count; `sum(1 for _ in items)` does, by fetching them all.
        """
        if self.total is None:
            raise TypeError("the server does not say how many items there are")
        return self.total

    def __bool__(self) -> bool:
        """False where the server counts none; where it does not count, only a walk tells."""
        return self.total != 0

    def _remembering(self) -> Iterator[M]:
        for position in count():
            if position == len(self._remembered) and not self._fetched():
                return
            yield self._remembered[position]

    def _fetched(self) -> bool:
        """Whether there was one more; where the list was cut it ends so each time, and never looks whole."""
        if self._failure:
            raise self._failure
        try:
            self._remembered.append(next(self.stream))
        except StopIteration:
            return False
        except BaseException as failure:
            self._failure = failure
            raise
        return True
