"""Whose document it is, and which of its Patients are that one person: servers and payers send several of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Set
from dataclasses import dataclass, field

from emkcli.fhir import Graph, Identity, Node, Resource, elements, text
from emkcli.fhir.elements import contained
from emkcli.fhir.identity import name_and_birth_date, same_person
from emkcli.fhir.owner import Owner, base_of, is_patient, subjects
from emkcli.fhir.patient import identity_of
from emkcli.importers.fhir.ownership import Ownership
from emkcli.importers.fhir.source import Unreadable
from emkcli.locale import _


@dataclass(frozen=True)
class Subject:
    """`patient` is the resource that stands for the person, `same` the places of all that do; `identity` what is told of
    them, `owner` knows them by other words."""

    patient: Node | None = None
    same: frozenset[int] = frozenset()
    identity: Identity = field(default_factory=Identity)
    owner: Owner = field(default_factory=lambda: Owner([]))

    def has(self, node: Node) -> bool:
        return id(node) in self.same

    def ownership(self, graph: Graph) -> Ownership:
        """Whose each resource of the file is, seen from this person."""
        patients = [node for node in graph.nodes if node.type == "Patient"]
        addresses = {name: self.has(node) for node in patients for name in (node.full_url, node.key) if name}
        return Ownership(graph, self.owner, addresses)


MOST_PEOPLE = 100
"""Whom one file may be about: a family, not a hospital."""


def subjects_of(graph: Graph, composition: Resource) -> list[Subject]:
    """The Composition says whose it is, or there is one person, or those whom records name. Raises `Unreadable` where a
    reference could mean either of two people."""
    people = list(_people(graph))
    subject = graph.node(text(composition, "subject", "reference"))
    chosen = [person for person in people if any(node is subject for node in person)]
    if not chosen and len(people) > 1:
        named = {id(node) for record in graph.nodes for node in patients_of(graph, record)}
        chosen = [person for person in people if any(id(node) in named for node in person)]
    chosen = chosen or people
    if _share_a_name(people) or len(chosen) > MOST_PEOPLE:
        raise Unreadable("failed", several_patients())
    if not chosen:
        return [_absent(graph)]
    return [_subject(graph, person, subject) for person in chosen]


def several_patients() -> str:
    return _(
        "several_patients: the file is about more than one patient; --person auto files each under its own, or ask for a file of each"
    )


def _subject(graph: Graph, person: list[Node], named: Node | None) -> Subject:
    patient = next((node for node in person if node is named), None) or _best(graph, person)
    names = {name for node in person for name in (node.key, node.full_url) if name}
    owner = Owner([graph.resource(node) for node in person], names | _only_name(graph, names), lambda: _bases(graph))
    return Subject(patient, frozenset(map(id, person)), identity_of(graph.resource(patient)), owner)


def _only_name(graph: Graph, names: Set[str]) -> Set[str]:
    """The one address of a Patient by which all records call the person of the file whom none calls by their own."""
    stated: set[str] = set()
    for address in _addresses(graph):
        stated.add(address)
        if len(stated) > 1 or address in names or graph.node(address) is not None:
            return set()
    return stated


def _absent(graph: Graph) -> Subject:
    """A person of whom the file has no Patient: whom its first record names. Raises where another one names somebody else."""
    resources = map(graph.resource, graph.nodes)
    named = next(((one, resource) for resource in resources for one in subjects(resource)), None)
    if named is None:
        return Subject()
    reference, resource = named
    address = text(reference, "reference") or ""
    inner = [one for one in contained(resource, "Patient") if address == f"#{text(one, 'id')}"]
    told = {"name": [{"text": text(reference, "display")}], "identifier": elements(reference, "identifier")}
    owner = Owner(inner or [told], [address] if address and not inner else [], lambda: _bases(graph))
    subject = Subject(identity=identity_of(inner[0]) if inner else Identity(), owner=owner)
    if "other" in map(subject.ownership(graph).named, graph.nodes):
        raise Unreadable("failed", several_patients())
    return subject


def _bases(graph: Graph) -> set[str]:
    """The servers that the file is from: by its full addresses, else by the one that most references name."""
    if stated := {base for node in graph.nodes if (base := base_of(node.full_url, node.type))}:
        return stated
    named = Counter(base_of(address, "Patient") for address in _addresses(graph))
    most_common = named.most_common(1)[0][0] if named else None
    return {most_common} if most_common else set()


def _addresses(graph: Graph) -> Iterator[str]:
    """By which addresses records name Patients."""
    references = (reference for node in graph.nodes for reference in subjects(graph.resource(node)))
    stated = (text(reference, "reference") for reference in references)
    yield from (address.partition("/_history/")[0] for address in stated if address and is_patient(address))


def patients_of(graph: Graph, node: Node) -> list[Node]:
    """The Patients of the file that a record is about."""
    named = (graph.node(text(reference, "reference")) for reference in subjects(graph.resource(node)))
    return [subject for subject in named if subject is not None and subject.type == "Patient"]


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
