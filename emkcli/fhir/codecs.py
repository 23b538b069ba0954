"""Which list a resource belongs to, and the codec of each: its module reads and writes the records of one list."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from emkcli import models
from emkcli.fhir import (
    allergy_intolerance,
    composition,
    condition,
    diagnostic_report,
    document_reference,
    encounter,
    immunization,
    lab_observation,
    medication_request,
    observation,
    preventive_encounter,
    service_request,
    vital_observation,
)
from emkcli.fhir.elements import Resource
from emkcli.fhir.graph import Node
from emkcli.fhir.scene import Scene
from emkcli.fhir.write_context import WriteContext

Kind = type[models.Model]


class Codec(Protocol):
    """A module with both ways of a list, side by side, so that a field goes out where it comes in."""

    @property
    def RESOURCE_TYPES(self) -> tuple[str, ...]:
        """The types all of whose resources are records of the list."""

    def from_fhir(self, resource: Resource, node: Node, scene: Scene) -> Iterable[models.Model]:
        """The records of one resource; data never raises: unknown is null."""

    def to_fhir(self, record: Any, context: WriteContext) -> Resource:
        """The resource that stands for a record of a document that is no FHIR; what has no name of its own there
        stands inside it."""


CODECS: dict[Kind, Codec] = {
    models.Visit: encounter,
    models.LabResult: lab_observation,
    models.Study: diagnostic_report,
    models.Prescription: medication_request,
    models.Vaccination: immunization,
    models.Prevention: preventive_encounter,
    models.Document: document_reference,
    models.Diagnosis: condition,
    models.Allergy: allergy_intolerance,
    models.Vital: vital_observation,
    models.Referral: service_request,
}
"""Kind of record → its codec: the one place where a new list is registered."""
KIND_OF_TYPE: dict[str, Kind] = {type_: kind for kind, codec in CODECS.items() for type_ in codec.RESOURCE_TYPES}
"""Types all of whose resources are records of one list."""
TOLD_BY_CONTENT: dict[str, Callable[[Resource, Node, Scene], Kind | None]] = {
    "Composition": composition.kind_of,
    "DiagnosticReport": diagnostic_report.kind_of,
    "Encounter": encounter.kind_of,
    "Observation": observation.kind_of,
}
"""Types whose resources say by their content which list they belong to."""


def kind_of(node: Node, scene: Scene) -> Kind | None:
    """Which list a resource belongs to; None for patients, physicians, bills and everything else that is no record."""
    if look := TOLD_BY_CONTENT.get(node.type):
        return look(scene.graph.resource(node), node, scene)
    return KIND_OF_TYPE.get(node.type)


def records(node: Node, scene: Scene) -> Iterable[Any]:
    """The records of one resource: none, one, or one per component of a panel and per recommended vaccination."""
    kind = kind_of(node, scene)
    return CODECS[kind].from_fhir(scene.graph.resource(node), node, scene) if kind else ()
