"""Observation: which list it belongs to, and its value ↔ text; values and units stay as sent."""

from __future__ import annotations

from typing import Any

from emkcli import models
from emkcli.fhir.building import quantity
from emkcli.fhir.elements import Resource, amount, codes, concept, element, joined, text
from emkcli.fhir.graph import Node
from emkcli.fhir.lab_report import LAB_SECTIONS, is_lab_report
from emkcli.fhir.scene import Scene

OTHER_SECTIONS = frozenset(
    {"vital-signs", "social-history", "survey", "exam", "imaging", "procedure", "therapy", "activity"}
)
DATES = ("effectiveDateTime", "effectivePeriod", "effectiveInstant")
_PRIMITIVES = ("valueString", "valueInteger", "valueBoolean", "valueDateTime", "valueTime", "valueDecimal")


def kind_of(resource: Resource, node: Node, scene: Scene) -> type[models.Model] | None:
    """A laboratory result, a vital sign or neither: by its own category, without one by the report that lists it."""
    decided, kind = stated_kind(resource.get("category"))
    if decided:
        return kind
    report = scene.graph.report_of(node)
    if report and not is_lab_report(scene.graph.resource(report)):
        return None
    return models.LabResult


def stated_kind(category: Any) -> tuple[bool, type[models.Model] | None]:
    """Whether the category of an Observation decides what it is, and what."""
    stated = codes(category)
    if stated & LAB_SECTIONS:
        return True, models.LabResult
    if "vital-signs" in stated:
        return True, models.Vital
    return bool(stated & OTHER_SECTIONS), None


def value_of(part: Resource) -> tuple[str | None, Resource]:
    """The value as text, and the Quantity that carries its unit."""
    if measured := element(part, "valueQuantity"):
        number = text(measured, "value")
        return (text(measured, "comparator") or "") + number if number else None, measured
    if words := concept(element(part, "valueCodeableConcept")):
        return words, {}
    for name in _PRIMITIVES:
        if words := text(part, name):
            return words, {}
    if bounds := element(part, "valueRange"):
        return between(bounds), element(bounds, "high") or element(bounds, "low")
    if ratio := element(part, "valueRatio"):
        return _ratio(ratio), {}
    if period := element(part, "valuePeriod"):
        return joined([text(period, "start"), text(period, "end")], "/"), {}
    return None, {}


def value(written: str | None, unit: str | None, unit_code: str | None = None) -> Resource:
    """A number as a Quantity with its digits, anything else as text with its unit in it."""
    if not written:
        return {}
    if number := quantity(written, unit, unit_code):
        return {"valueQuantity": number}
    return {"valueString": joined((written, unit), " ")}


def between(bounds: Resource) -> str | None:
    """A Range in words."""
    low, high = text(bounds, "low", "value"), text(bounds, "high", "value")
    if low and high:
        return f"{low}–{high}"
    return f">={low}" if low else f"<={high}" if high else None


def _ratio(ratio: Resource) -> str | None:
    """A titre (`1:128`), or two amounts with their units."""
    parts = [element(ratio, "numerator"), element(ratio, "denominator")]
    plain = not any(text(part, "unit") for part in parts)
    return joined([amount(part) for part in parts], ":" if plain else " / ")
