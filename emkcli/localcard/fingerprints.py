"""What a record of the server and one of an imported document have in common when they are the same one.

A record carries digests of strong facts: its address or identifier together with what it says, or, for a result, code,
value, unit and the moment the sample was taken. What is merely similar has no digest in common. The digests are kept
beside the records, in the table `same`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import msgspec

from emkcli import models
from emkcli.clinical.dates import span
from emkcli.fhir.elements import Decimal, elements, text, within_memory

if TYPE_CHECKING:
    import apsw

    from emkcli.localcard.store import Store


FHIR = "application/fhir+json"


def digests(category: str, record: Any, media_type: str, content: bytes, full_url: str | None) -> set[bytes]:
    """The strong facts of one record, each as a digest."""
    facts: list[tuple[str | None, ...]] = []
    if category == "labs":
        facts += _measured(record)
    if media_type == FHIR:
        facts += [(*fact, *_said(category, record)) for fact in _named(content, full_url)]
        facts += [("document", name) for name in _documents(category, content)]
    elif category == "documents" and isinstance(record.source, models.FileSource):
        facts.append(("document", record.source.document_id))
    return {_digest(category, *fact) for fact in facts if None not in fact[:2]}


def _said(category: str, record: Any) -> tuple[str | None, ...]:
    place = record.id.partition("#")[2]
    return (
        place,
        _moment(record.date) or record.date,
        *(getattr(record, name) for name in models.BY_CATEGORY[category].identity),
    )


# the records of one resource come one after the other
@lru_cache(maxsize=1)
def _named(content: bytes, full_url: str | None) -> tuple[tuple[str, str], ...]:
    return tuple(_names(content, full_url))


def _names(content: bytes, full_url: str | None) -> Iterator[tuple[str, str]]:
    """The address of a resource, its very bytes and its identifiers; a number without the system that gave it names nothing."""
    if full_url and full_url.startswith(("http://", "https://", "urn:uuid:", "urn:oid:")):
        yield "address", full_url
    resource = _naming(content)
    if text(resource, "id"):
        yield "content", blake2b(content, digest_size=12).hexdigest()
    for identifier in elements(resource, "identifier"):
        system, value = text(identifier, "system"), text(identifier, "value")
        if system and value:
            yield "identifier", f"{system.removeprefix('urn:oid:')}^{value}"


def _documents(category: str, content: bytes) -> Iterator[str]:
    """`masterIdentifier` names one version of a document, as the id of a СЭМД does."""
    if category == "documents":
        for identifier in elements(_naming(content), "masterIdentifier"):
            if (system := text(identifier, "system")) and (value := text(identifier, "value")):
                yield f"{system.removeprefix('urn:oid:')}^{value}"


def _measured(record: models.LabResult) -> Iterator[tuple[str | None, ...]]:
    """The same code, value and unit at the same moment; a day alone is no moment."""
    moment, system = _moment(record.collected_at), (record.code_system or "").removeprefix("urn:oid:")
    if not (moment and system and record.code and record.value):
        return
    fact = (system, record.code, record.value.replace(",", "."), moment)
    yield ("measured", *fact, "unit", record.unit or "")
    if record.unit_code:
        yield ("measured", *fact, "ucum", record.unit_code)


def _moment(date: str | None) -> str | None:
    interval = span(date) if date else None
    return interval[0].isoformat() if interval and interval[0] == interval[1] else None


class _Naming(msgspec.Struct):
    id: Any = None
    identifier: Any = None
    masterIdentifier: Any = None  # noqa: N815


_NAMING = msgspec.json.Decoder(_Naming, float_hook=Decimal)


def _naming(content: bytes) -> dict[str, Any]:
    """The elements that name a resource; nothing else of it is decoded."""
    try:
        return msgspec.structs.asdict(_NAMING.decode(within_memory(content)))
    except (ValueError, RecursionError):
        return {}


def _digest(*parts: str | None) -> bytes:
    fact = "\x1f".join("\x00" if part is None else part for part in parts)
    return blake2b(fact.encode("utf-8", "replace"), digest_size=12).digest()


def note_anew(store: Store, number: int, facts: Iterable[bytes]) -> None:
    """Keep the digests of a record in place of those it had."""
    store.run("DELETE FROM same WHERE record = ?", number)
    note(store, number, facts)


def note(store: Store, number: int, facts: Iterable[bytes]) -> None:
    """Keep the digests of a record that is new."""
    store.many("INSERT INTO same (record, digest) VALUES (?, ?)", [(number, digest) for digest in sorted(facts)])


def note_all(db: apsw.Connection) -> None:
    """The digests of every record, for a card made before there were any."""
    sql = """SELECT r.number, r.category, r.json, p.media_type, p.content, p.full_url
             FROM record r JOIN piece p ON p.number = r.piece"""
    rows: list[Any] = db.execute(sql).fetchall()
    for number, category, content, *piece in rows:
        record = models.CATEGORIES[category].from_json(content)
        facts = [(number, digest) for digest in sorted(digests(category, record, *piece))]
        db.executemany("INSERT INTO same (record, digest) VALUES (?, ?)", facts)


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
