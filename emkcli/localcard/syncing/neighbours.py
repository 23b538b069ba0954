"""The synced resources a record is read with: those it refers to, and those that speak of it; the same that a page of
the server brings along, so that a record reads the same from either."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

import msgspec

from emkcli.api.fhir.referenced import DESCRIBED, HOPS, unnamed
from emkcli.api.fhir.searches import ALONG
from emkcli.fhir import Graph
from emkcli.fhir.attachments import addresses
from emkcli.localcard.store import Store

SPEAKS_OF = frozenset(
    {
        ("DiagnosticReport", "Observation"),
        ("Observation", "Observation"),
        ("Composition", "Encounter"),
        ("CarePlan", "Encounter"),
        ("DocumentReference", "Composition"),
    }
)
"""Which type says something about which it refers to."""
_DEPTH = 2
"""A report lists a panel, and the panel lists its results."""
_REFERENCE = re.compile(rb'"reference"\s*:\s*"([^"\\#]+)"')
_FILE = b"Binary/"


class Row(NamedTuple):
    number: int
    key: str
    type: str
    full_url: str | None
    content: bytes


def references(content: bytes, server: str = "") -> set[str]:
    """What a resource of a server refers to, as `Type/id`, its files too; the patient is everywhere and says nothing."""
    keys = set(addresses(msgspec.json.decode(content), server)) if _FILE in content else set()
    for written in _REFERENCE.findall(content):
        bare = written.decode("utf-8", "replace").partition("/_history/")[0]
        keys.add(bare if bare.startswith("urn:") else "/".join(bare.rsplit("/", 2)[-2:]))
    return {key for key in keys if not key.startswith("Patient/")}


def graphs(store: Store, person: str, keys: Collection[str]) -> Iterator[tuple[Graph, list[Row]]]:
    """These resources with what they are read with. Those read with the very same share a graph, and nothing else is in
    it: how a record reads depends on its own neighbours alone, not on what happened to be read at the same time."""
    resources = list(_rows(store, person, keys))
    around = _Around(store, person, resources)
    alike: dict[frozenset[str], list[Row]] = defaultdict(list)
    for row in resources:
        alike[around.of(row)].append(row)
    patients = list(_of_type(store, person, "Patient"))
    for names, rows in alike.items():
        graph = Graph()
        for row in (*rows, *(around.pool[name] for name in sorted(names) if name in around.pool), *patients):
            graph.add(row.content, row.full_url)
        yield graph, rows


def affected(store: Store, person: str, keys: Collection[str]) -> set[str]:
    """The resources whose records may read differently when these change."""
    outer = list(_rows(store, person, keys))
    dependents = _dependents(store, person, {row.key for row in outer})
    for _turn in range(_DEPTH):
        described = {key for row in outer for key in _described(row)} - dependents
        outer = list(_rows(store, person, described))
        dependents |= described
    return dependents


def _dependents(store: Store, person: str, keys: Collection[str]) -> set[str]:
    """What is read with these, also by way of a visit or a role."""
    dependents: set[str] = set()
    for _turn in range(HOPS):
        needing = [row for target, row in _referring(store, person, keys) if target in _needed(row)]
        keys = {row.key for row in needing if row.type in DESCRIBED} - dependents
        dependents.update(row.key for row in needing)
    return dependents


class _Around:
    """The neighbours of a set of resources, fetched together."""

    def __init__(self, store: Store, person: str, rows: list[Row]) -> None:
        self.pool: dict[str, Row] = {}
        self._spoken: dict[str, set[str]] = defaultdict(set)
        outer = rows
        for _turn in range(_DEPTH):
            speakers = list(_speakers(store, person, outer))
            for target, row in speakers:
                self._spoken[target].add(row.key)
            outer = [row for _target, row in speakers]
            self.pool |= {row.key: row for row in outer}
        self._needed = {row.key: _needed(row) for row in rows}
        self._passed_on: dict[str, set[str]] = {}
        wanted = {key for needed in self._needed.values() for key in needed}
        for _turn in range(HOPS):
            fetched = {row.key: row for row in _rows(store, person, wanted - self._passed_on.keys())}
            self.pool |= fetched
            self._passed_on |= {key: _unnamed(row) for key, row in fetched.items() if row.type in DESCRIBED}
            wanted = {key for row_key in fetched for key in self._passed_on.get(row_key, ())}

    def of(self, row: Row) -> frozenset[str]:
        speakers = self._spoken[row.key]
        further = {key for speaker in speakers for key in self._spoken.get(speaker, ())}
        return frozenset(speakers | further | self._reached(row))

    def _reached(self, row: Row) -> set[str]:
        """What it needs, and what that needs in turn."""
        reached = outer = self._needed[row.key]
        for _turn in range(HOPS - 1):
            outer = {key for passing in outer for key in self._passed_on.get(passing, ())} - reached
            reached = reached | outer
        return reached - {row.key}


def _needed(row: Row) -> set[str]:
    """What an online list is read with: the targets of the elements it asks for, and whatever it names by an id alone."""
    if row.type not in ALONG:
        return _unnamed(row)
    resource = msgspec.json.decode(row.content, type=dict[str, msgspec.Raw])
    parts = (bytes(resource[name]) for name in ALONG[row.type] if name in resource)
    return _unnamed(row) | {key for part in parts for key in references(part)}


def _unnamed(row: Row) -> set[str]:
    server = (row.full_url or "").removesuffix(row.key)
    return set(unnamed(msgspec.json.decode(row.content), server=server))


def _described(row: Row) -> Iterator[str]:
    for key in references(row.content):
        if (row.type, key.partition("/")[0]) in SPEAKS_OF:
            yield key


def _speakers(store: Store, person: str, rows: Iterable[Row]) -> Iterator[tuple[str, Row]]:
    kinds = {row.key: row.type for row in rows}
    for target, row in _referring(store, person, kinds):
        if (row.type, kinds[target]) in SPEAKS_OF:
            yield target, row


_COLUMNS = "p.number, p.key, p.type, p.full_url, p.content"


def _referring(store: Store, person: str, keys: Collection[str]) -> Iterator[tuple[str, Row]]:
    marks = ", ".join("?" * len(keys))
    sql = f"""SELECT l.target, {_COLUMNS} FROM link l JOIN piece p ON p.number = l.source
              WHERE l.target IN ({marks}) AND p.person = ?"""  # noqa: S608
    return ((row[0], Row(*row[1:])) for row in store.rows(sql, *keys, person)) if keys else iter(())


def _rows(store: Store, person: str, keys: Collection[str]) -> Iterator[Row]:
    marks = ", ".join("?" * len(keys))
    sql = f"SELECT {_COLUMNS} FROM piece p WHERE p.person = ? AND p.id IN ({marks})"  # noqa: S608
    return (Row(*row) for row in store.rows(sql, person, *keys)) if keys else iter(())


def _of_type(store: Store, person: str, kind: str) -> Iterator[Row]:
    sql = f"SELECT {_COLUMNS} FROM piece p WHERE p.person = ? AND p.type = ?"  # noqa: S608
    return (Row(*row) for row in store.rows(sql, person, kind))
