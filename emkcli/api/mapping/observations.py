"""FHIR Observation → laboratory results and vital signs; values, units, ranges and flags stay as sent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from emkcli import models, units
from emkcli.api.mapping.elements import (
    Resource,
    amount,
    codes,
    concept,
    element,
    elements,
    joined,
    label,
    labels,
    number_of,
    text,
    when,
)
from emkcli.api.mapping.graph import Node
from emkcli.api.mapping.scene import Scene

UCUM = "http://unitsofmeasure.org"
LAB_SECTIONS = frozenset(
    {"LAB", "laboratory", "BG", "BLB", "CG", "CH", "GE", "HM", "IMM", "MB", "MCB", "MYC", "OSL", "SR", "TX", "VR"}
)
"""Categories that mean a laboratory: HL7 v2-0074 and observation-category."""
OTHER_SECTIONS = frozenset(
    {"vital-signs", "social-history", "survey", "exam", "imaging", "procedure", "therapy", "activity"}
)
SYSTOLIC = frozenset({"8480-6", "271649006"})
DIASTOLIC = frozenset({"8462-4", "271650006"})
_COLLECTED = ("effectiveDateTime", "effectivePeriod", "effectiveInstant")
_FLAG = re.compile(r"[A-Z<>+-]{1,4}")


def observation_kind(resource: Resource, node: Node, scene: Scene) -> type[models.Model] | None:
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


def is_lab_report(report: Resource) -> bool:
    """A DiagnosticReport of a laboratory; without a category one that lists results."""
    stated = codes(report.get("category"))
    return bool(stated & LAB_SECTIONS) if stated else bool(elements(report, "result"))


def labs(resource: Resource, node: Node, scene: Scene) -> Iterator[models.LabResult]:
    """One result, or one per component (`ID#1`, `ID#2`, …) and the panel itself only when it has a value of its own."""
    shared = _shared(resource, node, scene)
    parts = elements(resource, "component")
    name = scene.name(node)
    if not parts or _value(resource)[0] is not None:
        yield _lab(resource, name, shared)
    for number, part in enumerate(parts, 1):
        yield _lab(part, f"{name}#{number}", shared)


def _shared(resource: Resource, node: Node, scene: Scene) -> dict[str, Any]:
    found = scene.graph.report_of(node)
    report = scene.graph.resource(found) if found else {}
    clinic, doctor = scene.staff(resource, "performer")
    if report and not (clinic and doctor):
        reported = scene.staff(report, "performer", "resultsInterpreter")
        clinic, doctor = clinic or reported[0], doctor or reported[1]
    pointer = element(resource, "specimen") or element(report, "specimen")
    return {
        "report_id": scene.name(found) if found else None,
        "collected_at": _collected(resource, report, scene.graph.get(pointer, resource) or {}),
        "specimen": concept(scene.concept_at(pointer, resource)),
        "method": concept(element(resource, "method")),
        "clinic": clinic,
        "doctor": doctor,
        "status": text(resource, "status"),
        "source": scene.source,
    }


def _collected(resource: Resource, report: Resource, specimen: Resource) -> str | None:
    """When the sample was taken: the result says it, its specimen, or the report (FHIR defines its date so)."""
    taken = when(element(specimen, "collection"), "collectedDateTime", "collectedPeriod")
    return when(resource, *_COLLECTED) or taken or when(report, *_COLLECTED)


def _lab(part: Resource, name: str, shared: dict[str, Any]) -> models.LabResult:
    value, quantity = _value(part)
    number = None if text(quantity, "comparator") else number_of(value)
    code = element(part, "code", "coding")
    return models.LabResult(
        id=name,
        analyte=label(part.get("code")),
        code=text(code, "code"),
        code_system=text(code, "system"),
        value=value,
        value_number=number,
        unit=text(quantity, "unit"),
        unit_code=text(quantity, "code") if text(quantity, "system") == UCUM else None,
        reference=_reference(part),
        flag=_flag(part),
        out_of_range=_out_of_range(part, number, quantity),
        comment=joined([*(text(one, "text") for one in elements(part, "note")), _absent(part)]),
        **shared,
    )


def _value(part: Resource) -> tuple[str | None, Resource]:
    """The value as text, and the Quantity that carries its unit."""
    if quantity := element(part, "valueQuantity"):
        number = text(quantity, "value")
        return (text(quantity, "comparator") or "") + number if number else None, quantity
    if found := concept(element(part, "valueCodeableConcept")):
        return found, {}
    for name in ("valueString", "valueInteger", "valueBoolean", "valueDateTime", "valueTime", "valueDecimal"):
        if found := text(part, name):
            return found, {}
    if bounds := element(part, "valueRange"):
        return _between(bounds), element(bounds, "high") or element(bounds, "low")
    if ratio := element(part, "valueRatio"):
        return _ratio(ratio), {}
    if period := element(part, "valuePeriod"):
        return joined([text(period, "start"), text(period, "end")], "/"), {}
    return None, {}


def _between(bounds: Resource) -> str | None:
    low, high = text(bounds, "low", "value"), text(bounds, "high", "value")
    if low and high:
        return f"{low}–{high}"
    return f">={low}" if low else f"<={high}" if high else None


def _ratio(ratio: Resource) -> str | None:
    """A titre (`1:128`), or two amounts with their units."""
    parts = [element(ratio, "numerator"), element(ratio, "denominator")]
    plain = not any(text(part, "unit") for part in parts)
    return joined([amount(part) for part in parts], ":" if plain else " / ")


def _flag(part: Resource) -> str | None:
    """The first interpretation's code; words in its place only when they are a code themselves."""
    for one in elements(part, "interpretation"):
        if code := text(one, "coding", "code"):
            return code
        if (written := text(one, "text")) and _FLAG.fullmatch(written):
            return written
    return text(part, "interpretation") if isinstance(part.get("interpretation"), str) else None


