"""What a DocumentReference says that it is related to."""

from __future__ import annotations

from collections.abc import Iterator

from emkcli.fhir.elements import Resource, element, elements, text
from emkcli.fhir.scene import Scene


def related(document: Resource, scene: Scene, kind: str) -> Iterator[Resource]:
    """The resources of a type, as far as they came with it."""
    references = elements(element(document, "context"), "related")
    targets = (scene.graph.get(reference, document) for reference in references)
    return (target for target in targets if target and text(target, "resourceType") == kind)


def composition_of(document: Resource, scene: Scene) -> Resource:
    """The Composition that it stands for; empty where it comes without."""
    return next(related(document, scene, "Composition"), {})
