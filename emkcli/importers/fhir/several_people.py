"""A file about several people: what in it is whose, and nothing of one with another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from emkcli.fhir import Graph, Node, Resource, text
from emkcli.fhir.owner import subjects
from emkcli.fhir.placement import types_in
from emkcli.importers.fhir.ownership import whole_of
from emkcli.importers.fhir.subjects import Subject, patients_of

_OF_EVERYBODY = frozenset({"Organization", "Practitioner", "PractitionerRole", "Location", "Medication"})
"""What records of each of them may name; anything else that names no patient is nobody's."""


@dataclass(frozen=True)
class Share:
    """The resources of one person in the order of the file, and how many of each type they are."""

    subject: Subject
    nodes: Sequence[Node]
    counted: Mapping[str, int]


def shares_of(graph: Graph, people: Sequence[Subject], counted: Mapping[str, int]) -> list[Share]:
    """A share for each person. What is of none of them goes with the first one's, so that it is seen where it went."""
    owners = _Owners(graph, people)
    rows = [(node, owners.of(node) or frozenset({0})) for node in graph.nodes]
    shares = [
        Share(subject, nodes := [node for node, of in rows if of is EVERYBODY or number in of], _types(graph, nodes))
        for number, subject in enumerate(people)
    ]
    elsewhere = _types(graph, (node for node, of in rows if of is not EVERYBODY and 0 not in of))
    return [replace(shares[0], counted=Counter(counted) - elsewhere), *shares[1:]]


EVERYBODY: frozenset[int] = frozenset({-1})
"""The owners of what records of each person may name."""


class _Owners:
    """Whose resources are, as places in `people`: a visit of a mother with her child is one of both."""

    def __init__(self, graph: Graph, people: Sequence[Subject]) -> None:
        self._graph = graph
        self._places = {place: number for number, subject in enumerate(people) for place in subject.same}
        self._ownerships = [subject.ownership(graph) for subject in people]

    def of(self, node: Node, steps: int = 3) -> frozenset[int]:
        """Its own owners, or those of what it is a part of, so many steps away."""
        if node.type == "Patient":
            return frozenset({self._places[id(node)]} if id(node) in self._places else ())
        own = frozenset(number for number in self._named(node) if self._ownerships[number].named(node) == "own")
        if own or _names_anybody(self._graph.resource(node)):
            return own
        if node.type in _OF_EVERYBODY:
            return EVERYBODY
        wholes = whole_of(self._graph, node) if steps else ()
        return next((of for whole in wholes if (of := self.of(whole, steps - 1))), frozenset())

    def _named(self, node: Node) -> Iterable[int]:
        """Whom it may be about: by words anybody."""
        if any(_is_in_words(reference) for reference in subjects(self._graph.resource(node))):
            return range(len(self._ownerships))
        named = (self._places.get(id(patient)) for patient in patients_of(self._graph, node))
        return {number for number in named if number is not None}


def _names_anybody(resource: Resource) -> bool:
    return any(True for _reference in subjects(resource))


def _is_in_words(reference: Resource) -> bool:
    return (text(reference, "reference") or "#").startswith(("#", "Patient?"))


def _types(graph: Graph, nodes: Iterable[Node]) -> Counter[str]:
    return Counter(kind for node in nodes for kind in types_in(node, graph))
