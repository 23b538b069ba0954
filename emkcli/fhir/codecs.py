"""Which list a resource belongs to, and the codec of each: its module reads and writes the records of one list."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from emkcli import models
from emkcli.fhir.elements import Resource
from emkcli.fhir.focus import named_by_focus
from emkcli.fhir.graph import Node
from emkcli.fhir.narrated_name import named
from emkcli.fhir.resource_types import OTHER
from emkcli.fhir.scene import Scene

if TYPE_CHECKING:
    from emkcli.fhir.write_context import WriteContext

Kind = type[models.Model]


class Codec(Protocol):
    """A module with both ways of a list, side by side, so that a field goes out where it comes in."""

    def from_fhir(self, resource: Resource, node: Node, scene: Scene) -> Iterable[models.Model]:
        """The records of one resource; data never raises: unknown is null."""

    def to_fhir(self, record: Any, context: WriteContext) -> Resource:
        """The resource that stands for a record of a document that is no FHIR; what has no name of its own there
        stands inside it."""


class Row(NamedTuple):
    """The module of a codec, imported when first used, and the types all of whose resources are records of its list."""

    module: str
    types: tuple[str, ...] = ()


CODECS: dict[Kind, Row] = {
    models.Visit: Row("encounter"),
    models.LabResult: Row("lab_observation"),
    models.Study: Row("diagnostic_report"),
    models.Prescription: Row("medication_request", ("MedicationRequest", "MedicationStatement")),
    models.Vaccination: Row("immunization", ("Immunization",)),
    models.Prevention: Row("preventive_encounter", ("ImmunizationRecommendation",)),
    models.Document: Row("document_reference", ("DocumentReference",)),
    models.Diagnosis: Row("condition", ("Condition",)),
    models.Allergy: Row("allergy_intolerance", ("AllergyIntolerance",)),
    models.Procedure: Row("procedure", ("Procedure",)),
    models.Vital: Row("vital_observation"),
    models.Referral: Row("service_request", ("ServiceRequest",)),
    models.Other: Row("other", tuple(sorted(OTHER))),
}
"""Kind of record → its codec: the one place where a new list is registered."""
KIND_OF_TYPE: dict[str, Kind] = {name: kind for kind, row in CODECS.items() for name in row.types}
"""Types all of whose resources are records of one list."""
TOLD_BY_CONTENT = {
    "Composition": "composition",
    "DiagnosticReport": "diagnostic_report",
    "Encounter": "encounter",
    "Observation": "observation",
}
"""Types whose resources say by their content which list they belong to → the module whose `kind_of` looks at it."""

_SOMETIMES = {"Device": "device"}
"""Supporting types of which some are a record by themselves → the same."""


def codec(kind: Kind) -> Codec:
    """The codec of a list; reading one list imports no other's."""
    module: Any = _module(CODECS[kind].module)
    return module  # type: ignore[no-any-return]


def kind_of(node: Node, scene: Scene) -> Kind | None:
    """Which list a resource belongs to; None for patients, physicians and everything else that is no record
    by itself."""
    if name := TOLD_BY_CONTENT.get(node.type) or _SOMETIMES.get(node.type):
        kind: Kind | None = _module(name).kind_of(scene.graph.resource(node), node, scene)
        return kind
    return KIND_OF_TYPE.get(node.type)


def records(node: Node, scene: Scene) -> Iterable[Any]:
    """The records of one resource: none, one, or one per component of a panel and per recommended vaccination."""
    kind = kind_of(node, scene)
    if not kind:
        return ()
    resource = named(scene.graph.resource(node))
    if node.type == "Observation":
        resource = named_by_focus(resource, scene.graph)
    read: Iterable[Any] = codec(kind).from_fhir(resource, node, scene)
    told: Iterable[Any] = _module("details").detailed(read, resource, node, scene)
    return told


@cache
def _module(name: str) -> Any:
    return import_module(f"emkcli.fhir.{name}")
