"""A file about several people: what in it is whose, and nothing of one with another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from emkcli.fhir import Graph, Node
from emkcli.fhir.placement import types_in
from emkcli.importers.fhir.subjects import Subject, patient_of

_OF_EVERYBODY = frozenset({"Organization", "Practitioner", "PractitionerRole", "Location", "Medication"})
"""What records of each of them may name; anything else that names no patient is nobody's."""


@dataclass(frozen=True)
class Share:
    """The resources of one person in the order of the file, and how many of each type they are."""

    subject: Subject
    nodes: Sequence[Node]
    counted: Mapping[str, int]


def shares_of(graph: Graph, subjects: Sequence[Subject], counted: Mapping[str, int]) -> list[Share]:
    """A share for each person. What is nobody's was counted and is in none: the first one lacks it, so that it is seen."""
    places = {place: number for number, subject in enumerate(subjects) for place in subject.same}
    rows = [(node, _owner(graph, node, places)) for node in graph.nodes]
    everybodys = [node for node, owner in rows if owner is None and node.type in _OF_EVERYBODY]
    shares: list[Share] = []
    rest = Counter(counted)
    for number, subject in reversed(list(enumerate(subjects))):
        own = [node for node, owner in rows if owner == number]
        nodes = [node for node, owner in rows if owner == number or (owner is None and node.type in _OF_EVERYBODY)]
        shares.append(Share(subject, nodes, rest if number == 0 else _types(graph, [*own, *everybodys])))
        rest = rest - _types(graph, own)
    return shares[::-1]


def _owner(graph: Graph, node: Node, places: Mapping[int, int]) -> int | None:
    """Whose a resource is; -1 for that of a patient who is none of them."""
    patient = node if node.type == "Patient" else patient_of(graph, node)
    return None if patient is None else places.get(id(patient), -1)


def _types(graph: Graph, nodes: Iterable[Node]) -> Counter[str]:
    return Counter(kind for node in nodes for kind in types_in(node, graph))
