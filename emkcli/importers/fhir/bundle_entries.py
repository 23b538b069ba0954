"""What a Bundle or a Parameters holds, entry by entry, so that a malformed one costs no other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from emkcli.fhir import text


class Entry(msgspec.Struct):
    """One entry, its resource not decoded."""

    fullUrl: Any = None  # noqa: N815
    resource: msgspec.Raw = msgspec.Raw(b"")
    search: Any = None
    request: Any = None
    response: Any = None

    @property
    def has_resource(self) -> bool:
        return memoryview(self.resource).nbytes > 0

    @property
    def is_refused(self) -> bool:
        """Of an answer to a batch: what was asked for was not given; an outcome in its place was counted itself."""
        is_error = (text(self.response, "status") or "").startswith(("4", "5"))
        return is_error and not text(self.response, "outcome", "resourceType")

    @property
    def is_empty(self) -> bool:
        """Without a resource an entry says something by its request or response alone."""
        return not isinstance(self.request or self.response, dict)


class Top(msgspec.Struct):
    """What a Bundle says of itself."""

    resourceType: Any = None  # noqa: N815
    identifier: Any = None
    type: Any = None
    timestamp: Any = None
    meta: Any = None
    fhirVersion: Any = None  # noqa: N815
    total: Any = None
    link: Any = None
    entry: list[Entry] | None = None


_TOP = msgspec.json.Decoder(Top)
_ENTRY = msgspec.json.Decoder(Entry)
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_MANY = msgspec.json.Decoder(list[msgspec.Raw])


def top_of(content: Any) -> tuple[Top, int]:
    """A Bundle with those of its entries that are any, and how many are none. `msgspec.ValidationError` for no object."""
    try:
        return _TOP.decode(content), 0
    except msgspec.ValidationError:
        members = _OBJECT.decode(content)
    written = members.pop("entry", msgspec.Raw(b"[]"))
    top = _TOP.decode(msgspec.json.encode(members))
    entries = [_decoded(_ENTRY, entry) for entry in _items(written)]
    top.entry = [entry for entry in entries if entry is not None]
    return top, len(entries) - len(top.entry)


def parameters_of(content: Any) -> Iterator[dict[str, msgspec.Raw]]:
    """Every parameter of a Parameters, also those inside another; an empty one for each that is malformed."""
    waiting = [_decoded(_OBJECT, content) or {}]
    while waiting:
        parent = waiting.pop()
        for name in parent.keys() & {"parameter", "part"}:
            inner = [_decoded(_OBJECT, item) or {} for item in _items(parent[name])]
            yield from inner
            waiting += inner


def _items(written: msgspec.Raw) -> list[msgspec.Raw]:
    """A list; servers forget it around a single item."""
    items = _decoded(_MANY, written)
    return [written] if items is None else items


def _decoded(decoder: Any, content: Any) -> Any:
    try:
        return decoder.decode(content)
    except msgspec.ValidationError:
        return None
