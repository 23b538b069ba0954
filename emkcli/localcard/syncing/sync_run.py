"""A server's card into its local copy: only what changed, page by page, each page one transaction.

One question per type tells how many resources there are and which changed last. When both are as they were kept, the
type did not change. Otherwise what changed since is fetched, and where the number then differs from the server's, the
ids are compared: what the server no longer names was deleted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta

from emkcli import errors
from emkcli.api.changes import Batch, Changes, Newest, Sent
from emkcli.api.fhir.referenced import FILE
from emkcli.api.filters import SUPPORTING, NotKept
from emkcli.api.ports import CardQuery
from emkcli.clinical.dates import order
from emkcli.localcard.store import Store
from emkcli.localcard.stored_placements import StoredHoldings
from emkcli.localcard.syncing import progress
from emkcli.localcard.syncing.arrival_order import ArrivalOrder
from emkcli.localcard.syncing.copy_resources import Copy, chunks
from emkcli.localcard.syncing.progress import Progress, Run
from emkcli.locale import _
from emkcli.models import Missing
from emkcli.models.content_account import Holdings, Placed

APPENDED = frozenset({"AuditEvent"})
"""Types that only grow: their number alone tells whether there is something new."""
_NAMED = sorted(SUPPORTING - {"Patient"}, key=lambda kind: (kind != "PractitionerRole", kind))
"""What the card refers to; a role names a physician and a clinic."""
_RESULT = "Observation"
_FEW = 200
"""As many as one page holds: fetching them all costs one request, as asking whether they changed does."""
_SETTLES = timedelta(seconds=2)
"""A change may follow another within the same second; later nothing is added to that second."""


@dataclass(frozen=True)
class _Gap(Exception):
    """A type that could not be read in full, although no request failed."""

    why: str


@dataclass
class Sync:
    """One run over the types of a card. `missing` names those that could not be read, and why."""

    store: Store
    changes: Changes
    run: Run
    tell: Callable[[str], None]
    others: set[str] = field(default_factory=set)
    """Keys of what came along and is of a type that is asked for by itself, if at all."""
    warnings: list[str] = field(default_factory=list)
    """What of that which came cannot be so."""

    def go(self) -> list[Missing]:
        copy = Copy(self.store, self.run.person, self.run.number, self.changes.now(), warnings=self.warnings)
        with self.store.transaction():
            copy.take([self.changes.patient] if self.changes.patient else [], self._now())
            copy.renew()
            self.run.note_removed(copy.removed)
        refusal = Missing(what="Patient", why=_("the server does not let it be read"))
        missing = [] if self.changes.patient else [refusal]
        # an iterator: when the server is gone, what is left of it is what could not be read
        rest = iter([*self.changes.kinds, *_NAMED])
        for kind in rest:
            self.tell(kind)
            try:
                _Type(self, copy, kind).bring()
            except (errors.LoginRequired, errors.Unreachable) as cause:
                missing += [
                    Missing(what=unread, why=cause.message) for unread in (kind, *rest) if unread not in SUPPORTING
                ]
            except (errors.Storage, errors.Cancelled):
                raise  # nothing can be kept any more; everything below costs one type only
            except errors.EmkError as cause:
                missing.append(Missing(what=kind, why=cause.message))
            except _Gap as gap:
                missing.append(Missing(what=kind, why=gap.why))
        _Type(self, copy, FILE).read_files()
        with self.store.transaction():
            self.run.end(self._now(), missing)
        return missing

    def holdings(self) -> Holdings:
        """Where everything is that the copy has now, and what the server sent besides."""
        held = StoredHoldings(self.store, self.run.person, CardQuery(person=self.run.person)).all()
        held.add({Placed(kind, "other_person"): count for kind, count in self.changes.other_people.items()})
        held.add(Counter(Placed(key.partition("/")[0], "unread") for key in self._lost()))
        return held

    def _lost(self) -> Iterator[str]:
        """What came along with others and was not sent when its type was asked for, if it was."""
        sql = "SELECT 1 FROM piece WHERE person = ? AND id = ?"
        return (key for key in sorted(self.others) if self.store.row(sql, self.run.person, key) is None)

    def _now(self) -> str:
        return self.changes.now().isoformat(timespec="seconds")


class _Type:
    """One type of resource."""

    def __init__(self, sync: Sync, copy: Copy, kind: str) -> None:
        self.store, self.changes, self.run = sync.store, sync.changes, sync.run
        self.others = sync.others
        self.copy, self.kind = copy, kind
        self.state: Progress = self.run.of(kind)

    def bring(self) -> None:
        if self.run.is_done(self.state):
            return
        if self.kind in SUPPORTING:
            self._named()
            return
        gap = None
        try:
            self._walk() if self.state.mark is None or self._is_small_riddle() else self._changed()
        except _Gap as cause:
            gap = cause
        self._read_results()
        if gap:
            raise gap

    def _is_small_riddle(self) -> bool:
        return not self._trusted() and 0 < self._count() <= _FEW

    def _trusted(self) -> bool:
        return self.kind in APPENDED or (self.state.settled and (self.state.ordered or self._count() <= 1))

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
        if newest.total is None or newest.total != self._count():
            self._reconcile()
        self._settle(newest.etag)
        if gap:
            raise _Gap(gap)

    def _newest(self) -> Newest:
        try:
            return self.changes.newest(self.kind, self.state.etag if self._trusted() else None)
        except NotKept:
            if self._count():
                raise
            return Newest(total=0)

    def _same(self, newest: Newest) -> bool:
        if newest.same:
            return True
        if newest.total is None or newest.total != self._count():
            return False
        if newest.sent is None:
            return newest.total == 0
        return self._trusted() and self._is_last(newest.sent, self.state.mark)

    def _is_last(self, resource: Sent, mark: str | None) -> bool:
        """The copy has it as the server does, and it changed at the moment of the last change known."""
        sql = "SELECT version, updated FROM piece WHERE person = ? AND id = ?"
        stored = self.store.row(sql, self.run.person, resource.key)
        return stored == (resource.version, resource.updated) and resource.updated == mark

    def _is_sorted(self, arrival: ArrivalOrder, newest: Newest) -> bool:
        """The server puts first what changed last, or what changed first, whichever it is asked for. One answer alone is
        no proof: what a server sends in the order it stores may stand in the order of the changes by chance."""
        return arrival.is_seen and newest.sent is not None and self._is_last(newest.sent, arrival.reached)

    def _reconcile(self) -> None:
        """The ids on both sides; what the server has and never told of is fetched by the next run."""
        there = set(self.changes.keys(self.kind))
        here = {key for (key,) in self._keys()}
        self._drop(sorted(here - there))
        if there - here:
            with self.store.transaction():
                self.run.keep(replace(self.state, mark=None))
            raise _Gap(_("{count} more are on the server; sync again").format(count=len(there - here)))

    def _walk(self) -> None:
        """All of the type, from where an earlier walk broke off if the server keeps an order."""
        newest = self._newest()
        if newest.total == self._count() == 0:
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
            if self.state.cursor or self._count():
                raise
            total = 0
        self._sweep()
        count = self._count()
        self.state = replace(self.state, ordered=self._is_sorted(arrival, newest), walk=None, cursor=None)
        if since and not self.state.ordered:
            self._reconcile()  # it went on from the middle of what may have had no order
        self._settle(newest.etag)
        if gap:
            raise _Gap(gap)
        if total is not None and total - left_out > count:
            with self.store.transaction():
                self.run.keep(replace(self.state, mark=None))
            raise _Gap(_("the server counts {total}, but sent {count}").format(total=total, count=count))

    def _sweep(self) -> None:
        """What a walk through everything did not meet is gone."""
        sql = "SELECT id FROM piece WHERE person = ? AND type = ? AND run < ?"
        gone = [key for (key,) in self.store.rows(sql, self.run.person, self.kind, self.state.walk)]
        self._drop(gone)

    def _named(self) -> None:
        """Clinics and physicians: only those the card speaks of, and only whether they changed; all of them when there
        are some that did not come along with what speaks of them."""
        sql = "SELECT id FROM piece WHERE person = ? AND type = ? AND run < ?"
        stored = {key for (key,) in self.store.rows(sql, self.run.person, self.kind, self.run.number)}
        lacking = set(self._lacking())
        since = None if lacking else self.state.mark or None
        with suppress(NotKept):
            for batch in self.changes.named(self.kind, sorted(stored | lacking), since):
                with self.store.transaction():
                    self._take(batch)
        self._settle(None)

    def _lacking(self) -> Iterator[str]:
        # `'0'` is the character after `'/'`: all keys of a type in one range of the index
        sql = """SELECT DISTINCT l.target FROM link l JOIN piece p ON p.number = l.source
                 WHERE p.person = ?1 AND l.target >= ?2 || '/' AND l.target < ?2 || '0'
                 AND NOT EXISTS (SELECT 1 FROM piece k WHERE k.person = ?1 AND k.id = l.target)"""
        return (key for (key,) in self.store.rows(sql, self.run.person, self.kind))

    def _take(self, batch: Batch) -> None:
        at = self.changes.now().isoformat(timespec="seconds")
        self.others.update(batch.others)
        self.copy.take([*batch.along, *batch.matches], at)
        self.run.note_removed(self.copy.removed)

    def _drop(self, keys: Sequence[str]) -> None:
        """What the server no longer names is gone, unless a report names it and it can be read all the same."""
        for chunk in chunks(set(keys) - self._reread(set(keys) & set(self._results()))):
            with self.store.transaction():
                self.copy.drop(chunk)
                self.run.note_removed(self.copy.removed)

    def _read_results(self) -> None:
        """The results that reports name and that no search has found."""
        sql = "SELECT 1 FROM piece WHERE person = ? AND id = ?"
        self._reread({key for key in self._results() if not self.store.row(sql, self.run.person, key)})

    def read_files(self) -> None:
        """The files of documents that are kept apart from them, one at a time: each may be large."""
        for key in list(self._lacking()):
            self._reread({key})

    def _reread(self, keys: Collection[str]) -> set[str]:
        """Take what of these can be read, and tell what that was."""
        if not keys:
            return set()
        batch = self.changes.read(sorted(keys))
        with self.store.transaction():
            self._take(batch)
        return {resource.key for resource in batch.matches}

    def _results(self) -> Iterator[str]:
        """What reports, and panels, list as their results."""
        if self.kind != _RESULT:
            return iter(())
        sql = """SELECT DISTINCT l.target FROM link l JOIN piece p ON p.number = l.source
                 WHERE p.person = ?1 AND p.type IN ('DiagnosticReport', ?2)
                 AND l.target >= ?2 || '/' AND l.target < ?2 || '0'"""
        return (key for (key,) in self.store.rows(sql, self.run.person, _RESULT))

    def _settle(self, etag: str | None) -> None:
        """The type is as the server has it."""
        sql = "SELECT updated FROM piece WHERE person = ? AND type = ? AND updated IS NOT NULL"
        updates = (row[0] for row in self.store.rows(sql, self.run.person, self.kind))
        mark = max(updates, key=order, default="")
        settled = not mark or self.changes.now() - order(mark) >= _SETTLES
        with self.store.transaction():
            self.run.finish(replace(self.state, mark=mark, settled=settled, etag=etag))

    def _count(self) -> int:
        row = self.store.row("SELECT count(*) FROM piece WHERE person = ? AND type = ?", self.run.person, self.kind)
        return int(row[0]) if row else 0

    def _keys(self) -> Iterator[tuple[str]]:
        sql = "SELECT id FROM piece WHERE person = ? AND type = ?"
        return ((row[0],) for row in self.store.rows(sql, self.run.person, self.kind))


def sync(
    store: Store, person: str, changes: Changes, *, full: bool, tell: Callable[[str], None]
) -> tuple[Run, list[Missing], Holdings, list[str]]:
    """Bring the copy up to date; the run tells what changed, the texts what of it cannot be so."""
    with store.transaction():
        run = progress.begin(store, person, changes.now().isoformat(timespec="seconds"), full=full)
    turn = Sync(store, changes, run, tell)
    return run, turn.go(), turn.holdings(), turn.warnings
