"""FHIR Composition and DocumentReference → documents; DiagnosticReport → instrumental studies."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Collection, Iterator

from emkcli import models
from emkcli.api.mapping.elements import (
    Resource,
    codes,
    concept,
    element,
    elements,
    identifier,
    joined,
    label,
    narrative,
    text,
    when,
)
from emkcli.api.mapping.graph import Node
from emkcli.api.mapping.people import identity_of
from emkcli.api.mapping.scene import Scene

_DESCRIPTION = re.compile(r"(?:^|\n)Описание:?\n(.+?)(?=\n\s*\nЗаключение|\Z)", re.DOTALL)


def study(resource: Resource, node: Node, scene: Scene) -> models.Study:
    clinic, doctor = scene.staff(resource, "performer", "resultsInterpreter")
    interpreter = next((scene.doctor(one, resource) for one in elements(resource, "resultsInterpreter")), None)
    return models.Study(
        id=scene.name(node),
        date=when(resource, "effectiveDateTime", "effectivePeriod", "issued"),
        clinic=clinic,
        doctor=interpreter or doctor,
        status=text(resource, "status"),
        source=scene.source,
        type=text(resource, "category", "coding", "code") or concept(element(resource, "category")),
        title=concept(element(resource, "code")),
        description=_description(resource),
        conclusion=text(resource, "conclusion") or concept(element(resource, "conclusionCode")),
    )


def _description(resource: Resource) -> str | None:
    """What was seen: R4 keeps it in the printed protocol or in the narrative."""
    for form in elements(resource, "presentedForm"):
        if (printed := attached(form)) is not None:
            described = _DESCRIPTION.search(printed)
            return (described[1] if described else printed).strip() or None
    return narrative(element(resource, "text"))


def attached(form: Resource) -> str | None:
    """A plain text inside an Attachment."""
    if not (text(form, "contentType") or "").startswith("text/plain"):
        return None
    try:
        return b64decode(text(form, "data") or "", validate=False).decode("utf-8")
    except (NotBase64, ValueError):
        return None


def stands_for(node: Node, scene: Scene) -> bool:
    """Whether a document is already listed by a DocumentReference, so that it must not be shown twice."""
    return bool(scene.graph.about(node, "DocumentReference"))


def document(resource: Resource, node: Node, scene: Scene) -> models.Document:
    """A document with its sections; a DocumentReference shows those of the Composition it stands for."""
    protocol = _protocol(resource, scene)
    kind = element(resource, "type")
    attachment = element(resource, "content", "attachment")
    clinic, doctor = scene.staff(resource, "custodian", "author")
    author = next(filter(None, (scene.doctor(one, resource) for one in elements(resource, "author"))), doctor)
    found = sections(protocol)
    printed = attached(attachment)
    return models.Document(
        id=scene.name(node),
        date=when(resource, "date", "created", "indexed") or text(attachment, "creation"),
        clinic=clinic,
        doctor=author,
        status=text(resource, "docStatus") or text(resource, "status"),
        source=scene.source,
        type=label(kind),
        type_code=text(kind, "coding", "code"),
        title=text(resource, "title") or text(attachment, "title") or text(resource, "description") or label(kind),
        author=models.Author(name=author.name, specialty=author.specialty) if author else None,
        patient=_patient(resource, scene),
        diagnoses=[],
        sections=found or ([models.Section(text=printed)] if printed else []),
        version=text(resource, "meta", "versionId"),
    )


def _protocol(resource: Resource, scene: Scene) -> Resource:
    if text(resource, "resourceType") == "Composition":
        return resource
    related = (scene.graph.get(one, resource) for one in elements(element(resource, "context"), "related"))
    return next((one for one in related if one and text(one, "resourceType") == "Composition"), {})


def _patient(resource: Resource, scene: Scene) -> models.DocumentPatient | None:
    found = scene.graph.get(element(resource, "subject"), resource)
    if not found or text(found, "resourceType") != "Patient":
        return None
    whose = identity_of(found)
    return models.DocumentPatient(name=whose.name, birth_date=whose.birth_date, snils=whose.snils)


def sections(protocol: Resource, wanted: Collection[str] | None = None) -> list[models.Section]:
    """Sections in their order, those inside others after them; `wanted` are the codes to keep."""
    return [one for top in elements(protocol, "section") for one in _section(top, wanted, 0)]


def _section(section: Resource, wanted: Collection[str] | None, depth: int) -> Iterator[models.Section]:
    words = narrative(element(section, "text"))
    if words and (wanted is None or codes(section.get("code")) & set(wanted)):
        yield models.Section(title=text(section, "title") or concept(element(section, "code")), text=words)
    if depth < 20:
        for inner in elements(section, "section"):
            yield from _section(inner, wanted, depth + 1)


def document_id(resource: Resource) -> str | None:
    """`system^value` of a document's identifier, the way a СЭМД names it (`root^extension`)."""
    for one in [*elements(resource, "masterIdentifier"), *elements(resource, "identifier")]:
        if value := identifier(one):
            return joined([(text(one, "system") or "").removeprefix("urn:oid:"), value], "^")
    return None
