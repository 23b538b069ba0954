"""Any resource that no other list shows ↔ other records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from emkcli import models
from emkcli.fhir.building import as_written, codeable_or_unknown, coded, dated, filled, generated_narrative
from emkcli.fhir.elements import (
    Resource,
    concept,
    element,
    elements,
    label,
    narrative,
    original_text,
    text,
)
from emkcli.fhir.graph import Node
from emkcli.fhir.lab_report import CATEGORY, state
from emkcli.fhir.observation import unit_of, value, value_of
from emkcli.fhir.references import fhir_id
from emkcli.fhir.resource_types import DATES
from emkcli.fhir.resource_words import IsTold, lines
from emkcli.fhir.scene import Scene

if TYPE_CHECKING:
    from emkcli.fhir.write_context import WriteContext

_STAFF = (
    *("performer", "author", "requester", "recorder", "asserter", "assessor", "source", "sender", "provider"),
    *("prescriber", "orderer", "managingOrganization", "organization", "custodian", "interpreter"),
)
_TITLES = (
    *("title", "code", "medicationCodeableConcept", "medicationReference", "relationship", "vaccineCode"),
    *("procedureCode", "codeCodeableConcept", "itemCodeableConcept", "productCodeableConcept", "scope", "name"),
    *("description", "serviceType", "reasonCode", "payloadString", "type", "category", "topic", "modality", "event"),
    *("content", "outcomeCodeableConcept"),
)
"""Elements that say what a resource is about, the one that says most first."""
_AMOUNTS = ("quantity", "totalGross", "total")


def from_fhir(resource: Resource, node: Node, scene: Scene) -> Iterator[models.Other]:
    """One record, whatever is in the resource."""
    performers = [element(part, "actor") or part for part in elements(resource, "performer")]
    shared = scene.fields({**resource, "performer": performers}, node, DATES, *_STAFF)
    if node.type == "Observation":  # its category says in which list it stands, and no more
        resource = {name: part for name, part in resource.items() if name != "category"}
    title = _title(resource, scene)
    written, unit = _measured(resource)
    told = {shared["date"], title, written, unit and f"{written} {unit}"}
    yield models.Other(
        **shared | {"status": _status(resource)},
        type=node.type,
        title=title,
        value=written,
        unit=unit,
        text=_text(resource, _told(shared, told), scene),
    )


def to_fhir(record: models.Other, context: WriteContext) -> Resource:
    """A statement of a document is what somebody observed; its text stands as it was written."""
    readable = generated_narrative(record.text)
    return filled(
        resourceType="Observation",
        id=fhir_id(record.id),
        text={**readable, **as_written(str(record.text))} if readable else None,
        status=state(record.status),
        category=[coded(CATEGORY, "exam") | filled(text=record.type)],
        code=codeable_or_unknown(record.title),
        subject=context.subject,
        **dated("effectiveDateTime", record.date, record.date_text),
        performer=context.parties.performers(record),
        **value(record.value, record.unit),
    )


def _title(resource: Resource, scene: Scene) -> str | None:
    """In words, else by a code."""
    stated = [element(resource, name) or resource.get(name) for name in _TITLES if name in resource]
    referenced = [scene.concept_at(part, resource) for part in stated if text(part, "reference")]
    parts = [*stated, *referenced]
    return next(filter(None, map(_words, parts)), None) or next(filter(None, map(concept, parts)), None)


def _words(part: Any) -> str | None:
    return label(part) or text(part, "display") or text(part)


def _measured(resource: Resource) -> tuple[str | None, str | None]:
    """The one value of a resource, and its unit as printed."""
    written, measured = value_of(resource)
    if written is not None:
        return written, unit_of(measured)
    stated = next((part for name in _AMOUNTS if (part := element(resource, name))), {})
    number = text(stated, "value")
    return (text(stated, "comparator") or "") + number if number else None, unit_of(stated) if number else None


def _told(shared: dict[str, Any], values: set[str | None]) -> IsTold:
    """Names are said wherever they stand, a value only where it stands in the resource itself."""
    names = {party.name for party in (shared["clinic"], shared["doctor"]) if party}
    return lambda path, words: words in names or ("." not in path and words in values)


def _status(resource: Resource) -> str | None:
    return text(resource, "status") or concept(element(resource, "status")) or text(resource, "lifecycleStatus")


def _text(resource: Resource, is_told: IsTold, scene: Scene) -> str | None:
    """The narrative and what it does not say; one that the source wrote to stand for all of it stands alone."""
    stated = element(resource, "text")
    if written := original_text(stated):
        return written
    readable = narrative(stated) if text(stated, "status") != "empty" else None
    return lines(resource, is_told, readable, scene)
