"""Which documents a document says that it replaces (`relatesTo` of a DocumentReference and of a Composition)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from emkcli.fhir.elements import Resource, codes, elements, text

_TARGETS = ("target", "targetReference", "resourceReference")
"""The R4 DocumentReference, the R4 Composition, and the R5 Composition name it by an element of their own."""


def replaced_by(relations: Any) -> Iterator[str]:
    """The addresses of those that no longer count."""
    for relation in elements({"relatesTo": relations}, "relatesTo"):
        if _replaces(relation):
            addresses = (text(relation, target, "reference") for target in _TARGETS)
            yield from filter(None, addresses)


def _replaces(relation: Resource) -> bool:
    """R5 says it by a CodeableConcept or as `type`."""
    stated = {text(relation, "code"), text(relation, "type"), *codes(relation.get("code"))}
    return "replaces" in stated
