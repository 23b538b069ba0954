"""Composition ↔ the sections of a document."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from emkcli import models
from emkcli.fhir.building import UNKNOWN, as_written, codeable_or_unknown, fhir_date, filled, generated_narrative
from emkcli.fhir.elements import Resource, codes, concept, element, elements, narrative, original_text, text
from emkcli.fhir.graph import Node
from emkcli.fhir.scene import Scene

if TYPE_CHECKING:
    from emkcli.fhir.write_context import WriteContext

_DEEPEST = 20


def kind_of(resource: Resource, node: Node, scene: Scene) -> type[models.Model] | None:
    """A document of its own, unless a DocumentReference lists it already: it must not be shown twice."""
    return None if scene.graph.about(node, "DocumentReference") else models.Document


def sections(composition: Resource, wanted: Collection[str] | None = None) -> list[models.Section]:
    """Sections in their order, those inside others after them; `wanted` are the codes to keep."""
    return [part for top in elements(composition, "section") for part in _section(top, wanted, 0)]


def _section(section: Resource, wanted: Collection[str] | None, depth: int) -> Iterator[models.Section]:
    words = original_text(element(section, "text")) or narrative(element(section, "text"))
    words = words or concept(element(section, "emptyReason"))  # that nobody asked is not that there is nothing
    if words and (wanted is None or codes(section.get("code")) & set(wanted)):
        yield models.Section(title=text(section, "title") or concept(element(section, "code")), text=words)
    if depth < _DEEPEST:
        for inner in elements(section, "section"):
            yield from _section(inner, wanted, depth + 1)


def contained(record: models.Document, author: Resource | None, context: WriteContext) -> Resource | None:
    """What a document says, to stand inside its DocumentReference; None when it says nothing in words."""
    parts = _written(record.sections)
    if not parts:
        return None
    date = fhir_date(record.date)
    return filled(
        resourceType="Composition",
        id="sections",
        status="final",
        type=codeable_or_unknown(record.type, record.type_code),
        subject=context.subject,
        date=date,
        _date=None if date else UNKNOWN,
        author=[author or UNKNOWN],
        title=record.title,
        _title=None if record.title else UNKNOWN,
        section=parts,
    )


def _written(parts: Sequence[models.Section]) -> list[Resource]:
    narratives = [(part, generated_narrative(part.text)) for part in parts]
    return [
        filled(title=part.title, text=_exact(narrative_text, part.text))
        for part, narrative_text in narratives
        if narrative_text
    ]


def _exact(narrative_text: Resource, words: str) -> Resource:
    """XHTML knows one blank, and no line that is empty or begins further in: such words go along as they are."""
    return narrative_text if narrative(narrative_text) == words else {**narrative_text, **as_written(words)}
