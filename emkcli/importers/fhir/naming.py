"""What an imported resource is called: by its type and id at its source, so that its next state has the same name."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from emkcli.fhir import Graph, Node, stable_id, text

_GLOBAL = re.compile(r"https?://.+|urn:(?:uuid|oid):.+")


class _Head(msgspec.Struct):
    meta: Any = None


_HEAD = msgspec.json.Decoder(_Head)


@dataclass(frozen=True)
class Origin:
    """Where resources without an address of their own come from: a set of files, and the server that keeps states of
    them, if it can be told from others: by whom it knows under which id."""

    files: str
    server: str | None = None

    def name(self, node: Node) -> str:
        """From the address where it is one for the whole world, else from the origin and the place in it."""
        if node.full_url and _GLOBAL.fullmatch(node.full_url):
            return stable_id(node.full_url)
        is_kept = node.type == "Patient" or _says_its_state(node)
        return stable_id((is_kept and self.server) or self.files, node.key)


def names_of(graph: Graph, origin: Origin) -> dict[int, str]:
    """The name of each resource by its place in memory. States of one resource share theirs; where nothing tells of two
    with equal ids that they are states, they are two resources: Bundles that were put together count each for itself."""
    by_name: dict[str, list[Node]] = {}
    for node in graph.nodes:
        by_name.setdefault(origin.name(node), []).append(node)
    return {place: own for name, nodes in by_name.items() for place, own in _distinguished(name, nodes)}


def folder_of(file: str) -> str | None:
    """The set of files that a single resource came with: those of its folder, wherever it lies."""
    return None if file == "-" else Path(os.path.abspath(file)).parent.name  # noqa: PTH100  nothing need be there


def _distinguished(name: str, nodes: list[Node]) -> Iterator[tuple[int, str]]:
    if len(nodes) == 1 or all(map(_says_its_state, nodes)):
        yield from ((id(node), name) for node in nodes)
        return
    contents: dict[bytes, str] = {}
    for node in nodes:
        content = bytes(node.content)
        place = len(contents)
        yield id(node), contents.setdefault(content, stable_id(name, str(place)) if place else name)


def _says_its_state(node: Node) -> bool:
    """Whether it says which state of a resource it is."""
    meta = _HEAD.decode(node.content).meta
    return bool(text(meta, "versionId") or text(meta, "lastUpdated"))
