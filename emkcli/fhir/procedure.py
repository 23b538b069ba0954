"""Procedure ↔ procedures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from emkcli import models
from emkcli.fhir.building import code_among, codeable, codeable_or_unknown, dated, fhir_date, filled, notes
from emkcli.fhir.elements import (
    Resource,
    coding,
    concept,
    element,
    elements,
    joined,
    label,
    labels,
    narrative,
    text,
)
from emkcli.fhir.graph import Node
from emkcli.fhir.observation import with_unit
from emkcli.fhir.references import fhir_id
from emkcli.fhir.resource_words import lines
from emkcli.fhir.scene import Scene

if TYPE_CHECKING:
    from emkcli.fhir.write_context import WriteContext

_DATES = ("performedDateTime", "performedPeriod")
_STATUSES = re.compile("preparation|in-progress|not-done|on-hold|stopped|completed|entered-in-error|unknown")
_FIELDS = frozenset(
    {"performedDateTime", "performedString", "performedAge", "performedRange", "code", "bodySite", "outcome"}
    | {"reasonCode", "reasonReference", "statusReason", "note", "complication", "complicationDetail", "followUp"}
    | {"recorder"}
)
"""Elements that the record has fields for or that stand in its note as they are; and who wrote it down."""
_NOT_CARRIED_OUT = frozenset({"not-done", "on-hold", "stopped"})
"""Statuses whose reason is another than that of the procedure."""


def from_fhir(resource: Resource, node: Node, scene: Scene) -> Iterator[models.Procedure]:
    """One procedure; whoever saw the patient at the visit need not have done it."""
    performers = elements(resource, "performer")
    actors = [element(performer, name) for performer in performers for name in ("actor", "onBehalfOf")]
    shared = scene.fields({**resource, "performer": actors}, node, _DATES, "performer")
    doctor = next(filter(None, (scene.doctor(actor, resource) for actor in actors)), None)
    first = coding(element(resource, "code"))
    told = frozenset(filter(None, (shared["date"], *(party.name for party in (shared["clinic"], doctor) if party))))
    yield models.Procedure(
        **shared
        | {
            "date_text": shared["date_text"] or _when_in_words(resource),
            "doctor": doctor,
        },
        code=first.code,
        system=first.system,
        display=first.display,
        reason=joined([*_reasons(resource, scene), concept(element(resource, "statusReason"))]),
        body_site=joined(labels(resource, "bodySite")),
        outcome=concept(element(resource, "outcome")),
        note=joined([*_remarks(resource, scene), _rest(resource, told, scene)], "\n"),
    )


def to_fhir(record: models.Procedure, context: WriteContext) -> Resource:
    """Nobody said that it was done where the document has no status."""
    status = code_among(_STATUSES, record.status, "unknown")
    reason = codeable(record.reason)
    return filled(
        resourceType="Procedure",
        id=fhir_id(record.id),
        status=status,
        statusReason=reason if status in _NOT_CARRIED_OUT else None,
        code=codeable_or_unknown(record.display, record.code, record.system),
        subject=context.subject,
        **_performed(record),
        performer=[{"actor": party} for party in context.parties.performers(record)],
        reasonCode=[reason] if reason and status not in _NOT_CARRIED_OUT else None,
        bodySite=[codeable(record.body_site)] if record.body_site else None,
        outcome=codeable(record.outcome),
        note=notes(record.note),
    )


def _when_in_words(resource: Resource) -> str | None:
    """A time that is no date, or an age."""
    age = with_unit({"valueQuantity": resource.get("performedAge"), "valueRange": resource.get("performedRange")})
    return text(resource, "performedString") or age


def _performed(record: models.Procedure) -> Resource:
    if fhir_date(record.date):
        return dated("performedDateTime", record.date, record.date_text)
    words = record.date_text or record.date
    return {"performedString": words} if words else {}


def _reasons(resource: Resource, scene: Scene) -> list[str | None]:
    return [*labels(resource, "reasonCode"), *_named(resource, "reasonReference", scene)]


def _remarks(resource: Resource, scene: Scene) -> list[str | None]:
    """What was remarked, what went wrong and what is to follow."""
    remarks = [text(note, "text") for note in elements(resource, "note")]
    complications = [*labels(resource, "complication"), *_named(resource, "complicationDetail", scene)]
    return [*remarks, *complications, *labels(resource, "followUp")]


def _rest(resource: Resource, told: frozenset[str], scene: Scene) -> str | None:
    """What no field holds; the narrative where it says more than the elements or these do not say what was done."""
    left = {name: part for name, part in resource.items() if name not in _FIELDS}
    stated = element(resource, "text")
    says_more = text(stated, "status") == "additional" or not label(resource.get("code"))
    return lines(left, told, narrative(stated) if says_more else None, scene)


def _named(resource: Resource, name: str, scene: Scene) -> list[str | None]:
    return [concept(scene.concept_at(reference, resource)) for reference in elements(resource, name)]