def _ranges(part: Resource) -> list[Resource]:
    """Ranges for everybody before those for some (by sex, age), normal ones before critical or therapeutic ones."""
    return sorted(elements(part, "referenceRange"), key=_rank)


def _rank(one: Resource) -> tuple[bool, bool]:
    return _restricted(one), _special(one)


def _restricted(one: Resource) -> bool:
    return bool(one.get("appliesTo") or one.get("age"))


def _special(one: Resource) -> bool:
    return bool(one.get("type")) and "normal" not in codes(one.get("type"))


def _reference(part: Resource) -> models.Reference | None:
    """Of several ranges that hold for somebody alike, the words of each: the source does not tell which is the patient's."""
    found = [one for one in _ranges(part) if _told(one)]
    alike = [one for one in found if _rank(one) == _rank(found[0])]
    if len(alike) > 1:
        return models.Reference(text=joined(dict.fromkeys(filter(None, map(_told, alike)))))
    if not found:
        return None
    low, high, words = (text(found[0], *path) for path in (("low", "value"), ("high", "value"), ("text",)))
    return models.Reference(low=low, high=high, text=words)


def _told(one: Resource) -> str | None:
    """A range in words, after those for whom it is."""
    spread = text(one, "text") or _between(one)
    return joined([*labels(one, "appliesTo"), spread], ": ") if spread else None


def _absent(part: Resource) -> str | None:
    """Why there is no value, in the source's words."""
    return concept(element(part, "dataAbsentReason"))


def _out_of_range(part: Resource, number: float | None, quantity: Resource) -> bool | None:
    """Compared with the first range for everybody, when it is numeric and of the same unit."""
    ranges = _ranges(part)
    alone = len(ranges) == 1 or (len(ranges) > 1 and _rank(ranges[0]) < _rank(ranges[1]))
    if number is None or not alone or any(_rank(ranges[0])):
        return None
    bounds = {side: element(ranges[0], side) for side in ("low", "high") if element(ranges[0], side)}
    limits = {side: number_of(text(bound, "value")) for side, bound in bounds.items()}
    if not bounds or None in limits.values() or not all(same_unit(quantity, bound) for bound in bounds.values()):
        return None
    low, high = limits.get("low"), limits.get("high")
    return bool((low is not None and number < low) or (high is not None and number > high))


def same_unit(one: Resource, other: Resource) -> bool:
    """Whether two Quantities are in one unit: by code where both have one, else as printed; none matches only none."""
    if text(one, "code") and text(other, "code"):
        return units.normal(text(one, "code")) == units.normal(text(other, "code"))
    known = [{units.normal(found) for name in ("unit", "code") if (found := text(side, name))} for side in (one, other)]
    return bool(known[0] & known[1]) or not (known[0] or known[1])


def vitals(resource: Resource, node: Node, scene: Scene) -> Iterator[models.Vital]:
    """One sign; blood pressure «120/80» in one, every other set of components apart."""
    clinic, doctor = scene.staff(resource, "performer")
    shared = {
        "date": when(resource, *_COLLECTED),
        "clinic": clinic,
        "doctor": doctor,
        "status": text(resource, "status"),
        "source": scene.source,
    }
    name, parts = scene.name(node), elements(resource, "component")
    pressure = _pressure(parts)
    value, quantity = _value(resource)
    if pressure or value or not parts:
        yield _vital(resource, name, pressure or (value, text(quantity, "unit")), shared)
    if not pressure:
        for number, part in enumerate(parts, 1):
            value, quantity = _value(part)
            yield _vital(part, f"{name}#{number}", (value, text(quantity, "unit")), shared)


def _vital(part: Resource, name: str, measured: tuple[str | None, str | None], shared: dict[str, Any]) -> models.Vital:
    code = text(part, "code", "coding", "code")
    return models.Vital(
        id=name, code=code, display=label(part.get("code")), value=measured[0], unit=measured[1], **shared
    )


def _pressure(parts: list[Resource]) -> tuple[str, str | None] | None:
    upper = next((part for part in parts if codes(part.get("code")) & SYSTOLIC), None)
    lower = next((part for part in parts if codes(part.get("code")) & DIASTOLIC), None)
    if upper is None or lower is None:
        return None
    high, low = _value(upper)[0], _value(lower)[0]
    return (f"{high}/{low}", text(upper, "valueQuantity", "unit")) if high and low else None
