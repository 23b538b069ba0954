"""Which slice of an element a value belongs to, by its discriminators."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tests.slow.walker.definitions import Definitions, Json, Node, unversioned
from tests.slow.walker.references import Scope, addresses
from tests.slow.walker.terminology import Terminology

Conforms = Callable[[Json, str, Scope], bool]


class Slicing:
    """`conforms` tells whether a resource keeps a whole profile; it is the walker itself."""

    def __init__(self, definitions: Definitions, terminology: Terminology, conforms: Conforms) -> None:
        self._definitions, self._terminology, self._conforms = definitions, terminology, conforms

    def slice_of(self, value: Any, code: str, element: Node, scope: Scope) -> Node | None:
        told = element.element["slicing"].get("discriminator", [])
        return next((one for one in element.slices if self._is_of(value, code, one, told, scope)), None)

    def _is_of(self, value: Any, code: str, one: Node, told: list[Json], scope: Scope) -> bool:
        return bool(told) and all(self._matches(value, code, one, each["type"], each["path"], scope) for each in told)

    def _matches(self, value: Any, code: str, one: Node, kind: str, path: str, scope: Scope) -> bool:
        if kind == "type" and path == "$this":
            return code in one.types
        if path == "url" and "Extension" in one.types:
            return bool(value.get("url") == self._extension(one))
        found = list(self._values(value, path, scope))
        inner = _below(one, path)
        if kind == "exists":
            return bool(found) == (inner is not None and inner.element.get("max") != "0")
        if kind in ("type", "profile"):
            return bool(found) and all(self._is(each, inner, one, kind, scope) for each in found)
        return bool(found) and inner is not None and any(self._says(each, inner) for each in found)

    def _extension(self, one: Node) -> str | None:
        if "url" in one.children and (fixed := one.children["url"].fixed("fixed")):
            return str(fixed)
        return next((unversioned(url) for url in one.type("Extension").get("profile", [])), None)

    def _values(self, value: Any, path: str, scope: Scope) -> Iterator[Any]:
        values = [value]
        for step in [] if path == "$this" else path.split("."):
            if step == "resolve()":
                names = [one.get("reference") for one in values if isinstance(one, dict)]
                values = [found for name in names if name and (found := scope.resolve(name))]
            else:
                values = [each for one in values if isinstance(one, dict) for each in _listed(one.get(step))]
        yield from values

    def _is(self, found: Any, inner: Node | None, one: Node, kind: str, scope: Scope) -> bool:
        """Whether a resource is of a type or keeps a profile that the slice names."""
        profiles = [url for told in (inner or one).element.get("type", []) for url in _profiles(told)]
        name = found.get("resourceType") if isinstance(found, dict) else None
        if kind == "type":
            types = {(self._definitions.structure(url) or {}).get("type") for url in profiles}
            return name in (types or set((inner or one).types))
        inside = _scope(scope, found)
        return not profiles or any(self._conforms(found, url, inside) for url in profiles)

    def _says(self, found: Any, inner: Node) -> bool:
        if (fixed := inner.fixed("fixed")) is not None:
            return bool(found == fixed)
        if (pattern := inner.fixed("pattern")) is not None:
            return covers(found, pattern)
        return "binding" in inner.element and self._terminology.fault(found, inner.element) is None


def covers(value: Any, pattern: Any) -> bool:
    """Whether a value holds everything a pattern says."""
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(covers(value.get(name), one) for name, one in pattern.items())
    if isinstance(pattern, list):
        return isinstance(value, list) and all(any(covers(each, one) for each in value) for one in pattern)
    return bool(value == pattern)


def _below(node: Node, path: str) -> Node | None:
    for step in [] if path == "$this" else path.split("."):
        if step == "resolve()":
            return None
        if step not in node.children:
            return None
        node = node.children[step]
    return node


def _profiles(told: Json) -> list[str]:
    return list(told.get("targetProfile") or told.get("profile") or [])


def _scope(scope: Scope, resource: Json) -> Scope:
    """An entry of the Bundle stands for itself, whoever refers to it; anything else is contained."""
    entries = addresses(scope.resource) if scope.resource.get("resourceType") == "Bundle" else scope.entries
    address = next((address for address, one in entries.items() if one is resource), None)
    return Scope(resource, address, None, entries) if address else scope.within(resource)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
