"""A document of the record: the Composition with its sections, and the DocumentReference that lists it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from emkcli.mock.medical.scene import Scene
from emkcli.mock.medical.shape import (
    HL7,
    LOINC,
    NSI_DOCUMENTS,
    NSI_SECTIONS,
    OWN,
    Resource,
    coding,
    concept,
    identifier,
    reference,
    resource,
    section,
)

# Kind of document: code in the Russian directory 1522 and its title.
KINDS = {
    "consultation": ("5", "Протокол консультации"),
    "discharge": ("1", "Эпикриз в стационаре выписной"),
    "prevention": ("141", "Сведения о результатах диспансеризации или профилактического медицинского осмотра"),
}
_SECTIONS = {
    "Жалобы": (coding(NSI_SECTIONS, "COMPLNTS"), coding(LOINC, "10154-3")),
    "Анамнез заболевания": (coding(NSI_SECTIONS, "ANAM"), coding(LOINC, "10164-2")),
    "Объективные данные": (coding(NSI_SECTIONS, "STATECUR"), coding(LOINC, "29545-1")),
    "Диагнозы": (coding(NSI_SECTIONS, "DGN"),),
    "Заключение": (coding(NSI_SECTIONS, "RESINFO"), coding(LOINC, "51848-0")),
    "Рекомендации": (coding(NSI_SECTIONS, "REGIME"), coding(LOINC, "18776-5")),
}


class Paper(NamedTuple):
    """What is written in a document and where it comes from."""

    kind: str
    encounter: str
    signed: datetime
    author: dict[str, Any]
    custodian: Resource
    sections: list[tuple[str, str]]
    version: int = 1


def document(scene: Scene, paper: Paper) -> Iterator[Resource]:
    """The two resources of a document."""
    code, title = KINDS[paper.kind]
    kind = concept(title, coding(NSI_DOCUMENTS, code, title))
    ident = scene.new_id("protocol")
    author = [scene.practitioner(paper.author)]
    yield resource(
        "Composition",
        ident,
        paper.signed,
        paper.version,
        identifier=identifier(OWN + "document-number", ident),
        status="final" if paper.version == 1 else "amended",
        type=kind,
        subject=scene.subject(),
        encounter=reference("Encounter", paper.encounter),
        date=paper.signed.isoformat(),
        author=author,
        title=title,
        confidentiality="N",
        custodian=paper.custodian,
        section=[section(name, text, *_SECTIONS.get(name, ())) for name, text in paper.sections],
    )
    yield resource(
        "DocumentReference",
        scene.new_id("document"),
        paper.signed,
        paper.version,
        masterIdentifier=identifier(OWN + "document-number", ident),
        status="current",
        docStatus="final" if paper.version == 1 else "amended",
        type=kind,
        category=[concept("Медицинский документ")],
        subject=scene.subject(),
        date=paper.signed.isoformat(),
        author=author,
        custodian=paper.custodian,
        securityLabel=[concept(None, coding(HL7 + "v3-Confidentiality", "N"))],
        content=[{"attachment": _attachment(title, paper)}],
        context={
            "encounter": [reference("Encounter", paper.encounter)],
            "related": [reference("Composition", ident, title)],
        },
    )


def _attachment(title: str, paper: Paper) -> Resource:
    text = "\n\n".join([title, *(f"{name}\n{body}" for name, body in paper.sections)]).encode()
    return {
        "contentType": "text/plain;charset=utf-8",
        "language": "ru",
        "data": b64encode(text).decode(),
        "size": len(text),
        "title": title,
        "creation": paper.signed.isoformat(),
    }
