"""СЭМД, the documents Gosuslugi gives out: HL7 CDA R2 in XML of every generation → documents.

What a document is, is told by its header and the codes of its sections, never by its file's name.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from hashlib import sha256

from emkcli import models
from emkcli.fhir import stable_id
from emkcli.importers.cda import origin
from emkcli.importers.cda.document_body import Scene, forget, parts_of
from emkcli.importers.cda.document_header import Header, header_of
from emkcli.importers.cda.document_piece import piece_of
from emkcli.importers.cda.narrative_links import resolve
from emkcli.importers.cda.safe_xml import Unreadable, looks_like_xml, parsed
from emkcli.importers.cda.statement_count import counted
from emkcli.importers.cda.stray_statements import enclose
from emkcli.importers.cda.tree import Element
from emkcli.importers.source_document import Parsed, Piece
from emkcli.locale import _


def takes(content: bytes) -> bool:
    """XML by its first character."""
    return looks_like_xml(content)


def read(file: str, content: bytes, *, signatures: Sequence[bytes | None] = ()) -> Iterator[Parsed]:
    """One document; `signatures` are those that lie beside it, None for one that cannot be read."""
    digest = sha256(content).hexdigest()
    counts: Counter[str] = Counter()
    try:
        root = parsed(content)
        counts = counted(content)
        yield _document(root, file, content, digest, counts, signatures=signatures)
    except Unreadable as cause:
        yield Parsed(file, digest, counted=counts, problem=cause.problem, reason=cause.reason)


def _document(
    root: Element,
    file: str,
    content: bytes,
    digest: str,
    counts: Mapping[str, int],
    *,
    signatures: Sequence[bytes | None],
) -> Parsed:
    if foreign := origin.foreign(root):
        raise Unreadable("unsupported", _("a CDA document, but no СЭМД: {kind}").format(kind=foreign))
    resolve(root)
    enclose(root)
    header = header_of(root)
    if header.is_death:
        raise Unreadable("unsupported", _("a certificate of death does not belong into the card of a living person"))
    if header.is_shared:
        raise Unreadable(
            "failed", _("several_patients: the document is about more than one patient; ask for one of each")
        )
    unread: dict[str, str] = {}

    def pieces(name: str) -> Iterator[Piece]:
        scene = Scene(name, header, parts_of(root), source)
        yield _piece(root, scene, content, unread, signatures=signatures)

    def why_unread(what: str) -> str | None:
        """Of a document that is in the card already nothing was read yet."""
        if not unread:
            deque(pieces(digest), maxlen=0)
        return unread.get(what) or _("emk does not read it where it stands")

    source = models.FileSource(
        file=file, document_id=header.document_id, set_id=header.series, version=header.version, sha256=digest
    )
    return Parsed(
        file=file,
        sha256=digest,
        document_id=header.document_id,
        series=header.series,
        version=header.version,
        replaces=header.replaces,
        appends=header.appends,
        signed=bool(signatures),
        type=header.kind.name or header.translation.name or header.kind.code,
        type_code=header.kind.code,
        title=header.title or header.kind.name,
        date=header.date,
        patient=header.identity,
        pieces=partial(pieces, _name(header) or stable_id(digest)),
        pieces_apart=partial(pieces, stable_id(digest)),
        counted=counts,
        why_unread=why_unread,
    )


def _name(header: Header) -> str | None:
    """Versions share their id; what completes a document is another one, even in the same set."""
    number = (None if header.appends else header.series) or header.document_id
    return stable_id(number) if number else None


def _piece(
    root: Element, scene: Scene, content: bytes, unread: dict[str, str], *, signatures: Sequence[bytes | None]
) -> Piece:
    try:
        return piece_of(root, scene, content, unread, signatures=signatures)
    finally:
        forget()
