"""What a resource is about where its narrative alone says it."""

from __future__ import annotations

from emkcli.fhir.elements import Resource, concept, element, elements, narrative, original_text, text

_NAMES = {
    "AllergyIntolerance": ("code",),
    "Condition": ("code",),
    "DiagnosticReport": ("code",),
    "Immunization": ("vaccineCode",),
    "MedicationRequest": ("medicationCodeableConcept", "medicationReference", "medication"),
    "MedicationStatement": ("medicationCodeableConcept", "medicationReference", "medication"),
    "Observation": ("code",),
    "Procedure": ("code",),
    "ServiceRequest": ("code",),
}
"""The elements that name a resource of a type; the narrative stands in the first."""
_EMPTY = "empty"


def named(resource: Resource) -> Resource:
    """The resource with the words of its narrative as its name, where no element names it."""
    kind = text(resource, "resourceType") or ""
    places = _NAMES.get(kind, ()) if "text" in resource else ()
    if not places or any(_says_something(resource, place) for place in places) or elements(resource, "component"):
        return resource
    words = narrated(resource)
    return {**resource, places[0]: {**element(resource, places[0]), "text": words}} if words else resource


def narrated(resource: Resource) -> str | None:
    """The words of the narrative in one line; of one that stands for a text of the source, that text is read elsewhere."""
    stated = element(resource, "text")
    is_own = text(stated, "status") != _EMPTY and not original_text(stated)
    words = narrative(stated) if is_own else None
    return words.replace("\n", "; ") if words else None


def _says_something(resource: Resource, place: str) -> bool:
    """Whether it is a concept in words or codes, or refers to one."""
    stated = element(resource, place)
    referred = stated | element(stated, "reference")
    told = concept(stated) or concept(element(stated, "concept"))
    return bool(told or text(referred, "reference") or text(referred, "display"))
