"""FHIR R4 ↔ the models of the card, for online cards, imports and exports: one codec per kind of record."""

from __future__ import annotations

from emkcli.fhir.codecs import CODECS, KIND_OF_TYPE, TOLD_BY_CONTENT, Codec, codec, kind_of, records
from emkcli.fhir.elements import Resource, concept, decode, element, elements, encode, text, when
from emkcli.fhir.graph import Graph, Node
from emkcli.fhir.identity import Identity, same_person
from emkcli.fhir.references import stable_id
from emkcli.fhir.scene import Scene

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
    "codec",
    "concept",
    "decode",
    "element",
    "elements",
    "encode",
    "kind_of",
    "records",
    "same_person",
    "stable_id",
    "text",
    "when",
]
