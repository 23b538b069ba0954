"""Medication: what a medicine that has no name is made of."""

from __future__ import annotations

from emkcli.fhir.elements import Resource, amount, concept, element, elements, joined, text
from emkcli.fhir.graph import Graph


def ingredients(medication: Resource, graph: Graph) -> str | None:
    """«Amoxicillin 500 mg / 1 tablet + Clavulanic acid 125 mg / 1 tablet»."""
    return joined((_ingredient(part, medication, graph) for part in elements(medication, "ingredient")), " + ")


def _ingredient(part: Resource, medication: Resource, graph: Graph) -> str | None:
    reference = element(part, "itemReference") or element(part, "item", "reference")
    substance = graph.get(reference, medication) or {}
    stated = concept(element(part, "itemCodeableConcept")) or concept(element(part, "item", "concept"))
    name = stated or text(reference, "display") or concept(element(substance, "code"))
    strength = element(part, "strength")
    written = joined((amount(element(strength, side)) for side in ("numerator", "denominator")), " / ")
    return joined([name, written], " ")
