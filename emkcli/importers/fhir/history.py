"""A Bundle of type `history`: what its resources are now, and which entries are older states or of what was deleted."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Protocol

import msgspec

from emkcli.clinical.dates import order
from emkcli.fhir import text

_ADDRESS = re.compile(r"(?:.*/)?([A-Z][A-Za-z]{2,40}/[A-Za-z0-9.\-]{1,64})(?:/_history/.*)?")
_VERSION = re.compile(r'(?:W/)?"?(\d+)"?')


class Entry(Protocol):
    """As it stands in the Bundle, its resource not decoded."""

    fullUrl: Any  # noqa: N815
    resource: msgspec.Raw
    request: Any
    response: Any


class _Head(msgspec.Struct):
    resourceType: Any = None  # noqa: N815
    id: Any = None
    meta: Any = None


_HEAD = msgspec.json.Decoder(_Head)


@dataclass
class _State:
    """One entry: of which resource, and when it was so."""

    entry: Any
    key: str
    updated: str | None
    version: int | None

    @property
    def is_deletion(self) -> bool:
        return is_deletion(self.entry)

    @property
    def is_creation(self) -> bool:
        """Whether nothing can have been before it."""
        return self.version == 1 or text(self.entry.request, "method") == "POST"

    def is_newer(self, earlier: _State, *, oldest_first: bool) -> bool:
        """Than one that stands before it in the file, whose order decides where the two do not say it."""
        if self.updated and earlier.updated and order(self.updated) != order(earlier.updated):
            return order(self.updated) > order(earlier.updated)
        if self.version is not None and earlier.version is not None:
            return self.version > earlier.version
        if self.is_creation != earlier.is_creation:
            return earlier.is_creation
        return oldest_first


@dataclass
class History:
    """`current` is there now, `outdated` was before it or was deleted since; `deleted` is how many are no more."""

    current: list[Any] = field(default_factory=list)
    outdated: list[Any] = field(default_factory=list)
    deleted: int = 0


def history_of(entries: Iterable[Entry]) -> History:
    """The newest state of each resource, in the order of the entries; nothing of what was deleted last."""
    states = [_state(entry, number) for number, entry in enumerate(entries)]
    newest: dict[str, _State] = {}
    oldest_first = _is_oldest_first(states)
    for state in states:
        if state.key not in newest or state.is_newer(newest[state.key], oldest_first=oldest_first):
            newest[state.key] = state
    history = History(deleted=sum(state.is_deletion for state in newest.values()))
    for state in states:
        is_current = newest[state.key] is state and not state.is_deletion
        (history.current if is_current else history.outdated).append(state.entry)
    return history


def _is_oldest_first(states: Iterable[_State]) -> bool:
    """Whether the dates of the file rise more often than they fall; R4 lists the oldest last."""
    moments = [order(state.updated) for state in states if state.updated]
    steps = list(pairwise(moments))
    return sum(later > earlier for earlier, later in steps) > sum(later < earlier for earlier, later in steps)


def is_deletion(entry: Entry) -> bool:
    """Whether it says that a resource is no more."""
    return text(entry.request, "method") == "DELETE"


def _state(entry: Entry, number: int) -> _State:
    head = _head(entry.resource)
    kind, ident = text(head.resourceType), text(head.id)
    named = f"{kind}/{ident}" if kind and ident else _address(entry)
    return _State(
        entry,
        named or f"#{number}",
        text(head.meta, "lastUpdated") or text(entry.response, "lastModified"),
        _number(text(head.meta, "versionId") or text(entry.response, "etag")),
    )


def _head(content: msgspec.Raw) -> _Head:
    try:
        return _HEAD.decode(content) if memoryview(content).nbytes else _Head()
    except (ValueError, RecursionError):
        return _Head()


def _address(entry: Entry) -> str | None:
    """A deletion has no resource: it is named by its request or its fullUrl."""
    for written in (text(entry.request, "url"), text(entry.fullUrl)):
        if written and (match := _ADDRESS.fullmatch(written)):
            return match[1]
    return text(entry.fullUrl)


def _number(written: str | None) -> int | None:
    match = _VERSION.fullmatch(written or "")
    return int(match[1]) if match and len(match[1]) < 19 else None
