"""The resources that a row of pages brought, each counted once, against the number that the server announced."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from emkcli.locale import _


class Tally:
    """`note` is told page after page; what stands on two of them counts once."""

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._left_out = 0
        self._total: int | None = None

    def note(self, names: Iterable[Hashable], total: int | None, left_out: int = 0) -> list[bool]:
        """Whether each of a page's resources is there for the first time. `left_out` were other people's."""
        self._total = self._total if total is None else total
        self._left_out += left_out
        return [self._is_new(name) for name in names]

    def lacks(self, name: Hashable) -> bool:
        """Whether it was on no page."""
        return hash(name) not in self._seen

    def has_at_most(self, count: int) -> bool:
        """Whether no more came than that."""
        return len(self._seen) <= count

    def gap(self) -> str | None:
        """After the last page: what is lacking, if anything is."""
        sent = len(self._seen) + self._left_out
        if self._total is None or sent >= self._total:
            return None
        return _("the server counts {total}, but sent {count}").format(total=self._total, count=sent)

    def _is_new(self, name: Hashable) -> bool:
        # the hash alone: a hundred thousand of them take a few megabytes
        known = len(self._seen)
        self._seen.add(hash(name))
        return len(self._seen) > known


def name_of(kind: str, ident: str | None, content: bytes) -> Hashable:
    """What makes a resource the same on two pages: its type and id, or, without an id, all it says."""
    return (kind, ident) if ident else content
