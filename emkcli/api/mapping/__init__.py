"""FHIR R4 → the models of the card, for online cards, imports and exports. Data never raises: unknown is null."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from emkcli import models
from emkcli.api.mapping import clinical, documents, encounters, forecasts, observations
from emkcli.api.mapping.clinical import access, expired
from emkcli.api.mapping.documents import document_id
from emkcli.api.mapping.elements import Resource, concept, decode, element, elements, encode, text, when
from emkcli.api.mapping.graph import Graph, Node
from emkcli.api.mapping.observations import stated_kind
from emkcli.api.mapping.people import Identity, identity_of, person_of, same_person
from emkcli.api.mapping.scene import Scene, human_name

__all__ = [
    "LOOKED_AT",
    "PLAIN",
    "Graph",
    "Identity",
    "Node",
    "Resource",
    "Scene",
    "access",
    "concept",
    "decode",
    "document_id",
    "element",
    "elements",
    "encode",
    "expired",
    "human_name",
    "identity_of",
    "kind_of",
    "person_of",
    "records",
    "same_person",
    "stated_kind",
    "text",
    "when",
]

_Converter = Callable[[Resource, Node, Scene], models.Model]
_ONE: dict[type[models.Model], _Converter] = {
    models.Visit: encounters.visit,
    models.Prevention: encounters.prevention,
    models.Study: documents.study,
    models.Document: documents.document,
    models.Prescription: clinical.prescription,
    models.Vaccination: clinical.vaccination,
    models.Diagnosis: clinical.diagnosis,
    models.Allergy: clinical.allergy,
    models.Referral: clinical.referral,
}
PLAIN: dict[str, type[models.Model]] = {
    "MedicationRequest": models.Prescription,
    "MedicationStatement": models.Prescription,
    "Immunization": models.Vaccination,
    "ImmunizationRecommendation": models.Prevention,
    "Condition": models.Diagnosis,
    "AllergyIntolerance": models.Allergy,
    "ServiceRequest": models.Referral,
    "DocumentReference": models.Document,
}
"""Types all of whose resources are records of one list."""
LOOKED_AT = frozenset({"Observation", "Encounter", "DiagnosticReport", "Composition"})
"""Types whose resources say by their content which list they belong to."""


def kind_of(node: Node, scene: Scene) -> type[models.Model] | None:
    """Which list a resource belongs to; None for patients, physicians, bills and everything else that is no record."""
    if node.type in PLAIN:
        return PLAIN[node.type]
    if node.type not in LOOKED_AT:
        return None
    resource = scene.graph.resource(node)
    if node.type == "Observation":
        return observations.observation_kind(resource, node, scene)
    if node.type == "Encounter":
        return models.Prevention if encounters.is_preventive(resource) else models.Visit
    if node.type == "DiagnosticReport":
        return None if observations.is_lab_report(resource) else models.Study
    return None if documents.stands_for(node, scene) else models.Document


def records(node: Node, scene: Scene) -> Iterator[Any]:
    """The records of one resource: none, one, or one per component of a panel and per recommended vaccination."""
    kind = kind_of(node, scene)
    if kind is None:
        return
    resource = scene.graph.resource(node)
    if kind is models.LabResult:
        yield from observations.labs(resource, node, scene)
    elif kind is models.Vital:
        yield from observations.vitals(resource, node, scene)
    elif node.type == "ImmunizationRecommendation":
        yield from forecasts.forecasts(resource, node, scene)
    else:
        yield _ONE[kind](resource, node, scene)
