"""Elements of a resource that have another shape than R4 gives them, so that nothing, or not all of them, is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Literal

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
_PRIMITIVE, _LIST, _NESTED = rb'"\s*:\s*(?:\[\s*)?["\d]', rb'"\s*:\s*\[', rb'"\s*:\s*[\[{]'
"""The end of a name, and what stands behind it."""
_INSIDE_AS = {
    _PRIMITIVE: (b"coding", b"timing", b"repeat", b"doseAndRate", b"low", b"high", b"referenceRange"),
    _LIST: (b"text", b"value"),
    _NESTED: (b"display", b"unit"),
}
_INSIDE = (
    # an alternative for each name: so one of another first letter is passed at once
    re.compile(b'"(?:' + b"|".join(name + shape for shape, names in _INSIDE_AS.items() for name in names) + b")"),
    re.compile(b"Quantity" + _PRIMITIVE),
    re.compile(b"CodeableConcept" + _PRIMITIVE),
)
"""Told by the bytes: no resource is walked through for what hardly any has."""
_CODED = frozenset({"ActivityDefinition", "DeviceRequest", "HealthcareService", "PractitionerRole", "SearchParameter"})
"""Types whose `code` may be a primitive or a list."""


def malformed(resource: Resource, node: Node) -> list[str]:
    """Their names, each once."""
    content = bytes(node.content)
    inside = (_name(content, match.start()) for pattern in _INSIDE for match in pattern.finditer(content))
    return sorted({*_outside(resource, node.type), *inside})


def _name(content: bytes, place: int) -> str:
    """That of an element, somewhere in it or at the quote before it."""
    end = content.index(b'"', place + 1)
    return content[content.rindex(b'"', 0, end) + 1 : end].decode("utf-8", "replace")


def _outside(resource: Resource, kind: str) -> Iterator[str]:
    return (name for name, value in resource.items() if not (_fits(name, value) or (name == "code" and kind in _CODED)))


def _fits(name: str, value: Any) -> bool:
    shape = _shape(name)
    if shape == "text":
        return not (value and isinstance(value, (dict, list)))
    return shape is None or isinstance(value, dict) or _is_object(value, is_single=shape == "one object")


@lru_cache(maxsize=2000)
def _shape(name: str) -> Literal["one object", "objects", "text"] | None:
    """What an element of a name is in every type; None where that depends on the type, or is not known."""
    choice = _CHOICE.fullmatch(name)
    if name in _OBJECT or (choice and choice[1] in _OBJECT_CHOICES):
        return "one object" if name in _SINGLE or choice else "objects"
    return "text" if name in _TEXT or (choice and choice[1] in _TEXT_CHOICES) else None


def _is_object(value: Any, *, is_single: bool) -> bool:
    """An empty or missing one has nothing that could be lost; servers put a list around a single one, or forget it."""
    items = value if isinstance(value, list) else [value]
    if value in (None, [], {}):
        return True
    return all(isinstance(item, dict) for item in items) and not (is_single and len(items) > 1)
