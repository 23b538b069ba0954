"""The synced resources a record is read with: those it refers to, and those that speak of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from emkcli.api.filters import SUPPORTING
from emkcli.api.mapping import Graph
from emkcli.record.store import Store

NEEDS = frozenset(
    {
        ("Observation", "Specimen"),
        ("Observation", "Encounter"),
        ("DiagnosticReport", "Encounter"),
        ("MedicationRequest", "Encounter"),
        ("Condition", "Encounter"),
        ("ServiceRequest", "Encounter"),
        ("Encounter", "Condition"),
        ("DocumentReference", "Composition"),
        ("Immunization", "Observation"),
    }
)
"""Which type is read with which it refers to, beside clinics and physicians; what online lists ask to come along."""
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
_REFERENCE = re.compile(rb'"reference"\s*:\s*"([^"\\#]+)"')


class Row(NamedTuple):
    number: int
    key: str
    type: str
    full_url: str | None
    content: bytes


def references(content: bytes) -> set[str]:
    """What a resource refers to, as `Type/id`; the patient is everywhere and says nothing."""
    found = set()
    for written in _REFERENCE.findall(content):
        bare = written.decode("utf-8", "replace").partition("/_history/")[0]
        found.add(bare if bare.startswith("urn:") else "/".join(bare.rsplit("/", 2)[-2:]))
    return {one for one in found if not one.startswith("Patient/")}


def graph(store: Store, person: str, keys: Collection[str]) -> tuple[Graph, list[Row]]:
    """These resources with all they are read with; the rows are those asked for."""
    asked = list(_rows(store, person, keys))
    known = {row.key: row for row in asked}
    outer = asked
    for _turn in range(_DEPTH):  # a report lists a panel, the panel lists its results
        outer = [row for row in _speakers(store, person, outer) if row.key not in known]
        known |= {row.key: row for row in outer}
    outer = list(known.values())
    for _turn in range(_DEPTH + 1):
        wanted = {key for row in outer for key in _needed(row)} - known.keys()
        outer = list(_rows(store, person, wanted))
        known |= {row.key: row for row in outer}
    found = Graph()
    for row in known.values():
        found.add(row.content, row.full_url)
    for row in _of_type(store, person, "Patient"):
        found.add(row.content, row.full_url)
    return found, asked


def affected(store: Store, person: str, keys: Collection[str]) -> set[str]:
    """The resources whose records may read differently when these change."""
    found: set[str] = set()
    outer = list(_rows(store, person, keys))
    for _turn in range(_DEPTH):
        reached = {row.key for row in _readers(store, person, outer)} | {key for row in outer for key in _described(row)}
        outer = list(_rows(store, person, reached - found))
        found |= reached
    return found


def _needed(row: Row) -> Iterator[str]:
    for key in references(row.content):
        kind = key.partition("/")[0]
        if kind in SUPPORTING or (row.type, kind) in NEEDS:
            yield key


def _described(row: Row) -> Iterator[str]:
    for key in references(row.content):
        if (row.type, key.partition("/")[0]) in SPEAKS_OF:
            yield key


def _speakers(store: Store, person: str, rows: Iterable[Row]) -> Iterator[Row]:
    kinds = {row.key: row.type for row in rows}
    for target, row in _referring(store, person, kinds):
        if (row.type, kinds[target]) in SPEAKS_OF:
            yield row


def _readers(store: Store, person: str, rows: Iterable[Row]) -> Iterator[Row]:
    kinds = {row.key: row.type for row in rows}
    for target, row in _referring(store, person, kinds):
        if kinds[target] in SUPPORTING or (row.type, kinds[target]) in NEEDS:
            yield row


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
