"""Elements of a resource that have another shape than R4 gives them, so that nothing, or not all of them, is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from emkcli.fhir.elements import Resource
from emkcli.fhir.graph import Node

_OBJECT = frozenset(
    [
        "bodySite",
        "clinicalStatus",
        "code",
        "component",
        "conclusionCode",
        "contained",
        "dataAbsentReason",
        "diagnosis",
        "dosage",
        "dosageInstruction",
        "encounter",
        "extension",
        "hasMember",
        "hospitalization",
        "interpretation",
        "manufacturer",
        "meta",
        "method",
        "note",
        "participant",
        "patient",
        "performer",
        "protocolApplied",
        "reaction",
        "reasonCode",
        "reasonReference",
        "referenceRange",
        "result",
        "serviceProvider",
        "specimen",
        "subject",
        "vaccineCode",
        "verificationStatus",
    ]
)
"""Elements that are objects, or lists of these, in every type that a list of the card reads."""
_SINGLE = frozenset(["clinicalStatus", "code", "encounter", "vaccineCode", "verificationStatus"])
_TEXT = frozenset(["authoredOn", "birthDate", "conclusion", "issued", "lotNumber", "recordedDate", "status"])
_CHOICE = re.compile(r"(?:value|effective|onset|abatement|occurrence|performed|medication)([A-Z]\w*)")
_OBJECT_CHOICES = frozenset(
    ["Age", "CodeableConcept", "Period", "Quantity", "Range", "Ratio", "Reference", "SampledData", "Timing"]
)
_TEXT_CHOICES = frozenset(["Boolean", "Date", "DateTime", "Integer", "String", "Time"])
_INSIDE = re.compile(
    rb'"(coding|timing|repeat|doseAndRate|low|high|referenceRange)"\s*:\s*(?:\[\s*)?["\d]|"(text|value)"\s*:\s*\[|"(display|unit)"\s*:\s*[\[{]'
    rb'|"(\w+Quantity|\w+CodeableConcept)"\s*:\s*(?:\[\s*)?["\d]'
)
"""Told by the bytes: no resource is walked through for what hardly any has."""
_CODED = frozenset({"ActivityDefinition", "DeviceRequest", "HealthcareService", "PractitionerRole", "SearchParameter"})
"""Types whose `code` may be a primitive or a list."""


def malformed(resource: Resource, node: Node) -> list[str]:
    """Their names, each once."""
    inside = (name for match in _INSIDE.finditer(bytes(node.content)) for name in match.groups() if name)
    return sorted({*_outside(resource, node.type), *(name.decode() for name in inside)})


def _outside(resource: Resource, kind: str) -> Iterator[str]:
    return (name for name, value in resource.items() if not (_fits(name, value) or (name == "code" and kind in _CODED)))


def _fits(name: str, value: Any) -> bool:
    choice = _CHOICE.fullmatch(name)
    if name in _OBJECT or (choice and choice[1] in _OBJECT_CHOICES):
        return _is_object(value, is_single=name in _SINGLE or bool(choice))
    is_text = name in _TEXT or bool(choice and choice[1] in _TEXT_CHOICES)
    return not (is_text and value and isinstance(value, (dict, list)))


def _is_object(value: Any, *, is_single: bool) -> bool:
    """An empty or missing one has nothing that could be lost; servers put a list around a single one, or forget it."""
    items = value if isinstance(value, list) else [value]
    if value in (None, [], {}):
        return True
    return all(isinstance(item, dict) for item in items) and not (is_single and len(items) > 1)
