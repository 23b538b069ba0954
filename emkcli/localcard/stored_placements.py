"""Where the resources and statements of stored pieces are: written only where the piece itself does not tell."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import apsw

from emkcli.api.filters import categories, kept, limited
from emkcli.api.ports import CardQuery
from emkcli.clinical.dates import within
from emkcli.fhir.placement import alone, place_by_type, place_of, placements_by
from emkcli.localcard.fingerprints import FHIR
from emkcli.localcard.store import Store
from emkcli.models.content_account import Holdings, Ledger, Placed, Placements

ARRIVED = "datetime(coalesce(p.fetched_at, d.imported_at))"


def written(placements: Placements, media_type: str, kind: str, category: str | None) -> str | None:
    """For the column `piece.placements`."""
    if placements == _plain(media_type, kind, category):
        return None
    rows = [[what, place, count] for (what, place), count in sorted(placements.items()) if count]
    return json.dumps(rows, ensure_ascii=False)


def note_unread(store: Store, document: int, ledger: Ledger) -> None:
    """What was counted and never met is remembered with the document."""
    column = _written_unread(ledger.lacking())
    store.run("UPDATE document SET unread = ? WHERE number = ?", column, document)


def unread_of(store: Store, document: int) -> Placements:
    """What of a stored document is in no place."""
    sql = "SELECT placements, media_type, type, category FROM piece WHERE document = ?"
    holdings: Counter[Placed] = Counter()
    for row in store.rows(sql, document):
        holdings.update({placed: count for placed, count in _read(*row).items() if placed.place == "unread"})
    for (column,) in store.rows("SELECT unread FROM document WHERE number = ? AND unread IS NOT NULL", document):
        holdings.update({Placed(what, "unread"): count for what, count in json.loads(column)})
    return holdings


def note_all(db: apsw.Connection) -> None:
    """The places in a card that an older emk made, as far as a resource tells by itself."""
    sql = """SELECT number, type, category, content FROM piece
             WHERE media_type = ? AND (category IS NULL OR instr(content, CAST('"contained"' AS BLOB)))"""
    rows: Iterable[tuple[int, str, str | None, bytes]] = db.execute(sql, (FHIR,)).fetchall()  # type: ignore[assignment]
    for number, kind, category, content in rows:
        column = written(placements_by(kind, category, content), FHIR, kind, category)
        db.execute("UPDATE piece SET placements = ? WHERE number = ?", (column, number))


@dataclass(frozen=True)
class StoredHoldings:
    """What a store holds of one person; the records `doubled` are those that another card has too."""

    store: Store
    person: str
    query: CardQuery
    doubled: Collection[str] = ()

    def all(self) -> Holdings:
        """Of what is asked for; a document of another form is asked for with all its statements when one of them is."""
        holdings = Holdings()
        for media_type, kind, category, column, file, is_doubled, count, number, date in self._pieces():
            placements = _read(column, media_type, kind, category)
            if self._is_asked(media_type, kind, category, number, date):
                holdings.add(_moved(placements) if is_doubled else placements, file, count)
        self._add_left_out(holdings)
        return holdings

    def _pieces(self) -> Any:
        """Pieces that are alike together, unless each must be looked at."""
        since = self.query.updated_since or ""
        each = "p.number, p.date" if limited(self.query) else "NULL, NULL"
        grouped = "p.number" if limited(self.query) else "p.media_type, p.type, p.category, p.placements, p.document, 6"
        sql = f"""SELECT p.media_type, p.type, p.category, p.placements, d.file,
                         p.number IN (SELECT r.piece FROM record r WHERE r.person = ?1
                                      AND r.id IN (SELECT value FROM json_each(?2))), count(*), {each}
                  FROM piece p LEFT JOIN document d ON d.number = p.document
                  WHERE p.person = ?1 AND (?3 = '' OR {ARRIVED} >= datetime(?3)) GROUP BY {grouped}"""  # noqa: S608
        return self.store.rows(sql, self.person, json.dumps(sorted(self.doubled)), since)

    def _is_asked(self, media_type: str, kind: str, category: str | None, number: int, date: str | None) -> bool:
        if media_type == FHIR or not limited(self.query):
            return kept(kind, category, date, self.query)
        if date is not None and not within(date, self.query.since, self.query.until):
            return False
        lists = {name for (name,) in self.store.rows("SELECT category FROM record WHERE piece = ?", number)}
        return not categories(self.query) or not lists.isdisjoint(categories(self.query))

    def _add_left_out(self, holdings: Holdings) -> None:
        """What no piece has may be of any list."""
        sql = """SELECT file, unread FROM document d WHERE person = ?1 AND NOT superseded AND unread IS NOT NULL
                 AND (?2 = '' OR datetime(imported_at) >= datetime(?2))"""
        for file, unread in self.store.rows(sql, self.person, self.query.updated_since or ""):
            holdings.add({Placed(what, "unread"): count for what, count in json.loads(unread)}, file)


def _written_unread(lacking: Mapping[str, int]) -> str | None:
    """For the column `document.unread`."""
    return json.dumps(sorted(lacking.items()), ensure_ascii=False) if lacking else None


def _moved(placements: Placements) -> Placements:
    """All of it is in another card too."""
    ledger = Ledger()
    ledger.note(placements, "duplicate")
    return ledger.placed


def _read(column: str | None, media_type: str, kind: str, category: str | None) -> Placements:
    if column is None:
        return _plain(media_type, kind, category)
    return {Placed(what, place): count for what, place, count in json.loads(column)}


def _plain(media_type: str, kind: str, category: str | None) -> Placements:
    """One resource; a document of another form says itself what it holds."""
    if media_type != FHIR:
        return {}
    return alone(kind, place_of(category) if category else place_by_type(kind))
