"""FHIR R4 in JSON: Bundles of any type, single resources, arrays and NDJSON → documents."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from itertools import chain

from emkcli import fhir, models
from emkcli.api.filters import dated
from emkcli.fhir import Graph, Identity, Node, Resource, Scene, element, elements, text
from emkcli.fhir.attachments import WITH_FILES, absent
from emkcli.fhir.contradictions import of_resource
from emkcli.fhir.document_reference import document_id_of
from emkcli.fhir.owner import Whose
from emkcli.fhir.placement import read as placed
from emkcli.fhir.placement import types_in, why_unread
from emkcli.fhir.releases import release_of
from emkcli.fhir.resource_count import counted
from emkcli.importers.fhir.answer_gaps import why_lacking
from emkcli.importers.fhir.bundle_entries import Top
from emkcli.importers.fhir.decoded_source import DecodedSource
from emkcli.importers.fhir.naming import Origin, folder_of, names_of
from emkcli.importers.fhir.several_people import shares_of
from emkcli.importers.fhir.source import Unreadable, resources, why_not
from emkcli.importers.fhir.subjects import Subject, several_patients, subjects_of
from emkcli.importers.source_document import Parsed, Piece
from emkcli.locale import _
from emkcli.models import CATEGORY_OF
from emkcli.models.content_account import Placed, Placements

MEDIA_TYPE = "application/fhir+json"


def takes(content: bytes) -> bool:
    """JSON by its first character."""
    return content.removeprefix(BOM_UTF8).lstrip()[:1] in (b"{", b"[")


def read(file: str, content: bytes, *, signatures: Sequence[bytes | None] = ()) -> Iterator[Parsed]:
    """One document: a Bundle, a resource, or all lines of NDJSON; FHIR carries its signatures inside."""
    digest, counts = sha256(content).hexdigest(), counted(content)
    try:
        decoded = resources(content.removeprefix(BOM_UTF8))
        # a Parameters that was opened is no part of the card, like a Bundle
        counts = counts + decoded.malformed + decoded.gaps.lacking() - Counter(Parameters=decoded.envelopes)
        yield _document_or_people(file, digest, decoded, counts)
        if decoded.lacks:
            # what its lines hold was counted with all others
            yield Parsed(file, digest, problem="failed", reason=decoded.lacks)
    except Unreadable as cause:
        yield Parsed(file, digest, counted=counts, problem=cause.problem, reason=cause.reason)
    except ValueError as cause:
        yield Parsed(file, digest, counted=counts, problem="failed", reason=why_not(cause))


def _document_or_people(file: str, digest: str, decoded: DecodedSource, counts: Mapping[str, int]) -> Parsed:
    top, graph = decoded.top, decoded.graph
    _refuse_other_releases(top, graph)
    subjects = subjects_of(graph, _composition(graph) if top.type == "document" else {})
    if len(subjects) == 1:
        return _document(file, digest, decoded, subjects[0], counts)

    def people() -> Iterator[Parsed]:
        for number, share in enumerate(shares_of(graph, subjects, counts)):
            part = replace(decoded, outdated=Graph()) if number else decoded
            yield replace(_document(file, digest, part, share.subject, share.counted, share.nodes), of_several=True)

    return Parsed(file, digest, counted=counts, problem="failed", reason=several_patients(), people=people)


def _document(
    file: str,
    digest: str,
    decoded: DecodedSource,
    subject: Subject,
    counts: Mapping[str, int],
    nodes: Sequence[Node] | None = None,
) -> Parsed:
    """What is the subject's, of all resources or of these."""
    top, graph = decoded.top, decoded.graph
    composition = _composition(graph) if top.type == "document" else {}
    identity = subject.identity if subject.identity.name or subject.identity.identifiers else None
    document_id, series = _numbers(top, composition)
    version = text(top.meta, "versionId") or text(composition, "meta", "versionId")
    date = text(composition, "date") or text(top.timestamp) or text(top.meta, "lastUpdated")
    source = models.FileSource(file=file, document_id=document_id, version=version, sha256=digest)
    server = _server(subject.patient, identity)
    files = (server if decoded.listed else _file_set(file, top, graph)) or digest
    origin = Origin(document_id) if document_id and series else Origin(files, server)
    reader = _Reader(
        graph,
        names_of(graph, origin),
        source,
        subject,
        graph.nodes if nodes is None else nodes,
        decoded.outdated,
        decoded.gaps.lacking(),
        is_bundle=top.resourceType == "Bundle" and not decoded.listed,
    )
    return Parsed(
        file=file,
        sha256=digest,
        document_id=document_id,
        series=series,
        version=version,
        type=_type(top, graph, composition),
        title=text(composition, "title"),
        date=date,
        patient=identity,
        pieces=reader.pieces,
        counted=counts,
        left_out=reader.left_out,
        why_unread=reader.why_unread,
        warnings=decoded.warnings,
    )


