"""Any resource that no other list shows ↔ other records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from emkcli import models
from emkcli.fhir.building import as_written, codeable_or_unknown, coded, dated, filled, generated_narrative
from emkcli.fhir.device import device_name
from emkcli.fhir.elements import (
    Resource,
    concept,
    element,
    elements,
    follow,
    label,
    narrative,
    original_text,
    text,
    unit_of,
)
from emkcli.fhir.graph import Node
from emkcli.fhir.lab_report import CATEGORY, state
from emkcli.fhir.observation import value, value_of
from emkcli.fhir.references import fhir_id
from emkcli.fhir.resource_types import DATES
from emkcli.fhir.resource_words import lines
from emkcli.fhir.scene import Scene

if TYPE_CHECKING:
    from emkcli.fhir.write_context import WriteContext

_STAFF = (
    *("performer", "author", "requester", "recorder", "asserter", "assessor", "source", "sender", "provider"),
    *("prescriber", "orderer", "managingOrganization", "organization", "custodian", "interpreter"),
)
_THINGS = (
    *("title", "code", "medicationCodeableConcept", "medicationReference", "vaccineCode", "procedureCode"),
    *("codeReference", "itemCodeableConcept", "itemReference", "productCodeableConcept", "device"),
)
"""What is given, done or used, which comes before its kind also where only a code says it."""
_TITLES = (
    *("relationship", "codeCodeableConcept", "scope", "name", "description", "summary", "serviceType"),
    *("payloadString", "payload.contentString", "prediction.outcome", "suppliedItem.itemCodeableConcept"),
    *("suppliedItem.itemReference", "oralDiet.type", "supplement.type", "enteralFormula.baseFormulaType"),
    *("activity.reference", "type", "category", "topic", "modality", "event", "content", "outcomeCodeableConcept"),
    *("targetDisease", "morphology", "location", "evidence", "lensSpecification.product", "detail", "comment"),
)
"""Where a resource says what it is about, the place that says most first."""
_WHY = ("reasonCode", "reasonReference", "indication")
"""Why it is there, which is its title only where nothing says what it is."""
_AMOUNTS = ("quantity", "totalGross", "total")


def from_fhir(resource: Resource, node: Node, scene: Scene) -> Iterator[models.Other]:
    """One record, whatever is in the resource."""
    performers = [element(part, "actor") or part for part in elements(resource, "performer")]
    shared = scene.fields({**resource, "performer": performers}, node, DATES, *_STAFF)
    if node.type == "Observation":  # its category says in which list it stands, and no more
        resource = {name: part for name, part in resource.items() if name != "category"}
    title = device_name(resource) if node.type == "Device" else _title(resource, scene)
    written, unit = _measured(resource)
    told = (shared["date"], title, written, unit and f"{written} {unit}", *_names(shared))
    yield models.Other(
        **shared
        | {"status": shared["status"] or concept(element(resource, "status")) or text(resource, "lifecycleStatus")},
        type=node.type,
        title=title,
        value=written,
        unit=unit,
        text=_text(resource, frozenset(filter(None, told)), scene),
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
    """What it is, in words, else by a code; else why it is."""
    named = (_named(resource, places, scene) for places in (_THINGS, _TITLES, _WHY))
    return next(filter(None, named), None)


def _named(resource: Resource, places: tuple[str, ...], scene: Scene) -> str | None:
    stated = [part for place in places if (part := _first(resource, *place.split(".")))]
    referenced = [scene.concept_at(part, resource) for part in stated if text(part, "reference")]
    parts = [*stated, *referenced]
    return next(filter(None, map(_words, parts)), None) or next(filter(None, map(_code, parts)), None)


def _first(resource: Resource, *path: str) -> Any:
    """What stands at a path; of a list the first item."""
    part = follow(resource, *path)
    return part[0] if isinstance(part, list) and part else part


def _words(part: Any) -> str | None:
    return label(part) or text(part, "display") or text(part)


def _code(part: Any) -> str | None:
    """Of a CodeableConcept or a Coding."""
    return concept(part) or text(part, "code")


def _measured(resource: Resource) -> tuple[str | None, str | None]:
    """The one value of a resource, and its unit as printed."""
    written, measured = value_of(resource)
    if written is not None:
        return written, unit_of(measured)
    stated = next((part for name in _AMOUNTS if (part := element(resource, name))), {})
    number = text(stated, "value")
    unit = unit_of(stated) or text(stated, "currency")
    return ((text(stated, "comparator") or "") + number, unit) if number else (None, None)


def _names(shared: dict[str, Any]) -> Iterator[str]:
    return (party.name for party in (shared["clinic"], shared["doctor"]) if party)


def _text(resource: Resource, told: frozenset[str], scene: Scene) -> str | None:
    """The narrative and what it does not say; one that the source wrote to stand for all of it stands alone."""
    stated = element(resource, "text")
    if written := original_text(stated):
        return written
    readable = narrative(stated) if text(stated, "status") != "empty" else None
    return lines(resource, told, readable, scene)
