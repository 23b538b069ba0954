"""Operations and procedures that were done to the patient; taking a sample for a laboratory is none."""

from __future__ import annotations

from collections.abc import Iterator

from emkcli import models
from emkcli.importers.cda.document_body import Scene, denied, doctor_of, planned
from emkcli.importers.cda.times import time_of
from emkcli.importers.cda.tree import Element, child, code_of, coded, get, local, words

SAMPLES = frozenset({"SPECIMENS", "RESLAB", "ANALYSERS"})
"""Sections where a procedure is how a sample was taken."""


def procedures(scene: Scene) -> Iterator[models.Procedure]:
    """In the order of the document; who did it where that is told, nobody else."""
    elements = (
        element
        for part in scene.sections()
        if part.kind.code not in SAMPLES
        for element in part.all("procedure")
        if _is_done(element)
    )
    for number, element in enumerate(elements, 1):
        code, text = code_of(element), words(child(element, "text"))
        yield models.Procedure(
            id=scene.ident("procedure", number, element),
            **scene.when(time_of(element)),
            clinic=scene.header.clinic,
            doctor=doctor_of(element, scene) if child(element, "performer") is not None else None,
            status=get(child(element, "statusCode"), "code"),
            source=scene.source,
            code=code.code,
            system=code.uri,
            display=code.name or text,
            body_site=coded(child(element, "targetSiteCode")).name,
            note=text if code.name else None,
        )


def _is_done(element: Element) -> bool:
    parent, code = element.getparent(), code_of(element)
    stands = parent is not None and local(parent) in ("entry", "entryRelationship", "component")
    named = bool((code.name and not code.is_field) or words(child(element, "text")))
    return stands and named and not planned(element) and not denied(element)
