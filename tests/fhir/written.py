"""Records written as FHIR and read again, the way an export goes out and comes back."""

from __future__ import annotations

from typing import Any

from emkcli import fhir, models
from emkcli.fhir import Graph, Identity, Resource, Scene
from emkcli.fhir.resource_writer import ResourceWriter
from emkcli.fhir.write_context import SourceDocument
from emkcli.models import CATEGORY_OF

WHOSE = Identity(
    name="Пробная Анна Львовна",
    family="Пробная",
    given=("Анна", "Львовна"),
    birth_date="1979-06-01",
    sex="female",
    identifiers=(("https://fhir.ru/ig/core/systems/snils", "00000010224"),),
)
PATIENT = models.DocumentPatient(name=WHOSE.name, birth_date=WHOSE.birth_date, snils=WHOSE.snils)


def document(*records: Any) -> SourceDocument:
    return SourceDocument(b"<ClinicalDocument/>", "application/xml", None, records)


def raws(*records: Any) -> list[models.Raw]:
    """What an export has of a document with these records."""
    return list(ResourceWriter("p-1", WHOSE).resources(document(*records)))


def resources(*records: Any, kind: str | None = None) -> list[Resource]:
    decoded = [fhir.decode(raw.content) for raw in raws(*records)]
    return [one for one in decoded if kind in (None, one["resourceType"])]


def reread(*records: Any) -> list[Any]:
    """The records of the same lists, read from what was written."""
    graph = Graph()
    for raw in raws(*records):
        graph.add(raw.content)
    scene = Scene(graph, today="2026-04-01")
    return [record for node in graph.nodes for record in fhir.records(node, scene)]


def reread_one(record: Any) -> Any:
    """The one record that became of one."""
    (found,) = reread(record)
    assert CATEGORY_OF[type(found)] == CATEGORY_OF[type(record)]
    return found