def _numbers(top: Top, composition: Resource) -> tuple[str | None, str | None]:
    """A Bundle's own number, and the one that all its versions share. The number of a single resource is that of an order
    or of a sample, which others have too; a Bundle that is no document has versions where it says so."""
    if top.resourceType != "Bundle":
        return None, None
    number, series = document_id_of({"identifier": top.identifier}), document_id_of(composition)
    document_id = number or series
    has_versions = top.type == "document" or text(top.meta, "versionId")
    return document_id, (series or document_id) if has_versions else None


def _file_set(file: str, top: Top, graph: Graph) -> str | None:
    """Resources saved one by one are named by their folder and whom they are about."""
    folder = folder_of(file) if top.resourceType != "Bundle" else None
    resource = graph.resource(graph.nodes[0])
    about = text(resource, "subject", "reference") or text(resource, "patient", "reference") or ""
    return repr((folder, about)) if folder is not None else None


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


def _server(patient: Node | None, identity: Identity | None) -> str | None:
    """Lines without addresses are what a server has of a patient: they keep their ids in its next export."""
    person = identity and (identity.identifiers or (identity.name, identity.birth_date))
    return repr((patient.key, person)) if patient and person else None


@dataclass(frozen=True)
class _Reader:
    """The resources of one document as pieces with stable ids; of the types that are `lacking` the file says that there
    are more."""

    graph: Graph
    names: dict[int, str]
    source: models.FileSource
    subject: Subject
    nodes: Sequence[Node]
    outdated: Graph = field(default_factory=Graph)
    lacking: Collection[str] = ()
    is_bundle: bool = True

    def pieces(self) -> Iterator[Piece]:
        scene = Scene(self.graph, self._name, self.source, is_page=not self.is_bundle)
        yield from (self._piece(node, scene) for node in self._nodes_of["own"])

    def left_out(self) -> Placements:
        """Where those went that are in no piece."""
        outdated = (Placed(kind, "superseded") for kind in _types(self.outdated.nodes, self.outdated))
        others = (Placed(kind, "other_person") for kind in _types(self._nodes_of["other"], self.graph))
        return Counter(chain(outdated, others))

    def why_unread(self, kind: str) -> str:
        """Why resources of a type are in no piece."""
        if kind in _types(self._nodes_of["untold"], self.graph):
            return _("it does not tell whose it is")
        return why_lacking() if kind in self.lacking else why_unread(kind)

    @cached_property
    def _nodes_of(self) -> Mapping[Whose, Sequence[Node]]:
        """The resources by whose they are; those that are `untold` might be anybody's."""
        ownership = self.subject.ownership(self.graph)
        nodes_of: dict[Whose, list[Node]] = {"own": [], "other": [], "untold": []}
        for node in self.nodes:
            nodes_of[ownership.whose(node)].append(node)
        return nodes_of

    def _piece(self, node: Node, scene: Scene) -> Piece:
        records, placements = placed(node, scene)
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
            placements=placements,
            contradictions=(*of_resource(self.graph.resource(node), node), *self._absent(node)),
        )

    def _absent(self, node: Node) -> Iterator[str]:
        """What it names and the document does not hold: files, and of a Bundle results."""
        if node.type in WITH_FILES:
            resource = self.graph.resource(node)
            yield from (
                _("its file is not in the document: {address}").format(address=a) for a in absent(resource, self.graph)
            )
            count = sum(
                name is not None and not self.graph.get({"reference": name}, resource) for name in _results(resource)
            )
            if count and self.is_bundle:
                yield _("results that it names are not in the document: {count}").format(count=count)

    def _name(self, node: Node) -> str:
        return self.names[id(node)]


def _types(nodes: Iterable[Node], graph: Graph) -> Iterator[str]:
    return (kind for node in nodes for kind in types_in(node, graph))


def _results(report: Resource) -> Iterator[str | None]:
    return (text(result, "reference") for result in elements(report, "result"))
