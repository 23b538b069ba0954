"""Immunization ↔ vaccinations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from emkcli import models
from emkcli.clinical.dates import span
from emkcli.clinical.status import is_withdrawn
from emkcli.fhir.building import UNKNOWN, codeable, codeable_or_unknown, dated, fhir_date, filled, notes, quantity_of
from emkcli.fhir.elements import Resource, amount, concept, element, elements, joined, labels, text
from emkcli.fhir.graph import Node
from emkcli.fhir.references import fhir_id, inner_reference
from emkcli.fhir.scene import Scene

if TYPE_CHECKING:
    from emkcli.fhir.write_context import WriteContext

_DATES = ("occurrenceDateTime", "occurrenceString", "recorded")
_DOSE_NUMBERS = ("doseNumberPositiveInt", "doseNumberString")


def from_fhir(resource: Resource, node: Node, scene: Scene) -> Iterator[models.Vaccination]:
    """One vaccination, given or not."""
    actors = [element(performer, "actor") for performer in elements(resource, "performer")]
    protocols = elements(resource, "protocolApplied")
    yield models.Vaccination(
        **scene.fields({**resource, "performer": actors}, node, _DATES, "performer") | _time_in_words(resource),
        vaccine=concept(element(resource, "vaccineCode")),
        dose=amount(element(resource, "doseQuantity")),
        infections=[disease for protocol in protocols for disease in labels(protocol, "targetDisease")],
        dose_number=joined(text(protocol, name) for protocol in protocols for name in _DOSE_NUMBERS),
        lot=text(resource, "lotNumber"),
        manufacturer=_manufacturer(resource, scene),
        status_reason=concept(element(resource, "statusReason")),
        reaction=joined(_reaction(reaction, resource, scene) for reaction in elements(resource, "reaction")),
    )


def to_fhir(record: models.Vaccination, context: WriteContext) -> Resource:
    """What was given counts as completed where the document does not say otherwise; a dose that is no amount is a note."""
    dose = quantity_of(record.dose)
    maker = filled(resourceType="Organization", id="maker", name=record.manufacturer)
    return filled(
        resourceType="Immunization",
        id=fhir_id(record.id),
        contained=[maker] if record.manufacturer else None,
        status=_status(record),
        statusReason=codeable(record.status_reason),
        vaccineCode=codeable_or_unknown(record.vaccine),
        patient=context.subject,
        **_occurrence(record),
        doseQuantity=dose,
        note=notes(None if dose else record.dose),
        lotNumber=record.lot,
        manufacturer=inner_reference(maker) if record.manufacturer else None,
        performer=[{"actor": party} for party in context.parties.performers(record)],
        reaction=[{"detail": {"display": record.reaction}}] if record.reaction else None,
        protocolApplied=_protocol(record),
    )


def _status(record: models.Vaccination) -> str:
    """R4 knows three words for it, and wants one of them."""
    if is_withdrawn(record):
        return "entered-in-error"
    return "not-done" if record.status == "not-done" else "completed"


def _manufacturer(resource: Resource, scene: Scene) -> str | None:
    maker = element(resource, "manufacturer")
    named = scene.clinic(maker, resource) if maker else None
    return named.name if named else text(maker, "display")


def _reaction(reaction: Resource, owner: Resource, scene: Scene) -> str | None:
    detail = element(reaction, "detail")
    observation = scene.graph.get(detail, owner) or {}
    value = concept(element(observation, "valueCodeableConcept")) or text(observation, "valueString")
    return text(detail, "display") or value


def _time_in_words(resource: Resource) -> dict[str, str | None]:
    """A time that is no date is none to sort or to filter by."""
    words = text(resource, "occurrenceString")
    return {"date": None, "date_text": words} if words and not span(words) else {}


def _occurrence(record: models.Vaccination) -> Resource:
    """R4 wants to be told when, and has an element of its own for a time in words."""
    if fhir_date(record.date):
        return dated("occurrenceDateTime", record.date, record.date_text)
    words = record.date_text or record.date
    return {"occurrenceString": words} if words else {"_occurrenceDateTime": UNKNOWN}


def _protocol(record: models.Vaccination) -> list[Resource]:
    """R4 wants the number of a dose wherever it is told what the dose is against."""
    if not (record.infections or record.dose_number):
        return []
    number = {"doseNumberString": record.dose_number} if record.dose_number else {"_doseNumberString": UNKNOWN}
    return [filled(targetDisease=[codeable(disease) for disease in record.infections if disease], **number)]
