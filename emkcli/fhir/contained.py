"""The resources inside another one: which are read as a part of it, and which say something of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any, NamedTuple

from emkcli.fhir.elements import Resource, element, elements, encode, text
from emkcli.fhir.graph import Graph, Node
from emkcli.fhir.references import is_id
from emkcli.fhir.resource_types import SUPPORTING
from emkcli.fhir.scene import Scene

PARTS = {
    "DocumentReference": frozenset({"Composition", "Condition"}),
    "Encounter": frozenset({"CarePlan", "ClinicalImpression", "Condition", "Observation"}),
}
"""Type → the types inside it that its own codec reads."""
_LINKED = SUPPORTING | {"Coverage", "Group"}
"""Who, where, with what and who pays."""
_LINKS = frozenset(
    {"authoredOn", "basedOn", "context", "encounter", "id", "identifier", "intent", "language", "meta", "patient"}
    | {"performer", "requester", "resourceType", "status", "subject"}
)
"""Elements that only tell what belongs to what."""
_MOST_LINKS = 100
"""Of one resource; they are looked through for each that stands beside them."""


class _Around(NamedTuple):
    """What stands in a resource: how often each id, and whom its parts may refer to."""

    idents: Counter[str]
    links: list[Resource]


def inside(resource: Resource) -> list[Resource]:
    """What stands in it as FHIR has it."""
    return [inner for inner in elements(resource, "contained") if text(inner, "resourceType")]


def deeper(resource: Resource) -> Iterator[Resource]:
    """What stands in it anywhere else, and in what stands in it."""
    direct = {id(inner) for inner in inside(resource)}
    below = _objects(list(resource.values()))
    return (value for value in below if text(value, "resourceType") and id(value) not in direct)


def _objects(waiting: list[Any]) -> Iterator[Resource]:
    """Every object among some values and below them."""
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, dict):
            waiting.extend(value.values())
            yield value


def types(resources: Iterable[Resource]) -> Iterator[str]:
    """What they are; Bundles are no part of a card."""
    return (kind for resource in resources if (kind := text(resource, "resourceType")) and kind != "Bundle")


def is_part(inner: Resource, owner: Resource) -> bool:
    """Whether the owner's codec reads it: it says that it is about the owner, or the owner refers to it."""
    if text(inner, "resourceType") not in PARTS.get(text(owner, "resourceType") or "", ()):
        return False
    return element(inner, "encounter") == {"reference": "#"} or text(inner, "id") in _named(owner)


def is_link(inner: Resource) -> bool:
    """Whether it tells nothing but who, where, with what and what belongs to what."""
    return text(inner, "resourceType") in _LINKED or inner.keys() <= _LINKS


def names_another(inner: Resource, owner: Resource, graph: Graph) -> bool:
    """Whether it says that it is about somebody else than the resource it stands in."""
    named, own = _subject(inner), _subject(owner)
    if not named or not own or named.rsplit("/", 2)[-2:] == own.rsplit("/", 2)[-2:]:
        return False
    return graph.node(named) is None or graph.node(named) is not graph.node(own)


def node_of(inner: Resource, owner: Node, place: int, graph: Graph) -> Node:
    """It as a resource of its own, with those around that it may refer to."""

    def made() -> Node:
        around = _around(owner, graph)
        kind, ident = text(inner, "resourceType") or "", text(inner, "id")
        is_unique = ident and is_id(ident) and around.idents[ident] == 1
        # no id has a low line
        name = inner_key(owner, kind, str(ident) if is_unique else f"{place}_")
        node = Node(name, kind, None, encode(inner))
        graph.adopt(node, {**inner, "contained": around.links}, owner)
        return node

    # remembered: the graph knows a resource by its place in memory
    node: Node = graph.remembered(("contained", id(owner), place), made)
    return node


def inner_key(owner: Node, kind: str, ident: str) -> str:
    """The key of a resource that stands in another."""
    return f"{owner.key}#{kind}-{ident}"


def key_of_record(record: str) -> str:
    """The key of the resource that a record is named after, which may stand in another one; parts of it are numbered."""
    owner, _sign, rest = record.partition("#")
    part = rest.partition("#")[0]
    return f"{owner}#{part}" if "-" in part else owner


def scene_of(inner: Node, owner: Node, scene: Scene) -> Scene:
    """Its records are named after the resource it stands in."""
    name = scene.name(owner) + inner.key.removeprefix(owner.key)
    return replace(scene, name=lambda node: name if node is inner else scene.name(node))


def _around(owner: Node, graph: Graph) -> _Around:
    def looked_at() -> _Around:
        resources = inside(graph.resource(owner))
        idents = Counter(ident for inner in resources if (ident := text(inner, "id")))
        return _Around(idents, list(islice(filter(is_link, resources), _MOST_LINKS)))

    around: _Around = graph.remembered(("around", id(owner)), looked_at)
    return around


def _subject(resource: Resource) -> str | None:
    return text(resource, "subject", "reference") or text(resource, "patient", "reference")


def _named(owner: Resource) -> set[str]:
    """The ids of contained resources that the owner itself refers to."""
    own = _objects([value for key, value in owner.items() if key != "contained"])
    names = (text(value, "reference") for value in own)
    return {name[1:] for name in names if name and name.startswith("#")}
