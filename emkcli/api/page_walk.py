"""Pages that follow each other, as long as there is a reason to ask for the next one; whatever the server says of it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from emkcli import errors
from emkcli.api.deadlines import Deadline
from emkcli.locale import _

MOST_BARREN = 20
"""Pages in a row that may bring nothing new: some servers filter a page after they have cut it."""
MOST_ITEMS = 300_000
"""Items of one list: three times the largest card there is."""
MOST_BEYOND = 100_000
"""Items beyond what an announced total explains: many servers announce no more than the page they send."""
_WITH_EACH = 20
"""Items that may come along with one that was counted."""
LONGEST = 6 * 3600.0
"""Seconds: a large card on a slow server takes one."""


class PageWalk:
    """One walk through the pages of a list; each page is told to `note` before it is used.

    :param begun: the address of the first page, where it has one that could come again.
    :raises BadResponse: the pages repeat themselves or have no end, so that the list would be incomplete (8).
    """

    def __init__(self, begun: str | None = None) -> None:
        self._seen: set[int] = set()
        self._addresses = {begun}
        self._before: list[int] = []
        self._items = self._barren = 0
        self._until = Deadline.after(LONGEST)

    def note(self, items: Iterable[Hashable], following: str | None, total: int | None = None) -> None:
        """A page: what it holds, the address or cursor of the next one, and how many items there are to be."""
        known = len(self._seen)
        # the hashes alone: a hundred thousand of them take a few megabytes
        page = [hash(item) for item in items]
        self._seen.update(page)
        self._items += len(page)
        self._barren = self._barren + 1 if len(self._seen) == known else 0
        repeated, self._before = page == self._before != [], page
        if following is None:
            return
        if repeated or following in self._addresses or self._barren >= MOST_BARREN:
            raise errors.BadResponse(_("The server repeats its pages; the list would be incomplete."))
        self._addresses.add(following)
        if self._items > _most(total) or not self._until.left():
            raise errors.BadResponse(
                _("The server's pages have no end (so far {count} items); the list would be incomplete.").format(
                    count=self._items
                )
            )


def _most(total: int | None) -> int:
    return MOST_ITEMS if total is None else min(MOST_ITEMS, MOST_BEYOND + _WITH_EACH * max(total, 0))


def forgotten(request_id: str | None) -> errors.BadResponse:
    """The server does not know the list any more whose pages it was giving."""
    return errors.BadResponse(
        _("The server forgot the list while it was read; the list would be incomplete."),
        hint=_("retry later"),
        request_id=request_id,
    )
