"""How far a sync has come: the run, and each type of resource within it. What is written here is written with the page
it speaks of, so that a run that was killed goes on where it stood."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import astuple, dataclass, replace

from emkcli.localcard.store import Store
from emkcli.models import Missing


@dataclass(frozen=True)
class Progress:
    """One type. `mark`: the newest change known once all was fetched (empty: there is nothing of the type). `ordered`:
    the server is seen to sort by change; `settled`: the newest change was over when it was fetched."""

    type: str
    mark: str | None = None
    ordered: bool = False
    settled: bool = False
    etag: str | None = None
    walk: int | None = None
    cursor: str | None = None
    done: int | None = None


@dataclass
class Run:
    """One sync of one person."""

    store: Store
    person: str
    number: int
    full: bool

    def of(self, kind: str) -> Progress:
        sql = """SELECT type, mark, ordered, settled, etag, walk, cursor, done FROM progress
                 WHERE person = ? AND type = ?"""
        row = self.store.row(sql, self.person, kind)
        return Progress(row[0], row[1], bool(row[2]), bool(row[3]), *row[4:]) if row else Progress(kind)

    def keep(self, state: Progress) -> None:
        sql = """INSERT OR REPLACE INTO progress (person, type, mark, ordered, settled, etag, walk, cursor, done)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
        self.store.run(sql, self.person, *astuple(state))

    def finish(self, state: Progress) -> None:
        self.keep(replace(state, done=self.number))

    def is_done(self, state: Progress) -> bool:
        return state.done == self.number

    def note_removed(self, removed: Counter[str]) -> None:
        """Add to what this run removed; the counter begins anew."""
        if removed:
            row = self.store.row("SELECT removed FROM run WHERE number = ?", self.number)
            total = Counter(json.loads(row[0]) if row else {}) + removed
            self.store.run("UPDATE run SET removed = ? WHERE number = ?", json.dumps(total), self.number)
            removed.clear()

    def end(self, at: str, missing: list[Missing]) -> None:
        document = json.dumps([item.to_builtins() for item in missing], ensure_ascii=False)
        self.store.run("UPDATE run SET ended_at = ?, missing = ? WHERE number = ?", at, document, self.number)

    def counts(self) -> dict[str, dict[str, int]]:
        """Records added, changed, removed and unchanged by this run, by list; a run that went on after a kill is one."""
        sql = """SELECT category, sum(added = ?1), sum(added < ?1 AND changed = ?1), count(*) FROM record
                 WHERE person = ?2 GROUP BY category ORDER BY category"""
        rows = list(self.store.rows(sql, self.number, self.person))
        row = self.store.row("SELECT removed FROM run WHERE number = ?", self.number)
        return {
            "added": {name: added for name, added, _changed, _all in rows if added},
            "changed": {name: changed for name, _added, changed, _all in rows if changed},
            "removed": json.loads(row[0]) if row else {},
            "unchanged": {
                name: rest for name, added, changed, total in rows if (rest := total - added - (changed or 0))
            },
        }


def begin(store: Store, person: str, at: str, *, full: bool) -> Run:
    """The run that was killed before, or a new one."""
    sql = 'SELECT number, "full" FROM run WHERE person = ? AND ended_at IS NULL ORDER BY number DESC LIMIT 1'
    open_run = store.row(sql, person)
    if open_run and (open_run[1] or not full):
        return Run(store, person, open_run[0], bool(open_run[1]))
    if full:
        store.run("UPDATE progress SET mark = NULL, cursor = NULL, walk = NULL, etag = NULL WHERE person = ?", person)
    number = store.run('INSERT INTO run (person, started_at, "full") VALUES (?, ?, ?)', person, at, full)
    return Run(store, person, number, full)
