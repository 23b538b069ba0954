"""Whose document it is, and which of its Patients are that one person: servers and payers send several of one."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass

from emkcli.fhir import Graph, Node, Resource, elements, text
from emkcli.fhir.identity import name_and_birth_date, same_person
from emkcli.fhir.owner import subjects
from emkcli.fhir.patient import identity_of
from emkcli.importers.fhir.source import Unreadable
from emkcli.locale import _


@dataclass(frozen=True)
class Subject:
    """`patient` is the resource that stands for the person, `same` the places of all that do."""

    patient: Node | None = None
    same: frozenset[int] = frozenset()

    def has(self, node: Node) -> bool:
        return id(node) in self.same


MOST_PEOPLE = 100
"""Whom one file may be about: a family, not a hospital."""


def subjects_of(graph: Graph, composition: Resource) -> list[Subject]:
    """The Composition says whose it is, or there is one person, or those whom records name. Raises `Unreadable` where a
    reference could mean either of two people."""
    people = list(_people(graph))
    subject = graph.node(text(composition, "subject", "reference"))
    chosen = [person for person in people if any(node is subject for node in person)]
    if not chosen and len(people) > 1:
        named = {id(node) for record in graph.nodes if (node := patient_of(graph, record))}
        chosen = [person for person in people if any(id(node) in named for node in person)]
    chosen = chosen or people
    if _share_a_name(people) or len(chosen) > MOST_PEOPLE:
        raise Unreadable("failed", several_patients())
    if not chosen:
        return [Subject()]
    return [_subject(graph, person, subject) for person in chosen]


def several_patients() -> str:
    return _(
        "several_patients: the file is about more than one patient; --person auto files each under its own, or ask for a file of each"
    )


def _subject(graph: Graph, person: list[Node], named: Node | None) -> Subject:
    patient = next((node for node in person if node is named), None) or _best(graph, person)
    return Subject(patient, frozenset(map(id, person)))


def patient_of(graph: Graph, node: Node) -> Node | None:
    """The Patient a record is about."""
    named = (graph.node(text(reference, "reference")) for reference in subjects(graph.resource(node)))
    return next((subject for subject in named if subject is not None and subject.type == "Patient"), None)


def strangers(graph: Graph, subject: Subject) -> Callable[[Node], bool]:
    """Whether a resource is about a Patient who is not in the file, and so somebody else: where others name the Patient of
    the file as they should. Where nobody does, the file says whom it is about by being about one person."""
    if subject.patient is None or not any(
        subject.has(owner) for node in graph.nodes if (owner := patient_of(graph, node))
    ):
        return lambda node: False
    patients = (node for node in graph.nodes if subject.has(node))
    links = (link for node in patients for link in elements(graph.resource(node), "link"))
    own = {_bare(text(link, "other", "reference")) for link in links}

    def is_strange(node: Node) -> bool:
        named = (text(reference, "reference") for reference in subjects(graph.resource(node)))
        absent = {_bare(name) for name in named if name and graph.node(name) is None}
        return any(name.startswith("Patient/") for name in absent - own)

    return is_strange


def _bare(reference: str | None) -> str:
    """`Patient/id` of an address."""
    return "/".join((reference or "").partition("/_history/")[0].rsplit("/", 2)[-2:])


def _people(graph: Graph) -> Iterator[list[Node]]:
    """The Patients, those of one person together: one links to the other, or name and birth date agree."""
    patients = [node for node in graph.nodes if node.type == "Patient"]
    groups = {id(node): [node] for node in patients}
    alike: dict[Hashable, Node] = {}
    for node in patients:
        for other in [*_linked(graph, node), *_alike(graph, node, alike)]:
            _join(groups, groups[id(node)], groups[id(other)])
    return iter({id(group): group for group in groups.values()}.values())


def _join(groups: dict[int, list[Node]], group: list[Node], other: list[Node]) -> None:
    smaller, larger = sorted((group, other), key=len)
    if smaller is not larger:
        larger.extend(smaller)
        groups.update({id(node): larger for node in smaller})


def _linked(graph: Graph, node: Node) -> Iterator[Node]:
    for link in elements(graph.resource(node), "link"):
        other = graph.node(text(link, "other", "reference"))
        if other is not None and other.type == "Patient":
            yield other


def _alike(graph: Graph, node: Node, alike: dict[Hashable, Node]) -> Iterator[Node]:
    """The first of the same name and birth date, unless something else tells them apart, and the same resource again."""
    identity = identity_of(graph.resource(node))
    if key := name_and_birth_date(identity):
        first = alike.setdefault(key, node)
        if first is not node and same_person(identity_of(graph.resource(first)), identity):
            yield first
    for again in (node.full_url and (node.full_url,), (node.key, bytes(node.content))):
        if again:
            yield alike.setdefault(again, node)


def _share_a_name(people: list[list[Node]]) -> bool:
    """Whether a reference could mean either of two people: several Bundles in one have equal ids."""
    names = [{node.key for node in person} for person in people]
    return sum(map(len, names)) > len(set().union(*names))


def _best(graph: Graph, person: list[Node]) -> Node:
    """The first that is not replaced by another."""
    return next((node for node in person if not _is_replaced(graph.resource(node))), person[0])


def _is_replaced(patient: Resource) -> bool:
    links = (text(link, "type") for link in elements(patient, "link"))
    return "replaced-by" in links or text(patient, "active") == "false"
