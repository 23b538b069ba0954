"""The walk itself: every element of a resource beside the element of the snapshot that describes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.slow.walker import invariants, primitives
from tests.slow.walker.definitions import Definitions, Json, Node, unversioned
from tests.slow.walker.references import Scope, named_type
from tests.slow.walker.slicing import Slicing, covers
from tests.slow.walker.terminology import Terminology

_ID = "id"


class Fault(NamedTuple):
    where: str
    told: str


class Walker:
    def __init__(self, definitions: Definitions) -> None:
        self.definitions = definitions
        self.terminology = Terminology(definitions)
        self._slicing = Slicing(definitions, self.terminology, self.conforms)
        self.undecided: set[str] = set()
        self._checked: dict[tuple[int, str], tuple[Json, list[Fault]]] = {}

    def faults(self, resource: Json, *profiles: str) -> list[Fault]:
        """What R4, the profiles the resource claims and those named here say against it."""
        return list(self._resource(resource, Scope(resource), str(resource.get("resourceType")), profiles))

    def conforms(self, resource: Json, profile: str, scope: Scope) -> bool:
        return not self.against(resource, profile, scope)

    def _resource(self, one: Json, scope: Scope, where: str, profiles: tuple[str, ...] = ()) -> Iterator[Fault]:
        kind = one.get("resourceType") if isinstance(one, dict) else None
        if not isinstance(kind, str) or self.definitions.kind(kind) != "resource":
            yield Fault(where, f"no resource of R4: {kind}")
            return
        yield from self._named(where, self.against(one, kind, scope))
        yield from (Fault(where, told) for told in invariants.contained(one))
        claimed = one["meta"].get("profile", []) if isinstance(one.get("meta"), dict) else []
        for profile in dict.fromkeys([*claimed, *profiles]):
            if self.definitions.tree(profile):
                yield from self._named(where, self.against(one, profile, scope))

    @staticmethod
    def _named(where: str, faults: list[Fault]) -> Iterator[Fault]:
        return (Fault(where + one.where, one.told) for one in faults)

    def against(self, one: Json, profile: str, scope: Scope) -> list[Fault]:
        """The faults of a resource against one definition; remembered, as slices ask again and again."""
        key = (id(one), unversioned(profile))
        if key not in self._checked or self._checked[key][0] is not one:
            self._checked[key] = (one, [])  # what refers to itself is looked at once
            root = self.definitions.tree(profile)
            if root is None:
                return []
            if one.get("resourceType") != root.element["path"]:
                found = [Fault("", f"{one.get('resourceType')} is no {root.element['path']}")]
            else:
                found = list(self._object(one, root, "", scope))
                found += [Fault("", told) for told in self._invariants(one, root, str(one["resourceType"]), scope)]
            self._checked[key] = (one, found)
        return self._checked[key][1]

    def _object(self, value: Json, node: Node, where: str, scope: Scope) -> Iterator[Fault]:
        known = {"resourceType"} if "resourceType" in value else set()
        for name, child in node.children.items():
            for key, code in _spellings(name, child, value):
                known |= {key, f"_{key}"}
                yield from self._element(value, key, code, child, f"{where}.{key}", scope)
            yield from _cardinality(name, child, value, where)
        for key in value.keys() - known:
            yield Fault(f"{where}.{key}", "an element that is not known here")

    def _element(self, of: Json, key: str, code: str, node: Node, where: str, scope: Scope) -> Iterator[Fault]:
        many = node.element.get("base", node.element).get("max", node.element["max"]) != "1"
        if many != isinstance(of.get(key, of.get(f"_{key}")), list):
            yield Fault(where, "should be a list" if many else "should not be a list")
            return
        counts: dict[str, int] = {}
        for place, (value, beside) in enumerate(_pairs(of, key)):
            there = f"{where}[{place}]" if many else where
            yield from self._value(value, beside, code, node, there, scope)
            sliced = self._slicing.slice_of(value, code, node, scope) if node.slices and value is not None else None
            if sliced is not None:
                counts[sliced.name] = counts.get(sliced.name, 0) + 1
                yield from self._value(value, beside, code, sliced, there, scope)
            elif node.slices and node.element["slicing"]["rules"] == "closed":
                yield Fault(there, "belongs to no slice")
        if not node.name.endswith("[x]"):
            yield from _slice_counts(node, counts, where)

    def _value(self, value: Any, beside: Any, code: str, node: Node, where: str, scope: Scope) -> Iterator[Fault]:
        if self.definitions.kind(code) == "primitive-type":
            yield from self._primitive(value, beside, code, node, where, scope)
            return
        if not isinstance(value, dict):
            yield Fault(where, f"no {code}")
            return
        if not value:
            yield Fault(where, "ele-1: empty")
        profiles = tuple(node.type(code).get("profile", ()))
        if code in ("Resource", "DomainResource") or self.definitions.kind(code) == "resource":
            address = _address(scope.resource, value)
            yield from self._resource(value, scope.within(value, address), where, profiles)
            return
        yield from self._complex(value, code, node, where, scope)
        yield from self._meaning(value, code, node, where, scope)

    def _primitive(self, value: Any, beside: Any, code: str, node: Node, where: str, scope: Scope) -> Iterator[Fault]:
        if beside is not None:
            if not isinstance(beside, dict) or not beside:
                yield Fault(where, "an extension that is no object")
                return
            yield from self._object(beside, self.definitions.needed("Element"), where, scope)
        if value is None:
            if not isinstance(beside, dict) or not beside.get("extension"):
                yield Fault(where, "ele-1: neither a value nor an extension")
            return
        wanted = _ID if code == "string" and node.element["path"].endswith(".id") and _is_top(node) else code
        if told := primitives.fault(value, wanted, self.definitions):
            yield Fault(where, told)
            return
        yield from self._meaning(value, code, node, where, scope)

    def _complex(self, value: Json, code: str, node: Node, where: str, scope: Scope) -> Iterator[Fault]:
        if node.children:
            yield from self._object(value, node, where, scope)
        elif code == "Extension":
            url = str(value.get("url"))
            named = (":" in url and self.definitions.tree(url)) or self.definitions.needed("Extension")
            yield from self._object(value, named, where, scope)
        else:
            yield from self._object(value, self.definitions.needed(code), where, scope)
        if code == "Extension" and ("extension" in value) == any(key.lstrip("_").startswith("value") for key in value):
            yield Fault(where, "ext-1: either extensions or a value")
        if code == "Reference":
            yield from self._reference(value, node, where, scope)

    def _reference(self, value: Json, node: Node, where: str, scope: Scope) -> Iterator[Fault]:
        name = value.get("reference")
        if not isinstance(name, str):
            return
        found = scope.resolve(name)
        if name.startswith("#") and found is None:
            yield Fault(where, f"ref-1: nothing is contained as {name}")
        kind = found.get("resourceType") if found else named_type(name)
        targets = node.type("Reference").get("targetProfile", [])
        allowed = {(self.definitions.structure(unversioned(url)) or {}).get("type") for url in targets}
        if kind and allowed and not allowed & {kind, "Resource", None}:
            yield Fault(where, f"may not refer to a {kind}")

    def _meaning(self, value: Any, code: str, node: Node, where: str, scope: Scope) -> Iterator[Fault]:
        fixed, pattern = node.fixed("fixed"), node.fixed("pattern")
        if fixed is not None and value != fixed:
            yield Fault(where, f"should be {fixed!r}")
        if pattern is not None and not covers(value, pattern):
            yield Fault(where, f"does not follow the pattern {pattern!r}")
        if told := self.terminology.fault(value, node.element):
            yield Fault(where, told)
        yield from (Fault(where, told) for told in self._invariants(value, node, code, scope))

    def _invariants(self, value: Any, node: Node, code: str, scope: Scope) -> Iterator[str]:
        constraints = {one["key"]: one for one in node.element.get("constraint", [])}
        if not node.children and self.definitions.kind(code) == "complex-type":
            inherited = self.definitions.needed(code).element.get("constraint", [])
            constraints |= {one["key"]: one for one in inherited}
        base = node.element["path"] if code in ("BackboneElement", "Element") else code
        return invariants.broken(value, base, list(constraints.values()), scope.resource, self.undecided)


def _spellings(name: str, child: Node, value: Json) -> Iterator[tuple[str, str]]:
    """The keys under which an element stands in an object, with the type each of them says."""
    if not name.endswith("[x]"):
        if name in value or f"_{name}" in value:
            yield name, (child.types or ["BackboneElement"])[0]
        return
    for code in child.types:
        key = name.removesuffix("[x]") + code[0].upper() + code[1:]
        if key in value or f"_{key}" in value:
            yield key, code


def _cardinality(name: str, child: Node, value: Json, where: str) -> Iterator[Fault]:
    counts = [len(_pairs(value, key)) for key, _code in _spellings(name, child, value)]
    least, most = child.element["min"], child.element["max"]
    if sum(counts) < least or (most != "*" and sum(counts) > int(most)):
        yield Fault(f"{where}.{name}", f"{sum(counts)} of {least}..{most}")


def _slice_counts(node: Node, counts: dict[str, int], where: str) -> Iterator[Fault]:
    for one in node.slices:
        count, least, most = counts.get(one.name, 0), one.element["min"], one.element["max"]
        if count < least or (most != "*" and count > int(most)):
            yield Fault(where, f"slice {one.name}: {count} of {least}..{most}")


def _pairs(of: Json, key: str) -> list[tuple[Any, Any]]:
    """Each value with the extensions of its primitive."""
    values, beside = of.get(key), of.get(f"_{key}")
    if not isinstance(values, list) and not isinstance(beside, list):
        return [(values, beside)]
    left = values if isinstance(values, list) else []
    right = beside if isinstance(beside, list) else []
    length = max(len(left), len(right))
    return list(zip(left + [None] * (length - len(left)), right + [None] * (length - len(right)), strict=True))


def _address(outer: Json, resource: Json) -> str | None:
    if outer.get("resourceType") != "Bundle":
        return None
    return next((e.get("fullUrl") for e in outer.get("entry", []) if e.get("resource") is resource), None)


def _is_top(node: Node) -> bool:
    return node.element["path"].count(".") == 1 and node.element.get("base", {}).get("path") == "Resource.id"
