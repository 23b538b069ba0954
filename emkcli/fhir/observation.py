"""Observation: which list it belongs to, and its value ↔ text; values and units stay as sent."""

from __future__ import annotations

from typing import Any

from emkcli import models
from emkcli.fhir.building import quantity
from emkcli.fhir.elements import (
    Resource,
    amount,
    codes,
    concept,
    element,
    elements,
    joined,
    label,
    systems,
    text,
    unit_of,
)
from emkcli.fhir.focus import foreign
from emkcli.fhir.graph import Node
from emkcli.fhir.lab_report import is_lab_report, is_laboratory
from emkcli.fhir.scene import Scene

OTHER_SECTIONS = frozenset(
    {"vital-signs", "social-history", "survey", "exam", "imaging", "procedure", "therapy", "activity"}
)
TESTS = "1.2.643.5.1.13.13.11.1080"
"""ФСЛИ, the federal directory of laboratory tests."""
DATES = ("effectiveDateTime", "effectivePeriod", "effectiveInstant", "effectiveTiming")
_SHOWN = 10
"""How many points of a curve are told."""
_PRIMITIVES = ("valueString", "valueInteger", "valueBoolean", "valueDateTime", "valueTime", "valueDecimal")


_VALUE = ("value", "_value")
"""How the names of its value begin, and of what is said about that."""
_SAYING = frozenset({"dataAbsentReason", "interpretation", "note"})
"""Elements besides its value by which an Observation says something of its own."""
_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"


def kind_of(resource: Resource, node: Node, scene: Scene) -> type[models.Model] | None:
    """A laboratory result, a vital sign or an other record: by the category that names either, by the directory of its
    code, by the report that lists it. One that nothing speaks against is a result, lest it vanish for lack of a category;
    one that is no more than a panel is none, and what is about somebody or something else is an other record."""
    if _is_panel(resource, scene):
        return None
    if foreign(resource, scene.graph):
        return models.Other
    if stated := stated_kind(resource.get("category")):
        return stated
    if TESTS in systems(resource.get("code")):
        return models.LabResult
    report = scene.graph.report_of(node)
    elsewhere = report and not is_lab_report(scene.graph.resource(report))
    return models.Other if elsewhere or codes(resource.get("category")) & OTHER_SECTIONS else models.LabResult


def stated_kind(category: Any) -> type[models.Model] | None:
    """What the category of an Observation says it is; None where it does not decide."""
    if is_laboratory(category):
        return models.LabResult
    return models.Vital if "vital-signs" in codes(category) else None


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
    if sampled := element(part, "valueSampledData"):
        return _samples(sampled), element(sampled, "origin")
    if period := element(part, "valuePeriod"):
        return joined([text(period, "start"), text(period, "end")], "/"), {}
    return None, {}


def says_itself(resource: Resource) -> bool:
    """Whether there is a value, or something is said of one, besides what its components say."""
    stated = (name for name, value in resource.items() if value)
    return any(name.startswith(_VALUE) or name in _SAYING for name in stated)


def remarks(part: Resource) -> str | None:
    """Its notes, and why there is no value."""
    return joined([*(text(note, "text") for note in elements(part, "note")), _absent(part)])


def with_unit(part: Resource) -> str | None:
    """The value as text, its unit behind it."""
    written, measured = value_of(part)
    return joined([written, unit_of(measured)], " ") if written else None


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


def _is_panel(resource: Resource, scene: Scene) -> bool:
    """Whether all it says is which results belong together, and these come with it."""
    is_bare = not (says_itself(resource) or elements(resource, "component"))
    return is_bare and scene.has_any_of(elements(resource, "hasMember"))


def _absent(part: Resource) -> str | None:
    """Why there is no value, in words: it is said in the value's place, or beside it."""
    stated = element(part, "dataAbsentReason")
    values = [value for name, value in part.items() if name.startswith(_VALUE)]
    extensions = (extension for value in values for extension in elements(value, "extension"))
    codes = (text(extension, "valueCode") for extension in extensions if extension.get("url") == _ABSENT)
    code = next(codes, None) or text(stated, "coding", "code")
    return label(stated) or (code and code.replace("-", " "))


def _samples(sampled: Resource) -> str | None:
    """A curve by the number of its points, how far they are apart, and the first of them."""
    points = (text(sampled, "data") or "").split()
    shown = " ".join(points[:_SHOWN]) + (" …" if len(points) > _SHOWN else "")
    return f"{len(points)} × {text(sampled, 'period') or '?'} ms: {shown}" if points else None


def _ratio(ratio: Resource) -> str | None:
    """A titre (`1:128`), or two amounts with their units."""
    parts = [element(ratio, "numerator"), element(ratio, "denominator")]
    plain = not any(text(part, "unit") for part in parts)
    return joined([amount(part) for part in parts], ":" if plain else " / ")
