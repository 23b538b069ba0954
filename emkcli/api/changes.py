"""What changed in a card since it was last looked at: what goes from a server's card to a local copy of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from emkcli.fhir import Resource

Key = str
"""`Type/id`."""


@dataclass(frozen=True)
class Sent:
    """A resource as the server sent it."""

    key: Key
    type: str
    full_url: str | None
    content: bytes = field(repr=False)
    resource: Resource = field(repr=False)
    version: str | None = None
    updated: str | None = None


@dataclass(frozen=True)
class Batch:
    """One page: what was asked for, the clinics and physicians that came along, how many there are in all, of how many
    other people's it was rid; on the last one, why those before it are not everything. `others` came along as well and
    are of types that are asked for by themselves, if at all."""

    matches: list[Sent]
    along: list[Sent]
    total: int | None = None
    left_out: int = 0
    gap: str | None = None
    others: list[Key] = field(default_factory=list)


@dataclass(frozen=True)
class Newest:
    """What one request tells of a type: how many resources, and the one that changed last, without its content. `same` when the server said
    that its answer is the one of `etag`; `known` is False where the server does not understand the question."""

    total: int | None = None
    sent: Sent | None = None
    etag: str | None = None
    same: bool = False
    known: bool = True


class Changes(Protocol):
    """One person's card, type by type."""

    @property
    def patient(self) -> Sent | None:
        """Whose card it is; None where the server gives a person's records and not the person."""
        ...

    @property
    def kinds(self) -> Sequence[str]:
        """The types a card is made of; what others refer to comes before them."""
        ...

    @property
    def other_people(self) -> Mapping[str, int]:
        """By type, how many resources of other people the server sent so far."""
        ...

    def now(self) -> datetime:
        """The server's clock."""
        ...

    def newest(self, kind: str, etag: str | None) -> Newest:
        """Ask once for the size of a type and its last change."""
        ...

    def walk(self, kind: str, since: str | None) -> Iterator[Batch]:
        """Everything that changed at `since` or later, in that order where the server can; all of it without `since`."""
        ...

    def keys(self, kind: str) -> Iterator[Key]:
        """What there is of a type, without its content."""
        ...

    def named(self, kind: str, keys: Sequence[Key], since: str | None) -> Iterator[Batch]:
        """Those of these resources that changed at `since` or later."""
        ...

    def read(self, keys: Sequence[Key]) -> Batch:
        """Those of these resources that the server lets be read, whether or not a search finds them."""
        ...
