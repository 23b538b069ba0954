"""Encounter ↔ preventive examinations; what is due comes from ImmunizationRecommendation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from emkcli import models
from emkcli.fhir import immunization_recommendation, visit_outcome
from emkcli.fhir.building import codeable, filled, generated_narrative
from emkcli.fhir.elements import Resource, joined, labels
from emkcli.fhir.encounter import encounter, encounter_fields, is_preventive
from emkcli.fhir.graph import Node
from emkcli.fhir.scene import Scene

if TYPE_CHECKING:
    from emkcli.fhir.write_context import WriteContext


def from_fhir(resource: Resource, node: Node, scene: Scene) -> Iterator[models.Prevention]:
    """An examination, or the vaccinations that are due."""
    if node.type == "ImmunizationRecommendation":
        yield from immunization_recommendation.from_fhir(resource, node, scene)
        return
    yield models.Prevention(
        **encounter_fields(resource, node, scene),
        type=joined(labels(resource, "type")),
        health_group=visit_outcome.health_group(resource, node, scene),
        conclusion=visit_outcome.conclusion(resource, node, scene),
        recommendations=visit_outcome.recommendations(resource, node, scene),
        next_due=visit_outcome.next_due(resource, node, scene),
    )


def to_fhir(record: models.Prevention, context: WriteContext) -> Resource:
    """R4 tells a check-up from a visit by words alone: where the document's own do not, its kind of service does."""
    words = (record.type, record.health_group, record.conclusion, *record.recommendations, record.next_due)
    resource = filled(
        **encounter(record, context),
        text=generated_narrative(record.date_text, *words),
        contained=[
            *visit_outcome.group(record.health_group, context),
            *visit_outcome.impression(record.conclusion, context),
            *visit_outcome.plan(record.recommendations, record.next_due, context),
        ],
        type=[codeable(record.type)] if record.type else None,
    )
    return resource if is_preventive(resource) else {**resource, "serviceType": {"text": "Профилактический осмотр"}}
