"""DocumentReference, and a Composition of its own ↔ documents."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterator
from hashlib import sha1
from typing import TYPE_CHECKING

from emkcli import models
from emkcli.fhir import composition, condition, patient
from emkcli.fhir.building import codeable, dated, fhir_date, filled, instant
from emkcli.fhir.elements import Resource, coding, element, elements, identifier, joined, label, readable, text
from emkcli.fhir.graph import Node
from emkcli.fhir.references import fhir_id, identifiers, inner_reference, is_id
from emkcli.fhir.scene import Scene

if TYPE_CHECKING:
    from emkcli.fhir.write_context import WriteContext

LONGEST_TEXT = 4_000_000
"""Of base64 that is read as words; a longer one stays a file."""
_TEXTS = frozenset({"text/plain", "text/html", "application/xhtml+xml"})
_STATUSES = re.compile("preliminary|final|amended|entered-in-error")


def from_fhir(resource: Resource, node: Node, scene: Scene) -> Iterator[models.Document]:
    """A document with its sections; a DocumentReference shows those of the Composition it stands for."""
    attachment = element(resource, "content", "attachment")
    shared = scene.fields(resource, node, ("date", "created", "indexed"), "custodian", "author")
    authors = (scene.doctor(reference, resource) for reference in elements(resource, "author"))
    author = next(filter(None, authors), shared["doctor"])
    kind = element(resource, "type")
    own = {
        "date": shared["date"] or text(attachment, "creation"),
        "doctor": author,
        "status": text(resource, "docStatus") or shared["status"],
    }
    yield models.Document(
        **shared | own,
        type=label(kind),
        type_code=text(kind, "coding", "code"),
        title=text(resource, "title") or text(attachment, "title") or text(resource, "description") or label(kind),
        author=models.Author(name=author.name, specialty=author.specialty) if author else None,
        patient=_patient(resource, scene),
        diagnoses=[coding(element(target, "code")) for target in _related(resource, scene, "Condition")],
        sections=_sections(resource, attachment, scene),
        version=text(resource, "meta", "versionId"),
    )


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
        status="current",
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


def attached_text(attachment: Resource) -> str | None:
    """The words inside an Attachment that is a plain text or a page of HTML."""
    packed = text(attachment, "data") or ""
    kind, *parameters = (text(attachment, "contentType") or "").casefold().split(";")
    if kind.strip() not in _TEXTS or len(packed) > LONGEST_TEXT:
        return None
    charsets = (value for name, _is, value in (one.strip().partition("=") for one in parameters) if name == "charset")
    try:
        written = b64decode(packed, validate=False).decode(next(charsets, "utf-8").strip('"'))
    except (NotBase64, ValueError, LookupError):
        return None
    return written if kind.strip() == "text/plain" else readable(written)


def _related(resource: Resource, scene: Scene, kind: str) -> Iterator[Resource]:
    targets = (scene.graph.get(reference, resource) for reference in elements(element(resource, "context"), "related"))
    return (target for target in targets if target and text(target, "resourceType") == kind)


def _sections(resource: Resource, attachment: Resource, scene: Scene) -> list[models.Section]:
    if text(resource, "resourceType") == "Composition":
        protocol = resource
    else:
        protocol = next(_related(resource, scene, "Composition"), {})
    printed = attached_text(attachment)
    return composition.sections(protocol) or ([models.Section(text=printed)] if printed else [])


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
