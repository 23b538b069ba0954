"""Which records of two stores are the same one, by the digests kept beside them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emkcli.localcard.store import Store


def note(store: Store, number: int, found: Iterable[bytes]) -> None:
    """Keep the digests of a record, in place of those it had."""
    store.run("DELETE FROM same WHERE record = ?", number)
    store.many("INSERT INTO same (record, digest) VALUES (?, ?)", [(number, digest) for digest in sorted(found)])


def pairs(one: Store, whose: str, other: Store, theirs: str, category: str) -> dict[str, str]:
    """Ids of records of `one` and the ids of the same records in `other`; in doubt two records stay two."""
    mine, imported = _by_digest(one, whose, category), _by_digest(other, theirs, category)
    found: dict[str, set[str]] = defaultdict(set)
    back: dict[str, set[str]] = defaultdict(set)
    for digest in mine.keys() & imported.keys():
        if len(mine[digest]) == len(imported[digest]) == 1:
            (left,), (right,) = mine[digest], imported[digest]
            found[left].add(right)
            back[right].add(left)
    return {left: right for left, (right, *more) in found.items() if not more and len(back[right]) == 1}


def _by_digest(store: Store, person: str, category: str) -> dict[bytes, set[str]]:
    sql = "SELECT s.digest, r.id FROM same s JOIN record r ON r.number = s.record WHERE r.person = ? AND r.category = ?"
    found: dict[bytes, set[str]] = defaultdict(set)
    for digest, ident in store.rows(sql, person, category):
        found[digest].add(ident)
    return found
