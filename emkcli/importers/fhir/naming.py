"""What an imported resource is called: by its type and id at its source, so that its next state has the same name."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from emkcli.fhir import Graph, Node, stable_id, text

_GLOBAL = re.compile(r"https?://.+|urn:(?:uuid|oid):.+")


def names_of(graph: Graph, source: str) -> dict[int, str]:
    """The name of each resource by its place in memory. States of one resource share theirs; where nothing tells of two
    with equal ids that they are states, they are two resources: Bundles that were put together count each for itself."""
    by_name: dict[str, list[Node]] = {}
    for node in graph.nodes:
        by_name.setdefault(_name(node, source), []).append(node)
    return {place: told for name, nodes in by_name.items() for place, told in _told_apart(graph, name, nodes)}


def folder_of(file: str) -> str | None:
    """The set of files that a single resource came with: those of its folder, wherever it lies."""
    return None if file == "-" else Path(os.path.abspath(file)).parent.name  # noqa: PTH100  nothing need be there


def _name(node: Node, source: str) -> str:
    """From the address where it is one for the whole world, else from the source and the place in it."""
    if node.full_url and _GLOBAL.fullmatch(node.full_url):
        return stable_id(node.full_url)
    return stable_id(source, node.key)


def _told_apart(graph: Graph, name: str, nodes: list[Node]) -> Iterator[tuple[int, str]]:
    if len(nodes) == 1 or _are_states(graph, nodes):
        yield from ((id(node), name) for node in nodes)
        return
    contents: dict[bytes, str] = {}
    for node in nodes:
        content = bytes(node.content)
        place = len(contents)
        yield id(node), contents.setdefault(content, stable_id(name, str(place)) if place else name)


def _are_states(graph: Graph, nodes: Iterable[Node]) -> bool:
    """Whether each says which state it is."""
    metas = (graph.resource(node).get("meta") for node in nodes)
    return all(text(meta, "versionId") or text(meta, "lastUpdated") for meta in metas)
