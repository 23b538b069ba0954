"""Two states of one resource: whether they say the same, and which is newer, whichever came first."""

from __future__ import annotations

from typing import Any, NamedTuple

from emkcli import fhir
from emkcli.clinical.dates import order


class State(NamedTuple):
    """A resource as it was sent; `date` is that of the document it came with."""

    content: bytes
    date: str | None


def says_the_same(state: State, other: State) -> bool:
    """Word for word, or the same JSON written in another way."""
    if state.content == other.content:
        return True
    resource = _resource(state)
    return resource is not None and resource == _resource(other)


def is_newer(state: State, other: State) -> bool:
    """By the number of its version, then by when it was written down, then by the dates of the documents."""
    meta, other_meta = _meta(state), _meta(other)
    version, other_version = (version_number(fhir.text(one, "versionId")) for one in (meta, other_meta))
    if version and other_version and version != other_version:
        return version > other_version
    updated, other_updated = (fhir.text(one, "lastUpdated") for one in (meta, other_meta))
    if updated and other_updated and order(updated) != order(other_updated):
        return order(updated) > order(other_updated)
    return order(state.date) > order(other.date)


def version_number(version: str | None) -> int:
    """0 for what is no plain number: servers may name versions as they like, and names have no order."""
    # isdigit also accepts ², and a number without end would be slow to compare
    return int(version) if version and version.isascii() and version.isdigit() and len(version) < 10 else 0


def _resource(state: State) -> Any:
    try:
        return fhir.decode(state.content)
    except ValueError:
        return None


def _meta(state: State) -> Any:
    return fhir.element(_resource(state), "meta")
