"""One type of resource from a server into the local copy: what changed, all of it, or what the card speaks of.

One question tells how many resources there are and which changed last. When both are as they were kept, the type did not
change. Otherwise what changed since is fetched, and where the number then differs from the server's, the ids are compared:
what the server no longer names was deleted.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from emkcli.api.changes import Batch, Changes, Newest
from emkcli.api.filters import SUPPORTING, NotKept
from emkcli.clinical.dates import order
from emkcli.localcard.syncing.arrival_order import ArrivalOrder
from emkcli.localcard.syncing.copied_type import CopiedType
from emkcli.localcard.syncing.copy_resources import Copy, chunks
from emkcli.localcard.syncing.progress import Progress, Run
from emkcli.locale import _

APPENDED = frozenset({"AuditEvent"})
"""Types that only grow: their number alone tells whether there is something new."""
_FEW = 200
"""As many as one page holds: fetching them all costs one request, as asking whether they changed does."""
_SETTLES = timedelta(seconds=2)
"""A change may follow another within the same second; later nothing is added to that second."""


@dataclass(frozen=True)
class Gap(Exception):
    """A type that could not be read in full, although no request failed."""

    why: str


class TypeSync:
    """One type of resource: what its copy has becomes what the server has."""

    def __init__(self, changes: Changes, run: Run, copy: Copy, kind: str, others: set[str]) -> None:
        """`others` hears the keys of what came along and is of a type that is asked for by itself."""
        self.store, self.changes, self.run = copy.store, changes, run
        self.copy, self.kind, self.others = copy, kind, others
        self.copied = CopiedType(copy.store, run.person, kind)
        self.state: Progress = run.of(kind)

    def bring(self) -> None:
        if self.run.is_done(self.state):
            return
        if self.kind in SUPPORTING:
            self._named()
            return
        gap = None
        try:
            self._walk() if self.state.mark is None or self._is_small_riddle() else self._changed()
        except Gap as cause:
            gap = cause
        self._read_results()
        if gap:
            raise gap

    def _is_small_riddle(self) -> bool:
        return not self._trusted() and 0 < self.copied.count() <= _FEW

    def _trusted(self) -> bool:
        return self.kind in APPENDED or (self.state.settled and (self.state.ordered or self.copied.count() <= 1))

    def _changed(self) -> None:
        """Ask what is new; fetch it; look for what is gone."""
        newest = self._newest()
        if self._same(newest):
            with self.store.transaction():
                self.run.finish(replace(self.state, etag=newest.etag))
            return
        gap = None
        for batch in self.changes.walk(self.kind, self.state.mark or None):
            gap = batch.gap or gap
            with self.store.transaction():
                self._take(batch)
        if newest.total is None or newest.total != self.copied.count():
            self._reconcile()
        self._settle(newest.etag)
        if gap:
            raise Gap(gap)

    def _newest(self) -> Newest:
        try:
            return self.changes.newest(self.kind, self.state.etag if self._trusted() else None)
        except NotKept:
            if self.copied.count():
                raise
            return Newest(total=0)

    def _same(self, newest: Newest) -> bool:
        if newest.same:
            return True
        if newest.total is None or newest.total != self.copied.count():
            return False
        if newest.sent is None:
            return newest.total == 0
        return self._trusted() and self.copied.is_last(newest.sent, self.state.mark)

    def _is_sorted(self, arrival: ArrivalOrder, newest: Newest) -> bool:
        """The server puts first what changed last, or what changed first, whichever it is asked for. One answer alone is
        no proof: what a server sends in the order it stores may stand in the order of the changes by chance."""
        return arrival.is_seen and newest.sent is not None and self.copied.is_last(newest.sent, arrival.reached)

    def _reconcile(self) -> None:
        """The ids on both sides; what the server has and never told of is fetched by the next run."""
        there = set(self.changes.keys(self.kind))
        here = self.copied.keys()
        self._drop(sorted(here - there))
        if there - here:
            with self.store.transaction():
                self.run.keep(replace(self.state, mark=None))
            raise Gap(_("{count} more are on the server; sync again").format(count=len(there - here)))

    def _walk(self) -> None:
        """All of the type, from where an earlier walk broke off if the server keeps an order."""
        newest = self._newest()
        if newest.total == self.copied.count() == 0:
            self._settle(newest.etag)
            return
        if self.state.walk is None:
            self.state = replace(self.state, walk=self.run.number, cursor=None, ordered=False)
        total, left_out, gap = None, 0, None
        since, arrival = self.state.cursor, ArrivalOrder(self.state.cursor)
        try:
            for batch in self.changes.walk(self.kind, since):
                total = batch.total if batch.total is not None else total
                left_out, gap = left_out + batch.left_out, batch.gap
                arrival.follow(batch)
                with self.store.transaction():
                    self._take(batch)
                    self.state = replace(self.state, cursor=arrival.reached)
                    self.run.keep(self.state)
        except NotKept:
            if self.state.cursor or self.copied.count():
                raise
            total = 0
        self._sweep()
        count = self.copied.count()
        self.state = replace(self.state, ordered=self._is_sorted(arrival, newest), walk=None, cursor=None)
        if since and not self.state.ordered:
            self._reconcile()  # it went on from the middle of what may have had no order
        self._settle(newest.etag)
        if gap:
            raise Gap(gap)
        if total is not None and total - left_out > count:
            with self.store.transaction():
                self.run.keep(replace(self.state, mark=None))
            raise Gap(_("the server counts {total}, but sent {count}").format(total=total, count=count))

    def _sweep(self) -> None:
        """What a walk through everything did not meet is gone."""
        self._drop(self.copied.not_met_since(self.state.walk))

    def _named(self) -> None:
        """Clinics and physicians: only those the card speaks of, and only whether they changed; all of them when there
        are some that did not come along with what speaks of them."""
        stored = set(self.copied.not_met_since(self.run.number))
        lacking = set(self.copied.lacking())
        since = None if lacking else self.state.mark or None
        with suppress(NotKept):
            for batch in self.changes.named(self.kind, sorted(stored | lacking), since):
                with self.store.transaction():
                    self._take(batch)
        self._settle(None)

    def _take(self, batch: Batch) -> None:
        at = self.changes.now().isoformat(timespec="seconds")
        self.others.update(batch.others)
        self.copy.take([*batch.along, *batch.matches], at)
        self.run.note_removed(self.copy.removed)

    def _drop(self, keys: Sequence[str]) -> None:
        """What the server no longer names is gone, unless a report names it and it can be read all the same."""
        for chunk in chunks(set(keys) - self._reread(set(keys) & set(self.copied.results()))):
            with self.store.transaction():
                self.copy.drop(chunk)
                self.run.note_removed(self.copy.removed)

    def _read_results(self) -> None:
        """The results that reports name and that no search has found."""
        self._reread({key for key in self.copied.results() if not self.copied.has(key)})

    def read_files(self) -> None:
        """The files of documents that are kept apart from them, one at a time: each may be large."""
        for key in list(self.copied.lacking()):
            self._reread({key})

    def _reread(self, keys: Collection[str]) -> set[str]:
        """Take what of these can be read, and tell what that was."""
        if not keys:
            return set()
        batch = self.changes.read(sorted(keys))
        with self.store.transaction():
            self._take(batch)
        return {resource.key for resource in batch.matches}

    def _settle(self, etag: str | None) -> None:
        """The type is as the server has it."""
        mark = self.copied.last_change()
        settled = not mark or self.changes.now() - order(mark) >= _SETTLES
        with self.store.transaction():
            self.run.finish(replace(self.state, mark=mark, settled=settled, etag=etag))
