"""Encounter ↔ visits, and what they share with preventive examinations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from emkcli import models
from emkcli.fhir import condition, visit_outcome
from emkcli.fhir.building import UNKNOWN, code_among, codeable, dated, filled, generated_narrative
from emkcli.fhir.elements import Resource, codes, coding, concept, element, elements, joined, labels
from emkcli.fhir.graph import Node
from emkcli.fhir.references import fhir_id
from emkcli.fhir.scene import Scene

if TYPE_CHECKING:
    from emkcli.fhir.write_context import WriteContext

_PREVENTIVE = re.compile(r"диспансериз|профилактическ|профосмотр|preventive", re.IGNORECASE)
_CHECKUP_CODE = re.compile(r"Z(?:00|01|02|10)(?:\.\d+)?")
_STATUSES = re.compile("planned|arrived|triaged|in-progress|onleave|finished|cancelled|entered-in-error")


def kind_of(resource: Resource, node: Node, scene: Scene) -> type[models.Model]:
    """A visit or a preventive examination."""
    return models.Prevention if is_preventive(resource) else models.Visit


def is_preventive(resource: Resource) -> bool:
    """A check-up by its type or by an МКБ-10 reason for examining somebody healthy."""
    kinds = [*labels(resource, "type"), concept(element(resource, "serviceType")) or ""]
    if any(_PREVENTIVE.search(kind) for kind in kinds):
        return True
    return any(_CHECKUP_CODE.fullmatch(code) for code in codes(resource.get("reasonCode")))


def from_fhir(resource: Resource, node: Node, scene: Scene) -> Iterator[models.Visit]:
    """One visit."""
    reasons_of_r5 = [words for part in elements(resource, "reason") for words in labels(part, "value")]
    diagnoses = (element(part, "condition") for part in elements(resource, "diagnosis"))
    yield models.Visit(
        **encounter_fields(resource, node, scene),
        reason=scene.reasons(resource) or joined(reasons_of_r5 or labels(resource, "type")),
        diagnoses=[coding(scene.concept_at(reference, resource)) for reference in diagnoses],
        conclusion=visit_outcome.conclusion(resource, node, scene),
        recommendations=joined(visit_outcome.recommendations(resource, node, scene)),
    )


def to_fhir(record: models.Visit, context: WriteContext) -> Resource:
    """Its diagnoses are those of the document that say the same; what the document has no record of stands inside."""
    references, conditions = condition.references(record.diagnoses, context)
    advice = [record.recommendations] if record.recommendations else []
    return filled(
        **encounter(record, context),
        text=generated_narrative(record.date_text, record.reason, record.conclusion, record.recommendations),
        contained=[
            *conditions,
            *visit_outcome.impression(record.conclusion, context),
            *visit_outcome.plan(advice, None, context),
        ],
        reasonCode=[codeable(record.reason)] if record.reason else None,
        diagnosis=[{"condition": reference} for reference in references],
    )


def encounter_fields(resource: Resource, node: Node, scene: Scene) -> dict[str, Any]:
    """What every record says, of an Encounter."""
    clinic, doctor = scene.visit_staff(resource)
    return scene.fields(resource, node, ("period", "actualPeriod")) | {"clinic": clinic, "doctor": doctor}


def encounter(record: models.Visit | models.Prevention, context: WriteContext) -> Resource:
    """Whether it was at the clinic, at home or a stay is not in the record."""
    seen_by = context.parties.doctor(record)
    return filled(
        resourceType="Encounter",
        id=fhir_id(record.id),
        status=code_among(_STATUSES, record.status, "finished"),
        **{"class": UNKNOWN},
        subject=context.subject,
        participant=[{"individual": seen_by}] if seen_by else None,
        period=dated("start", record.date, record.date_text),
        serviceProvider=context.parties.clinic(record),
    )
