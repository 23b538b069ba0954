"""DocumentReference, and a Composition of its own ↔ documents."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha1
from typing import TYPE_CHECKING

from emkcli import models
from emkcli.fhir import composition, condition, patient
from emkcli.fhir.attachments import attached_text, attachments, described, resolved
from emkcli.fhir.building import codeable, dated, fhir_date, filled, instant
from emkcli.fhir.elements import Resource, coding, element, elements, identifier, joined, label, text
from emkcli.fhir.graph import Node
from emkcli.fhir.references import fhir_id, identifiers, inner_reference, is_id
from emkcli.fhir.related import composition_of, related, related_nodes
from emkcli.fhir.scene import Scene

if TYPE_CHECKING:
    from emkcli.fhir.write_context import WriteContext

_TAKEN_BACK = frozenset({"entered-in-error", "superseded"})
"""What outweighs how far the document itself had come (FHIR document-reference-status)."""
_STATUSES = re.compile("preliminary|final|amended|entered-in-error")


def from_fhir(resource: Resource, node: Node, scene: Scene) -> Iterator[models.Document]:
    """A document with its sections; a DocumentReference shows those of the Composition it stands for."""
    files = [resolved(attachment, resource, scene.graph) for attachment in attachments(resource)]
    attachment = files[0] if files else {}
    shared = scene.fields(resource, node, ("date", "created", "indexed"), "custodian", "author")
    authors = (scene.doctor(reference, resource) for reference in elements(resource, "author"))
    author = next(filter(None, authors), shared["doctor"])
    kind = element(resource, "type")
    own = {
        "date": shared["date"] or text(attachment, "creation"),
        "doctor": author,
        "status": _status(shared["status"], resource, node, scene),
    }
    yield models.Document(
        **shared | own,
        type=label(kind),
        type_code=text(kind, "coding", "code"),
        title=text(resource, "title") or text(attachment, "title") or text(resource, "description") or label(kind),
        author=models.Author(name=author.name, specialty=author.specialty) if author else None,
        patient=_patient(resource, scene),
        diagnoses=[coding(element(target, "code")) for target in related(resource, scene, "Condition")],
        sections=_sections(resource, files, scene),
        version=text(resource, "meta", "versionId"),
    )


def _status(stated: str | None, resource: Resource, node: Node, scene: Scene) -> str | None:
    """A document that a newer one replaces may itself still call itself current."""
    if stated in _TAKEN_BACK:
        return stated
    versions = [node, *related_nodes(resource, scene, "Composition")]
    if any(scene.graph.is_replaced(version) for version in versions):
        return "superseded"
    return text(resource, "docStatus") or stated


def to_fhir(record: models.Document, context: WriteContext) -> Resource:
    """The document as it was read, byte for byte, with what it says in words and the diagnoses it names."""
    author = context.parties.doctor(record)
    inner = _inner(record, author, context)
    return filled(
        resourceType="DocumentReference",
        id=fhir_id(record.id),
        meta={"versionId": record.version} if record.version and is_id(record.version) else None,
        contained=inner,
        masterIdentifier=document_identifier(record),
        status=record.status if record.status in _TAKEN_BACK else "current",
        docStatus=record.status if record.status and _STATUSES.fullmatch(record.status) else None,
        type=codeable(record.type, record.type_code),
        subject=context.subject,
        **dated("date", instant(record.date), record.date_text),
        author=[author] if author else None,
        custodian=context.parties.clinic(record),
        description=record.title,
        content=[{"attachment": _attachment(record, context)}],
        context=filled(related=[inner_reference(resource) for resource in inner]),
    )


def document_id_of(resource: Resource) -> str | None:
    """`system^value` of a document's identifier, the way a СЭМД names it (`root^extension`)."""
    for number in [*elements(resource, "masterIdentifier"), *elements(resource, "identifier")]:
        if value := identifier(number):
            return joined([(text(number, "system") or "").removeprefix("urn:oid:"), value], "^")
    return None


def document_identifier(record: models.Document) -> Resource | None:
    """The same of a document that was read."""
    return next(iter(identifiers(getattr(record.source, "document_id", None) or "")), None)


def _sections(resource: Resource, files: list[Resource], scene: Scene) -> list[models.Section]:
    if text(resource, "resourceType") == "Composition":
        protocol = resource
    else:
        protocol = composition_of(resource, scene)
    return composition.sections(protocol) or list(_printed(files))


def _printed(files: list[Resource]) -> Iterator[models.Section]:
    """What its files say; one that is no text is named where it is elsewhere, or one of several."""
    several = len(files) > 1
    for attachment in files:
        if words := attached_text(attachment):
            yield models.Section(title=text(attachment, "title") if several else None, text=words)
        elif (several or text(attachment, "url")) and (name := described(attachment)):
            yield models.Section(text=name)


def _patient(resource: Resource, scene: Scene) -> models.DocumentPatient | None:
    subject = scene.graph.get(element(resource, "subject"), resource)
    if not subject or text(subject, "resourceType") != "Patient":
        return None
    identity = patient.identity_of(subject)
    return models.DocumentPatient(name=identity.name, birth_date=identity.birth_date, snils=identity.snils)


def _inner(record: models.Document, author: Resource | None, context: WriteContext) -> list[Resource]:
    """Its own statements stand inside it, so that a list of documents alone refers to nothing that is left out."""
    conditions = [
        condition.contained(diagnosis, f"diagnosis-{number}", context)
        for number, diagnosis in enumerate(record.diagnoses, 1)
    ]
    words = composition.contained(record, author, context)
    return [*([words] if words else []), *conditions]


def _attachment(record: models.Document, context: WriteContext) -> Resource:
    """FHIR wants the SHA-1 of the bytes."""
    content = context.document.content
    return filled(
        contentType=context.document.media_type,
        data=content,  # the encoder writes bytes in base64, without copies of a large file on the way
        size=len(content),
        hash=b64encode(sha1(content, usedforsecurity=False).digest()).decode(),
        title=record.title,
        creation=fhir_date(record.date),
    )
