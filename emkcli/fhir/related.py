"""What a DocumentReference says that it is related to."""

from __future__ import annotations

from collections.abc import Iterator

from emkcli.fhir.elements import Resource, element, elements, text
from emkcli.fhir.graph import Node
from emkcli.fhir.scene import Scene


def related(document: Resource, scene: Scene, kind: str) -> Iterator[Resource]:
    """The resources of a type, as far as they came with it."""
    references = elements(element(document, "context"), "related")
    targets = (scene.graph.get(reference, document) for reference in references)
    return (target for target in targets if target and text(target, "resourceType") == kind)


def related_nodes(document: Resource, scene: Scene, kind: str) -> Iterator[Node]:
    """The same as they stand in the Bundle, without what is inside the document."""
    references = elements(element(document, "context"), "related")
    nodes = (scene.graph.node(text(reference, "reference")) for reference in references)
    return (node for node in nodes if node and node.type == kind)


def composition_of(document: Resource, scene: Scene) -> Resource:
    """The Composition that it stands for; empty where it comes without."""
    return next(related(document, scene, "Composition"), {})
