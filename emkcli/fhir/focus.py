"""Observation.focus: whom or what an Observation in the card of the patient is about when that is not the patient."""

from __future__ import annotations

from emkcli.fhir.device import device_name
from emkcli.fhir.elements import Resource, concept, element, elements, joined, label, text
from emkcli.fhir.graph import Graph
from emkcli.fhir.resource_types import SUPPORTING
from emkcli.fhir.scene import human_name, kind_of

_OF_THE_PATIENT = frozenset({"Specimen", "Medication", "Substance", "Location"})
"""Supporting types that are no bearer of a value: it stays the patient's own."""


def foreign(resource: Resource, graph: Graph) -> str | None:
    """By name whom or what else: another person, a fetus, a device. None where the value is the patient's own, also as
    seen in a disease, a procedure or a part of the body."""
    if "focus" not in resource:
        return None
    own = text(resource, "subject", "reference")
    others = [reference for reference in elements(resource, "focus") if not _is_own(reference, own, resource, graph)]
    return joined(_name(reference, resource, graph) for reference in others)


def named_by_focus(resource: Resource, graph: Graph) -> Resource:
    """What is about another says so before anything else."""
    other = foreign(resource, graph)
    code = element(resource, "code")
    return {**resource, "code": {**code, "text": joined([other, concept(code)], ": ")}} if other else resource


def _is_own(reference: Resource, own: str | None, resource: Resource, graph: Graph) -> bool:
    written = text(reference, "reference")
    if written and own and (written == own or graph.node(written) is graph.node(own) is not None):
        return True
    kind = kind_of(reference, graph.get(reference, resource) or {})
    return kind in _OF_THE_PATIENT or bool(kind and kind not in SUPPORTING and kind != "Group")


def _name(reference: Resource, resource: Resource, graph: Graph) -> str:
    target = graph.get(reference, resource) or {}
    named = text(reference, "display") or human_name(target) or device_name(target)
    role = label(element(target, "relationship"))
    return named or role or text(reference, "reference") or text(reference, "identifier", "value") or "?"
