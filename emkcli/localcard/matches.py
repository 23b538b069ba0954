"""Which records of two stores are the same one, by the digests kept beside them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emkcli.localcard.store import Store


def note(store: Store, number: int, digests: Iterable[bytes]) -> None:
    """Keep the digests of a record, in place of those it had."""
    store.run("DELETE FROM same WHERE record = ?", number)
    store.many("INSERT INTO same (record, digest) VALUES (?, ?)", [(number, digest) for digest in sorted(digests)])


def pairs(synced: Store, synced_person: str, imports: Store, imported_person: str, category: str) -> dict[str, str]:
    """Ids of records of `synced` and the ids of the same records in `imports`; in doubt two records stay two."""
    synced_ids = _by_digest(synced, synced_person, category)
    imported_ids = _by_digest(imports, imported_person, category)
    matches: dict[str, set[str]] = defaultdict(set)
    back: dict[str, set[str]] = defaultdict(set)
    for digest in synced_ids.keys() & imported_ids.keys():
        if len(synced_ids[digest]) == len(imported_ids[digest]) == 1:
            (left,), (right,) = synced_ids[digest], imported_ids[digest]
            matches[left].add(right)
            back[right].add(left)
    return {left: right for left, (right, *more) in matches.items() if not more and len(back[right]) == 1}


def _by_digest(store: Store, person: str, category: str) -> dict[bytes, set[str]]:
    sql = "SELECT s.digest, r.id FROM same s JOIN record r ON r.number = s.record WHERE r.person = ? AND r.category = ?"
    ids: dict[bytes, set[str]] = defaultdict(set)
    for digest, ident in store.rows(sql, person, category):
        ids[digest].add(ident)
    return ids
