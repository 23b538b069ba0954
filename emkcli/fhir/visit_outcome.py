"""What a visit ended with ↔ the resources that speak of an Encounter.

A server says it in a Composition, an Observation and a CarePlan beside the Encounter; what is made of a document stands
inside the Encounter, as nothing else there names it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from emkcli.fhir.building import codeable, dated, fhir_date, filled
from emkcli.fhir.composition import sections
from emkcli.fhir.elements import Resource, codes, concept, contained, element, elements, joined, text, when
from emkcli.fhir.graph import Node
from emkcli.fhir.scene import Scene

if TYPE_CHECKING:
    from emkcli.fhir.write_context import WriteContext

_HEALTH_GROUP = re.compile(r"групп\w* здоровья", re.IGNORECASE)
HEALTH_GROUP_FIELD = "6020"
"""«Группа здоровья» in the directory of coded fields (…99.2.166)."""
_FIELDS = "urn:oid:1.2.643.5.1.13.13.99.2.166"
CONCLUSION = frozenset({"51848-0", "RESINFO"})
ADVICE = frozenset({"18776-5", "REGIME"})
_AROUND = {"reference": "#"}
"""The Encounter that a resource stands in."""


def conclusion(resource: Resource, node: Node, scene: Scene) -> str | None:
    """The summary of a ClinicalImpression inside, else a section of the visit's protocol."""
    summaries = (text(impression, "summary") for impression in _inside(resource, "ClinicalImpression"))
    return next(filter(None, summaries), None) or joined(_sections(node, scene, CONCLUSION))


def recommendations(resource: Resource, node: Node, scene: Scene) -> list[str]:
    """The activities of a CarePlan inside, else the sections of the visit's protocol."""
    activities = (activity for plan in _inside(resource, "CarePlan") for activity in elements(plan, "activity"))
    described = [words for activity in activities if (words := text(activity, "detail", "description"))]
    return described or _sections(node, scene, ADVICE)


def next_due(resource: Resource, node: Node, scene: Scene) -> str | None:
    """When the plan made at the examination asks to come again."""
    for plan in _about(resource, node, scene, "CarePlan"):
        for activity in elements(plan, "activity"):
            if due := when(element(activity, "detail"), "scheduledPeriod", "scheduledString"):
                return due
    return None


def health_group(resource: Resource, node: Node, scene: Scene) -> str | None:
    """From its Observation; a protocol says it in a section of that name."""
    for observation in _about(resource, node, scene, "Observation"):
        code = observation.get("code")
        if HEALTH_GROUP_FIELD in codes(code) or _HEALTH_GROUP.search(concept(code) or ""):
            return concept(element(observation, "valueCodeableConcept")) or text(observation, "valueString")
    parts = (part for paper in _about(resource, node, scene, "Composition") for part in sections(paper))
    return next((part.text for part in parts if _HEALTH_GROUP.fullmatch(part.title or "")), None)


def impression(summary: str | None, context: WriteContext) -> list[Resource]:
    """The conclusion."""
    return _spoken("ClinicalImpression", "conclusion", context, status="completed", summary=summary) if summary else []


def plan(advice: Sequence[str], due: str | None, context: WriteContext) -> list[Resource]:
    """An activity for each recommendation, and one for the next visit; how far they got nobody said."""
    details = [{"status": "unknown", "description": words} for words in advice if words]
    if due:
        details.append({"status": "scheduled", **_schedule(due)})
    activities = [{"detail": detail} for detail in details]
    status = {"status": "unknown", "intent": "proposal"}
    return _spoken("CarePlan", "recommendations", context, **status, activity=activities) if activities else []


def group(value: str | None, context: WriteContext) -> list[Resource]:
    """The health group."""
    code = codeable("Группа здоровья", HEALTH_GROUP_FIELD, _FIELDS)
    stated = {"status": "final", "code": code, "valueCodeableConcept": codeable(value)}
    return _spoken("Observation", "health-group", context, **stated) if value else []


def _schedule(due: str) -> Resource:
    return {"scheduledPeriod": dated("start", due)} if fhir_date(due) else {"scheduledString": due}


def _spoken(kind: str, ident: str, context: WriteContext, **stated: object) -> list[Resource]:
    return [filled(resourceType=kind, id=ident, subject=context.subject, encounter=_AROUND, **stated)]


def _inside(resource: Resource, kind: str) -> list[Resource]:
    return [inner for inner in contained(resource, kind) if element(inner, "encounter") == _AROUND]


def _about(resource: Resource, node: Node, scene: Scene, kind: str) -> Iterator[Resource]:
    yield from _inside(resource, kind)
    yield from (scene.graph.resource(other) for other in scene.graph.about(node, kind))


def _sections(node: Node, scene: Scene, wanted: Collection[str]) -> list[str]:
    """What the first protocol of a visit that has such sections says in them."""
    papers = (scene.graph.resource(paper) for paper in scene.graph.about(node, "Composition"))
    return next(filter(None, ([part.text for part in sections(paper, wanted)] for paper in papers)), [])
