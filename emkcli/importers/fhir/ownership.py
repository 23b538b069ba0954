"""Whose the resources of a file are: by whom they name, by what they belong to, or as the file is about one person alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from emkcli.fhir import Graph, Node, elements, text
from emkcli.fhir.owner import Owner, Whose, base_of
from emkcli.fhir.resource_types import OF_ONE_PATIENT


class Ownership:
    """`patients` are the addresses of the Patients in the file → whether they are the person whom `owner` knows."""

    def __init__(self, graph: Graph, owner: Owner, patients: Mapping[str, bool]) -> None:
        self._graph, self._owner, self._patients = graph, owner, patients

    def whose(self, node: Node) -> Whose:
        """`own`, `other`, or `untold` where the file tells of others too, and not of whom this is."""
        named = self.named(node)
        if named == "nobody":
            return self._of_nobody(node)
        return named

    def named(self, node: Node) -> Whose:
        """Whose it is by whom it names itself."""
        if node.type == "Patient":
            return "own" if self._patients.get(node.key) or self._patients.get(node.full_url or "") else "other"
        base = base_of(node.full_url, node.type)
        return self._owner.whose(self._graph.resource(node), self._patients, base)

    def _of_nobody(self, node: Node) -> Whose:
        if node.type not in OF_ONE_PATIENT:
            return "own"
        around = {self.named(other) for other in whole_of(self._graph, node)} - {"nobody"}
        if len(around) == 1:
            return around.pop()
        return "untold" if self._has_others else "own"

    @cached_property
    def _has_others(self) -> bool:
        return any(self.named(node) == "other" for node in self._graph.nodes)


def whole_of(graph: Graph, node: Node) -> Iterator[Node]:
    """What a resource without a patient of its own is a part of: a report, a panel, a visit; of a Provenance its target."""
    resource = graph.resource(node)
    targets = elements(resource, "target") if node.type == "Provenance" else []
    references = [text(one, "reference") for one in [*elements(resource, "encounter"), *targets]]
    around = [graph.report_of(node), graph.parent_of(node), *map(graph.node, references)]
    yield from (other for other in around if other is not None and other is not node)
