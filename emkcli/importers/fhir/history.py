"""A Bundle of type `history`: what its resources are now, and which entries are older states or of what was deleted."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
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

    def is_newer(self, other: _State) -> bool:
        """Of two entries that do not say it, the first is newer: R4 lists the oldest last."""
        if self.updated and other.updated and order(self.updated) != order(other.updated):
            return order(self.updated) > order(other.updated)
        if self.version is not None and other.version is not None:
            return self.version > other.version
        return False


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
    for state in states:
        if state.key not in newest or state.is_newer(newest[state.key]):
            newest[state.key] = state
    history = History(deleted=sum(state.is_deletion for state in newest.values()))
    for state in states:
        is_current = newest[state.key] is state and not state.is_deletion
        (history.current if is_current else history.outdated).append(state.entry)
    return history


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
