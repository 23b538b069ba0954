"""The codes of what names a resource, or a part of one, that no field has."""

from __future__ import annotations

from collections.abc import Iterator

from emkcli.fhir.elements import Resource, element, elements, joined, text
from emkcli.fhir.read_elements import CODES, NO_SYSTEM, READ
from emkcli.fhir.resource_words import Line


def further_codes(part: Resource, kind: str) -> Iterator[Line]:
    """Each with its words and its system."""
    for name in (name for name in CODES if name in part and name in READ[kind]):
        told = 0 if kind in NO_SYSTEM else CODES[name]
        for coding in elements(element(part, name), "coding")[told:]:
            stated = (text(coding, "code"), text(coding, "display"), text(coding, "system"))
            if words := joined(stated, ", "):
                yield Line(f"{name}.coding", words)
