"""FHIR R4 ↔ the models of the card, for online cards, imports and exports: one codec per kind of record."""

from __future__ import annotations

from emkcli.fhir.audit_event import from_fhir as access
from emkcli.fhir.codecs import CODECS, KIND_OF_TYPE, TOLD_BY_CONTENT, Codec, kind_of, records
from emkcli.fhir.document_reference import document_id
from emkcli.fhir.elements import Resource, concept, decode, element, elements, encode, text, when
from emkcli.fhir.graph import Graph, Node
from emkcli.fhir.identity import Identity, same_person
from emkcli.fhir.medication_request import expired
from emkcli.fhir.observation import stated_kind
from emkcli.fhir.patient import from_fhir as identity_of
from emkcli.fhir.patient import person_of
from emkcli.fhir.references import stable_id
from emkcli.fhir.scene import Scene, human_name

__all__ = [
    "CODECS",
    "KIND_OF_TYPE",
    "TOLD_BY_CONTENT",
    "Codec",
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
    "stable_id",
    "stated_kind",
    "text",
    "when",
]
