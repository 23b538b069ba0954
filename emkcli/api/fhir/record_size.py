"""The records of a server's resource, as long as each says no more than anybody writes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from emkcli import errors, fhir
from emkcli.fhir import Node, Scene
from emkcli.locale import _

LARGEST_RECORD = 8 * 2**20
"""Bytes of one record as JSON; scans and other attachments are no part of it."""
LARGEST_RESOURCE = 24 * 2**20
"""Bytes of one resource with its scans: it is in memory several times while it is kept."""


def check_size(resource: bytes | memoryview) -> None:
    """`BadResponse` for one resource that nobody sends but to fill the memory."""
    if len(resource) > LARGEST_RESOURCE:
        raise errors.BadResponse(
            _("The server sent a resource that is larger than {size} MB.").format(size=LARGEST_RESOURCE // 2**20)
        )


def records_of(node: Node, scene: Scene) -> Iterator[Any]:
    """The records of a resource; `BadResponse` for one too large to be shown, searched or kept."""
    for record in fhir.records(node, scene):
        if len(node.content) > LARGEST_RECORD and len(record.to_json()) > LARGEST_RECORD:
            raise errors.BadResponse(
                _("The record {id} is larger than {size} MB.").format(id=node.key, size=LARGEST_RECORD // 2**20)
            )
        yield record


def check_records(node: Node, scene: Scene) -> None:
    """The same for a resource whose records are read later."""
    if len(node.content) > LARGEST_RECORD:
        for _record in records_of(node, scene):
            pass
