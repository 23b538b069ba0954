"""What a resource is read as: its records, and in which place it and each resource inside it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from emkcli.fhir import contained
from emkcli.fhir.codecs import KIND_OF_TYPE, TOLD_BY_CONTENT, records
from emkcli.fhir.elements import Resource, elements, text
from emkcli.fhir.graph import Graph, Node
from emkcli.fhir.resource_count import counted
from emkcli.fhir.resource_types import SUPPORTING
from emkcli.fhir.scene import Scene
from emkcli.locale import N_, _
from emkcli.models import CATEGORY_OF
from emkcli.models.content_account import Ledger, Place, Placed, Placements

_KEY = b'"resourceType"'
_FRAMES = {"DiagnosticReport": "result", "Observation": "hasMember"}
"""Types that may say no more than which results belong together, and the element that lists these."""
_OUTCOME = "OperationOutcome"
ENTRY, REFUSED, PARAMETER = "entry", "entry.response", "parameter"
_WHY = {
    _OUTCOME: N_("the source tells of an error in it"),
    ENTRY: N_("a FHIR resource should stand here, and there is none"),
    REFUSED: N_("the server did not give what was asked for here"),
    PARAMETER: N_("a value beside the resources, which no list of the card has"),
}
_KNOWN = SUPPORTING | KIND_OF_TYPE.keys() | TOLD_BY_CONTENT.keys() | {"Bundle", "Parameters"}


class Reading(NamedTuple):
    """A resource as it is kept."""

    records: tuple[Any, ...]
    placements: Placements


def read(node: Node, scene: Scene) -> Reading:
    """The records of a resource and of those inside it that say something of their own."""
    own = tuple(records(node, scene))
    inner_records, placements = _with_inner(node, _place(node, own, scene), scene)
    return Reading(own + inner_records, placements)


def inner_records(node: Node, scene: Scene) -> tuple[Any, ...]:
    """The records of what stands inside a resource and says something of its own."""
    if _is_alone(node):
        return ()
    return _with_inner(node, _place(node, tuple(records(node, scene)), scene), scene).records


def placements_by(kind: str, category: str | None, content: bytes) -> Placements:
    """The places of a resource that passes by; its list is known, and nothing of what is around it."""
    is_alone = content.count(_KEY) == 1 and b"\\u00" not in content
    if is_alone and (category or (kind in SUPPORTING and kind != _OUTCOME)):
        return alone(kind, place_of(category) if category else "supporting")
    node, scene = Node("", kind, None, content), Scene(Graph(), is_page=True)
    is_listed = kind == "Composition" and not category
    own = () if is_listed or category else tuple(records(node, scene))
    place = "supporting" if is_listed else place_of(category) if category else _place(node, own, scene)
    ledger = Ledger(counted(content))
    ledger.note(_with_inner(node, place, scene).placements)
    return ledger.settled()


def _with_inner(node: Node, place: Place, scene: Scene) -> Reading:
    """The records inside a resource that is itself in a place."""
    if _is_alone(node):
        return Reading((), alone(node.type, place))
    placements = Counter({Placed(node.type, place): 1} if node.type != "Bundle" else {})
    resource = scene.graph.resource(node)
    inner_records = tuple(_inner(node, resource, place, scene, placements))
    placements.update(Placed(kind, "unread") for kind in contained.types(contained.deeper(resource)))
    return Reading(inner_records, placements)


def types_in(node: Node, graph: Graph) -> Iterator[str]:
    """The type of a resource and of each inside it; Bundles are no part of a card."""
    yield from [node.type] if node.type != "Bundle" else []
    if not _is_alone(node):
        resource = graph.resource(node)
        yield from contained.types(contained.inside(resource))
        yield from contained.types(contained.deeper(resource))


@lru_cache(maxsize=1000)
def alone(kind: str, place: Place) -> Placements:
    """One resource with nothing inside."""
    return {Placed(kind, place): 1}


def place_of(category: str | None) -> Place:
    """Where a resource is that has records of a list."""
    return "other" if category == "other" else "records"


def place_by_type(kind: str) -> Place:
    """Where a resource without records is, as far as its type tells."""
    return "supporting" if kind in SUPPORTING else "unread"


def why_unread(kind: str) -> str:
    """Why resources of a type, or parts of what they came in, are in no place."""
    if kind in _WHY:
        return _(_WHY[kind])
    if kind in _KNOWN:
        return _("it stands inside another resource, and emk does not read it there")
    if kind[:1].islower():  # a part of a document of another form, whose file tells more
        return _("it was not understood when it was imported; emk card import FILE --explain says why")
    return _("FHIR R4 has no such type")


def _inner(node: Node, resource: Resource, place: Place, scene: Scene, placements: Counter[Placed]) -> Iterator[Any]:
    """The records of contained resources; where each is goes into `placements`. A part of a resource is where that is."""
    for number, inner in enumerate(contained.inside(resource), 1):
        kind = text(inner, "resourceType") or ""
        if place != "unread" and contained.is_part(inner, resource):
            placements[Placed(kind, place)] += 1
        elif contained.is_link(inner):
            placements[Placed(kind, "supporting")] += 1
        elif contained.names_another(inner, resource, scene.graph):
            placements[Placed(kind, "unread")] += 1
        else:
            inner_node = contained.node_of(inner, node, number, scene.graph)
            inner_scene = contained.scene_of(inner_node, node, scene)
            own = tuple(records(inner_node, inner_scene))
            placements[Placed(kind, _place(inner_node, own, inner_scene))] += 1
            yield from own


def _place(node: Node, own: tuple[Any, ...], scene: Scene) -> Place:
    if own:
        return place_of(CATEGORY_OF[type(own[0])])
    if node.type == _OUTCOME and _is_error(scene.graph.resource(node)):
        return "unread"
    return "supporting" if _is_frame(node, scene) else place_by_type(node.type)


def _is_frame(node: Node, scene: Scene) -> bool:
    """Whether its parts alone have records: a report by its results, a document that a list of documents names."""
    if node.type == "Composition":
        return bool(scene.graph.about(node, "DocumentReference"))
    return bool(node.type in _FRAMES and elements(scene.graph.resource(node), _FRAMES[node.type]))


def _is_alone(node: Node) -> bool:
    """Told by its bytes: most resources have nothing inside, and need not be looked through."""
    content = bytes(node.content)
    return node.type != "Bundle" and content.count(_KEY) == 1 and b"\\u00" not in content


def _is_error(outcome: Resource) -> bool:
    return any(text(issue, "severity") in ("error", "fatal") for issue in elements(outcome, "issue"))
