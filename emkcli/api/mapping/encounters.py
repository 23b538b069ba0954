"""FHIR Encounter → visits and preventive examinations."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from emkcli import models
from emkcli.api.mapping.documents import sections
from emkcli.api.mapping.elements import Resource, codes, coding, concept, element, elements, joined, labels, text, when
from emkcli.api.mapping.graph import Node
from emkcli.api.mapping.scene import Scene

_PREVENTIVE = re.compile(r"диспансериз|профилактическ|профосмотр|preventive", re.IGNORECASE)
_CHECKUP_CODE = re.compile(r"Z(?:00|01|02|10)(?:\.\d+)?")
_HEALTH_GROUP = re.compile(r"групп\w* здоровья", re.IGNORECASE)
HEALTH_GROUP_FIELD = "6020"
"""«Группа здоровья» in the directory of coded fields (…99.2.166)."""
CONCLUSION = frozenset({"51848-0", "RESINFO"})
ADVICE = frozenset({"18776-5", "REGIME"})


def is_preventive(resource: Resource) -> bool:
    """A check-up by its type or by an МКБ-10 reason for examining somebody healthy."""
    kinds = [*labels(resource, "type"), concept(element(resource, "serviceType")) or ""]
    if any(_PREVENTIVE.search(kind) for kind in kinds):
        return True
    return any(_CHECKUP_CODE.fullmatch(code) for code in codes(resource.get("reasonCode")))


def visit(resource: Resource, node: Node, scene: Scene) -> models.Visit:
    later = [known for one in elements(resource, "reason") for known in labels(one, "value")]  # R5
    reasons = labels(resource, "reasonCode") or later or labels(resource, "type")
    return models.Visit(
        **_shared(resource, node, scene),
        reason=joined(reasons),
        diagnoses=[_diagnosis(one, resource, scene) for one in elements(resource, "diagnosis")],
        conclusion=_written(node, scene, CONCLUSION),
        recommendations=_written(node, scene, ADVICE),
    )


def prevention(resource: Resource, node: Node, scene: Scene) -> models.Prevention:
    advice = _written(node, scene, ADVICE)
    return models.Prevention(
        **_shared(resource, node, scene),
        type=joined(labels(resource, "type")),
        health_group=_health_group(node, scene),
        conclusion=_written(node, scene, CONCLUSION),
        recommendations=[advice] if advice else [],
        next_due=_next_due(node, scene),
    )


def _shared(resource: Resource, node: Node, scene: Scene) -> dict[str, Any]:
    clinic, doctor = scene.visit_staff(resource)
    return {
        "id": scene.name(node),
        "date": when(resource, "period", "actualPeriod"),
        "clinic": clinic,
        "doctor": doctor,
        "status": text(resource, "status"),
        "source": scene.source,
    }


def _diagnosis(one: Resource, owner: Resource, scene: Scene) -> models.Coding:
    return coding(scene.concept_at(element(one, "condition"), owner))


def _written(node: Node, scene: Scene, wanted: Collection[str]) -> str | None:
    """What the protocol of a visit says in a section."""
    papers = (scene.graph.resource(paper) for paper in scene.graph.about(node, "Composition"))
    return next(filter(None, (joined(one.text for one in sections(paper, wanted)) for paper in papers)), None)


def _health_group(node: Node, scene: Scene) -> str | None:
    """From its Observation; a protocol says it in a section of that name."""
    for found in scene.graph.about(node, "Observation"):
        one = scene.graph.resource(found)
        if HEALTH_GROUP_FIELD in codes(one.get("code")) or _HEALTH_GROUP.search(concept(one.get("code")) or ""):
            return concept(element(one, "valueCodeableConcept")) or text(one, "valueString")
    papers = (scene.graph.resource(paper) for paper in scene.graph.about(node, "Composition"))
    parts = (one for paper in papers for one in sections(paper))
    return next((one.text for one in parts if _HEALTH_GROUP.fullmatch(one.title or "")), None)


def _next_due(node: Node, scene: Scene) -> str | None:
    """When the plan made at the examination asks to come again."""
    for plan in scene.graph.about(node, "CarePlan"):
        for activity in elements(scene.graph.resource(plan), "activity"):
            if due := when(element(activity, "detail"), "scheduledPeriod", "scheduledString"):
                return due
    return None
