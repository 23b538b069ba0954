"""What a page brings along: resources it refers to (`_include`) and resources that refer to it (`_revinclude`)."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from emkcli.mock.fhir.bundle import Entry
from emkcli.mock.fhir.failure import FhirError
from emkcli.mock.fhir.kinds import KINDS, references

if TYPE_CHECKING:
    from sqlite3 import Connection

_REFERENCE = re.compile(rb'"reference":"([^"]+)"')


def included(
    db: Connection, page: list[Entry], includes: Iterable[str], revincludes: Iterable[str], patients: Collection[str]
) -> Iterator[Entry]:
    """Each resource once, and none that is on the page already."""
    keys = {(entry.kind, entry.id) for entry in page}
    forward = (ref for include in includes for ref in _targets(page, *_path(include)))
    backward = (entry for include in revincludes for entry in _sources(db, page, *_path(include), patients))
    for entry in (*_fetched(db, forward, patients), *backward):
        if (entry.kind, entry.id) not in keys:
            keys.add((entry.kind, entry.id))
            yield entry


def _path(include: str) -> tuple[str, str, str]:
    """`Observation:performer[:Organization]` → source type, element path, wanted target type."""
    source, _, rest = include.partition(":")
    name, _, target = rest.partition(":")
    path = KINDS[source].references.get(name) if source in KINDS else None
    if path is None:
        raise FhirError(400, "not-supported", f"include {include!r} is not supported")
    return source, path, target


def _targets(page: list[Entry], source: str, path: str, target: str) -> Iterator[str]:
    for entry in page:
        if entry.kind == source:
            yield from (ref for ref in references(json.loads(entry.json), path) if ref.startswith(target))


def _fetched(db: Connection, refs: Iterable[str], patients: Collection[str]) -> Iterator[Entry]:
    for ref in dict.fromkeys(refs):
        kind, _, ident = ref.partition("/")
        sql = "SELECT json, patient FROM fhir_resource WHERE type = ? AND id = ?"
        for body, owner in db.execute(sql, (kind, ident)):
            # a reference may lead into somebody else's card
            if not owner or owner in patients:
                yield Entry(kind, ident, bytes(body), "include")


def _sources(
    db: Connection, page: list[Entry], source: str, path: str, target: str, patients: Collection[str]
) -> Iterator[Entry]:
    """The stored bytes are looked through first; only what mentions the page is parsed."""
    wanted = {f"{entry.kind}/{entry.id}" for entry in page if not target or entry.kind == target}
    needles = {ref.encode() for ref in wanted}
    owners = ",".join("?" * len(patients))
    sql = f"SELECT id, json FROM fhir_resource WHERE patient IN ({owners}) AND type = ? ORDER BY seq"  # noqa: S608
    for ident, body in db.execute(sql, (*patients, source)):
        mentioned = not needles.isdisjoint(_REFERENCE.findall(body))
        if mentioned and not wanted.isdisjoint(references(json.loads(body), path)):
            yield Entry(source, ident, bytes(body), "include")
