"""A document a person has, as a reader understood it: what goes from the importers to the local card."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from emkcli import models
from emkcli.fhir.identity import Identity


@dataclass(frozen=True)
class Piece:
    """One part of a document with its own bytes (a FHIR resource, or the document as a whole) and the records in it."""

    id: str
    key: str
    type: str
    media_type: str
    content: bytes = field(repr=False)
    full_url: str | None = None
    date: str | None = None
    category: str | None = None
    records: tuple[models.Model, ...] = ()


def _nothing() -> Iterator[Piece]:
    return iter(())


@dataclass(frozen=True)
class Parsed:
    """`series` is the document's identifier through all its versions, `replaces` names documents this one says it
    replaces, `appends` those it completes; `signed` when a signature lay beside it. With a `problem` (`unsupported` or `failed`)
    nothing else is there but the file and the reason."""

    file: str
    sha256: str = ""
    document_id: str | None = None
    series: str | None = None
    version: str | None = None
    replaces: tuple[str, ...] = ()
    appends: tuple[str, ...] = ()
    signed: bool = False
    type: str | None = None
    title: str | None = None
    date: str | None = None
    patient: Identity | None = None
    pieces: Callable[[], Iterator[Piece]] = _nothing
    problem: str | None = None
    reason: str | None = None
