"""A document a person has, as a reader understood it: what goes from the importers to the local card."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from emkcli import models
from emkcli.fhir.identity import Identity
from emkcli.models.content_account import Placements


@dataclass(frozen=True)
class Piece:
    """One part of a document with its own bytes (a FHIR resource, or the document as a whole) and the records in it;
    `placements` say where each resource or statement of it went, `contradictions` what in it cannot be so."""

    id: str
    key: str
    type: str
    media_type: str
    content: bytes = field(repr=False)
    full_url: str | None = None
    date: str | None = None
    category: str | None = None
    records: tuple[models.Model, ...] = ()
    placements: Placements = field(default_factory=dict)
    contradictions: tuple[str, ...] = ()


def _nothing() -> Iterator[Piece]:
    return iter(())


@dataclass(frozen=True)
class Parsed:
    """`series` is the document's identifier through all its versions, `replaces` names documents this one says it
    replaces, `appends` those it completes; `pieces_apart` are its pieces under names of their own, for when another
    document has its numbers; `signed` when a signature lay beside it. `counted` is how many resources or statements
    it holds, by an independent counter; `left_out` says where those went that are in no piece; `why_unread` tells why
    something of a kind is in no place, `warnings` what it says and nothing is done about. With a `problem`
    (`unsupported` or `failed`) nothing else is there but the file, the reason and what was counted, and `people`
    where it is about several: a document of each, which is then `of_several`."""

    file: str
    sha256: str = ""
    document_id: str | None = None
    series: str | None = None
    version: str | None = None
    replaces: tuple[str, ...] = ()
    appends: tuple[str, ...] = ()
    signed: bool = False
    type: str | None = None
    type_code: str | None = None
    title: str | None = None
    date: str | None = None
    patient: Identity | None = None
    pieces: Callable[[], Iterator[Piece]] = _nothing
    pieces_apart: Callable[[], Iterator[Piece]] | None = None
    counted: Mapping[str, int] = field(default_factory=dict)
    left_out: Callable[[], Placements] = dict
    why_unread: Callable[[str], str | None] = lambda kind: None
    warnings: tuple[str, ...] = ()
    problem: str | None = None
    reason: str | None = None
    people: Callable[[], Iterator[Parsed]] | None = None
    of_several: bool = False
