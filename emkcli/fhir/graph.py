"""The resources of one Bundle or page and how they refer to each other; each is decoded when first looked at."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from emkcli import errors
from emkcli.fhir.elements import Resource, decode, elements, text, within_memory
from emkcli.fhir.replacement import replaced_by
from emkcli.locale import _
from emkcli.models.json_weight import weight

_DECODED = 512
"""How many decoded resources are kept: one page, so that a large Bundle costs little more than its bytes."""
_MEMORY = 48 * 1024 * 1024
"""How much these may take together: JSON that is little else than brackets takes thirty times its bytes."""
_WORK = 2 * 1024 * 1024 * 1024
"""How many bytes are decoded for one graph at most; large resources that are asked for in turn are decoded again and again."""


@dataclass(frozen=True, slots=True)
class Node:
    """One resource as it was sent: `key` is `Type/id` or, without an id, its fullUrl or its place."""

    key: str
    type: str
    full_url: str | None
    content: Any


class _Head(msgspec.Struct):
    resourceType: Any = None  # noqa: N815
    id: Any = None
    result: Any = None
    hasMember: Any = None  # noqa: N815
    encounter: Any = None
    device: Any = None
    context: Any = None
    relatesTo: Any = None  # noqa: N815
    status: Any = None


_HEAD = msgspec.json.Decoder(_Head)


class Graph:
    """`get` follows a reference, `report_of` names the report that lists a result."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self._by_address: dict[str, Node] = {}
        self._members: dict[str, list[str]] = {}
        self._withdrawn: set[str] = set()
        self._replacements: list[tuple[Node, str]] = []
        self._replaced: set[int] | None = None
        self._about: dict[str, list[Node]] = {}
        self._owners: dict[int, Node] = {}
        self._reports: dict[int, Node] | None = None
        self._parents: dict[int, Node] | None = None
        self._remembered: dict[Hashable, Any] = {}
        self._decoded: OrderedDict[int, tuple[Resource, int]] = OrderedDict()
        self._memory = self._work = 0
        self._inner: tuple[Resource, dict[str, Resource]] = ({}, {})

    def add(self, content: Any, full_url: str | None = None) -> Node | None:
        """Take a resource in; None when it is none. `ValueError` for broken JSON."""
        try:
            head = _HEAD.decode(within_memory(content))
        except RecursionError:
            raise ValueError("nested too deep") from None
        kind, ident = text(head.resourceType), text(head.id)
        if kind is None:
            return None
        key = f"{kind}/{ident}" if ident else full_url or f"{kind}/_{len(self.nodes) + 1}"
        node = Node(key, kind, full_url, content)
        self.nodes.append(node)
        self._name(node, ident)
        self._note(node, head)
        if head.status == "entered-in-error":
            self._withdrawn.add(key)
        else:
            self._replacements += [(node, name) for name in replaced_by(head.relatesTo)]
        members = head.result if kind == "DiagnosticReport" else head.hasMember
        if references := _references(members):
            self._members[key] = references
        return node

    def _name(self, node: Node, ident: str | None) -> None:
        names = [node.key, node.full_url, f"#{ident}" if ident else None]
        for name in filter(None, names):
            self._by_address.setdefault(name, node)

    def _note(self, node: Node, head: _Head) -> None:
        """Remember what is written about a visit or a device, and which entry of a list of documents stands for a document."""
        related = elements(head.context, "related") if node.type == "DocumentReference" else []
        for reference in [head.encounter, head.device, *related]:
            if written := text(reference, "reference"):
                self._about.setdefault(written, []).append(node)

    def about(self, node: Node, kind: str) -> list[Node]:
        """The resources of a type that refer to a visit, a document or a device as what they are about."""
        names = (node.key, node.full_url) if node.full_url != node.key else (node.key,)
        return [other for name in names for other in self._about.get(name or "", ()) if other.type == kind]

    def is_replaced(self, node: Node) -> bool:
        """Whether another document that was not taken back says that it stands for this one."""
        if self._replaced is None:
            pairs = ((newer, self.node(name)) for newer, name in self._replacements)
            self._replaced = {id(older) for newer, older in pairs if older and older is not newer}
        return id(node) in self._replaced

    def resource(self, node: Node) -> Resource:
        """The resource decoded, numbers as they were written."""
        place = id(node)
        if place in self._decoded:
            self._decoded.move_to_end(place)
            return self._decoded[place][0]
        self._work += memoryview(node.content).nbytes
        if self._work > _WORK:
            raise errors.BadResponse(_("Its resources refer to each other more often than they can be read."))
        decoded = decode(node.content)
        resource: Resource = decoded if isinstance(decoded, dict) else {}
        self._keep(place, resource, weight(bytes(node.content)))
        return resource

    def adopt(self, node: Node, resource: Resource, owner: Node) -> None:
        """Take in what stands in another resource and was decoded with it; nothing refers to it from outside."""
        self._owners[id(node)] = owner
        self._keep(id(node), resource, weight(bytes(node.content)))

    def _keep(self, place: int, resource: Resource, size: int) -> None:
        if size > _MEMORY:
            return
        self._decoded[place] = resource, size
        self._memory += size
        while len(self._decoded) > _DECODED or self._memory > _MEMORY:
            _place, (_resource, oldest) = self._decoded.popitem(last=False)
            self._memory -= oldest

    def node(self, reference: str | None) -> Node | None:
        """What a reference names: `Type/id`, a fullUrl, an absolute or versioned address."""
        if not reference:
            return None
        bare = reference.partition("/_history/")[0]
        return self._by_address.get(bare) or self._by_address.get("/".join(bare.rsplit("/", 2)[-2:]))

    def get(self, reference: Any, owner: Resource | None = None) -> Resource | None:
        """The resource a Reference element points to, among the owner's contained ones first."""
        name = text(reference, "reference")
        if name is None:
            return None
        if owner and name.startswith("#") and (inner := self._contained(owner).get(name[1:])):
            return inner
        node = self.node(name)
        return self.resource(node) if node else None

    def _contained(self, owner: Resource) -> dict[str, Resource]:
        """The resources inside one by their ids; of the last owner that was asked, as its references come together."""
        if self._inner[0] is not owner:
            inside = reversed(elements(owner, "contained"))
            self._inner = owner, {ident: inner for inner in inside if (ident := text(inner, "id"))}
        return self._inner[1]

    def remembered(self, key: Hashable, read: Callable[[], Any]) -> Any:
        """What was read of the resources once: a page names the same few people hundreds of times."""
        if key not in self._remembered:
            self._remembered[key] = read()
        return self._remembered[key]

    def owner_of(self, node: Node) -> Node | None:
        """The resource that this one stands in."""
        return self._owners.get(id(node))

    def report_of(self, node: Node) -> Node | None:
        """The DiagnosticReport that lists an Observation, directly or through a panel, or that it stands in."""
        owner = self.owner_of(node)
        if owner and owner.type == "DiagnosticReport":
            return owner
        if self._reports is None:
            self._reports = {}
            for place, report in self._listed():
                self._reports.setdefault(place, report)
        return self._reports.get(id(node))

    def parent_of(self, node: Node) -> Node | None:
        """The Observation that has this one as a member."""
        if self._parents is None:
            panels = [panel for panel in self.nodes if panel.type == "Observation" and panel.key in self._members]
            pairs = ((self.node(name), panel) for panel in panels for name in self._members[panel.key])
            self._parents = {id(member): panel for member, panel in pairs if member and member is not panel}
        return self._parents.get(id(node))

    def around(self, node: Node) -> list[Node]:
        """The panel and the report that a result was released with."""
        neighbours = (self.parent_of(node), self.report_of(node)) if node.type == "Observation" else ()
        return [neighbour for neighbour in neighbours if neighbour]

    def _listed(self) -> Iterator[tuple[int, Node]]:
        """What one report reaches, a later one need not follow again: a node belongs to the first that was not taken back."""
        visited: set[int] = set()
        reports = [node for node in self.nodes if node.type == "DiagnosticReport"]
        for report in sorted(reports, key=lambda report: report.key in self._withdrawn):
            yield from ((id(node), report) for node in self._reach(self._members.get(report.key, ()), visited))

    def _reach(self, references: Iterable[str], visited: set[int]) -> Iterator[Node]:
        waiting = list(references)
        while waiting:
            node = self.node(waiting.pop())
            if node and id(node) not in visited:
                visited.add(id(node))
                waiting.extend(self._members.get(node.key, ()))
                yield node


def _references(members: Any) -> list[str]:
    return [name for member in elements({"of": members}, "of") if (name := text(member, "reference"))]
