"""FHIR R4 in JSON: Bundles of any type, single resources, arrays and NDJSON → documents."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from emkcli import fhir, models
from emkcli.api.filters import dated
from emkcli.fhir import Graph, Identity, Node, Resource, Scene, element, stable_id, text
from emkcli.fhir.document_reference import document_id_of
from emkcli.fhir.patient import identity_of
from emkcli.fhir.releases import release_of
from emkcli.importers.fhir.source import Found, Top, Unreadable, resources, why_not
from emkcli.importers.source_document import Parsed, Piece
from emkcli.locale import _
from emkcli.models import CATEGORY_OF

MEDIA_TYPE = "application/fhir+json"
_GLOBAL = re.compile(r"https?://.+|urn:(?:uuid|oid):.+")


def takes(content: bytes) -> bool:
    """JSON by its first character."""
    return content.removeprefix(BOM_UTF8).lstrip()[:1] in (b"{", b"[")


def read(file: str, content: bytes, *, signatures: Sequence[bytes | None] = ()) -> Iterator[Parsed]:
    """One document: a Bundle, a resource, or all lines of NDJSON; FHIR carries its signatures inside."""
    digest = sha256(content).hexdigest()
    try:
        decoded = resources(content.removeprefix(BOM_UTF8))
        yield _document(file, digest, decoded)
        if decoded.lacks:
            yield Parsed(file, digest, problem="failed", reason=decoded.lacks)
    except Unreadable as cause:
        yield Parsed(file, digest, problem=cause.problem, reason=cause.reason)
    except ValueError as cause:
        yield Parsed(file, digest, problem="failed", reason=why_not(cause))


def _document(file: str, digest: str, decoded: Found) -> Parsed:
    top, graph = decoded.top, decoded.graph
    _refuse_other_releases(top, graph)
    composition = _composition(graph) if top.type == "document" else {}
    bundle: Resource = {"identifier": top.identifier}
    series = document_id_of(composition) if top.type == "document" else None
    document_id = document_id_of(bundle) or series
    version = text(top.meta, "versionId") or text(composition, "meta", "versionId")
    date = text(composition, "date") or text(top.timestamp) or text(top.meta, "lastUpdated")
    patient = _patient(graph, composition)
    source = models.FileSource(file=file, document_id=document_id, version=version, sha256=digest)
    identity = _identity(graph, patient)
    reader = _Reader(
        graph, document_id or (_server(patient, identity) if decoded.listed else None) or digest, source, patient
    )
    return Parsed(
        file=file,
        sha256=digest,
        document_id=document_id,
        series=series or document_id,
        version=version,
        type=_type(top, graph, composition),
        title=text(composition, "title"),
        date=date,
        patient=identity,
        pieces=reader.pieces,
    )


def _refuse_other_releases(top: Top, graph: Graph) -> None:
    """Elements mean other things there: a vaccine that was refused would be one that was given."""
    if release := release_of(graph.nodes, top.fhirVersion, top.meta):
        reason = _("FHIR {release} is not read: ask for it in FHIR R4")
        raise Unreadable("unsupported", reason.format(release=release))


def _composition(graph: Graph) -> Resource:
    """What names a document; in a collection it is one record among others."""
    return next((graph.resource(node) for node in graph.nodes if node.type == "Composition"), {})


def _type(top: Top, graph: Graph, composition: Resource) -> str:
    if named := fhir.concept(element(composition, "type")):
        return named
    return f"Bundle/{text(top.type) or 'ndjson'}" if top.resourceType == "Bundle" else graph.nodes[0].type


def _patient(graph: Graph, composition: Resource) -> Node | None:
    """Whose document it is: the Composition says so, or there is one Patient, or all records name the same."""
    subject = graph.node(text(composition, "subject", "reference"))
    patients = [node for node in graph.nodes if node.type == "Patient"]
    if subject is not None and subject.type == "Patient":
        return subject
    if len(patients) < 2:
        return patients[0] if patients else None
    named = {id(node) for record in graph.nodes if (node := _subject(graph, record))}
    chosen = [node for node in patients if id(node) in named]
    if len(chosen) != 1:
        raise Unreadable("failed", _("several_patients: the file is about more than one patient"))
    return chosen[0]


def _subject(graph: Graph, node: Node) -> Node | None:
    resource = graph.resource(node)
    reference = text(resource, "subject", "reference") or text(resource, "patient", "reference")
    subject = graph.node(reference)
    return subject if subject is not None and subject.type == "Patient" else None


def _identity(graph: Graph, patient: Node | None) -> Identity | None:
    """None when the Patient says neither a name nor a number: nobody can be told by that."""
    identity = identity_of(graph.resource(patient)) if patient else Identity()
    return identity if identity.name or identity.identifiers else None


def _server(patient: Node | None, identity: Identity | None) -> str | None:
    """Lines without addresses are what a server has of a patient: they keep their ids in its next export."""
    person = identity and (identity.identifiers or (identity.name, identity.birth_date))
    return repr((patient.key, person)) if patient and person else None


@dataclass(frozen=True)
class _Reader:
    """The resources of one document as pieces with stable ids."""

    graph: Graph
    identity: str
    source: models.FileSource
    patient: Node | None

    def pieces(self) -> Iterator[Piece]:
        scene = Scene(self.graph, self._name, self.source)
        for node in self.graph.nodes:
            owner = _subject(self.graph, node) if self.patient else None
            if (owner is None or owner is self.patient) and (node.type != "Patient" or node is self.patient):
                yield self._piece(node, scene)

    def _piece(self, node: Node, scene: Scene) -> Piece:
        records = tuple(fhir.records(node, scene))
        return Piece(
            id=self._name(node),
            key=node.key,
            type=node.type,
            media_type=MEDIA_TYPE,
            content=bytes(node.content),
            full_url=node.full_url,
            date=records[0].date if records else dated(self.graph.resource(node)),
            category=CATEGORY_OF[type(records[0])] if records else None,
            records=records,
        )

    def _name(self, node: Node) -> str:
        """From the address where it is one for the whole world, else from the document and the place in it."""
        if node.full_url and _GLOBAL.fullmatch(node.full_url):
            return stable_id(node.full_url)
        return stable_id(self.identity, node.key)
