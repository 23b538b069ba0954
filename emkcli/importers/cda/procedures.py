"""Operations and procedures that were done to the patient; taking a sample for a laboratory is none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from emkcli import models
from emkcli.importers.cda.document_body import Scene, denied, doctor_of, planned
from emkcli.importers.cda.times import span_of, time_of
from emkcli.importers.cda.tree import Element, child, code_of, coded, get, local, words

SAMPLES = frozenset({"SPECIMENS", "RESLAB", "ANALYSERS"})
"""Sections where a procedure is how a sample was taken."""

_OPERATION = re.compile(r"операци|оперативн|хирургич|вмешательств|манипуляц", re.IGNORECASE)
"""How a document or its event is called that is about what was done."""


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
        begin, end = span_of(element)
        yield models.Procedure(
            id=scene.ident("procedure", number, element),
            **scene.when(time_of(element)) | ({"date_text": f"{begin}/{end}"} if end else {}),
            clinic=scene.header.clinic,
            doctor=_performer(element, begin, scene),
            status=get(child(element, "statusCode"), "code"),
            source=scene.source,
            code=code.code,
            system=code.uri,
            display=code.name or text,
            body_site=coded(child(element, "targetSiteCode")).name,
            note=text if code.name else None,
        )


def _performer(element: Element, begin: str | None, scene: Scene) -> models.DoctorRef | None:
    """As the procedure says, else the header of a protocol of that very operation."""
    if child(element, "performer") is not None:
        return doctor_of(element, scene)
    header = scene.header
    is_protocol = _OPERATION.search(f"{header.kind.name} {header.title} {header.event.name}")
    return header.performer if is_protocol and _is_within(begin, *header.event_days) else None


def _is_within(begin: str | None, first: str | None, last: str | None) -> bool:
    """Whether a procedure was done on the days of an event, or nothing tells that it was not."""
    return begin is None or first is None or first[:10] <= begin[:10] <= (last or first)[:10]


def _is_done(element: Element) -> bool:
    parent, code = element.getparent(), code_of(element)
    stands = parent is not None and local(parent) in ("entry", "entryRelationship", "component")
    named = bool((code.name and not code.is_field) or words(child(element, "text")))
    return stands and named and not planned(element) and not denied(element)
