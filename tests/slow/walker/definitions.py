"""StructureDefinitions, value sets and code systems by their address; a snapshot becomes a tree when first asked for."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

Json = dict[str, Any]
_BASE = "http://hl7.org/fhir/StructureDefinition/"
_SYSTEM = "http://hl7.org/fhirpath/System."
_FHIR_TYPE = f"{_BASE}structuredefinition-fhir-type"


class _Head(msgspec.Struct):
    resourceType: str = ""
    url: str = ""


class _Entry(msgspec.Struct):
    resource: msgspec.Raw = msgspec.Raw(b"{}")


class _Bundle(msgspec.Struct):
    resourceType: str = ""
    entry: list[_Entry] = []


@dataclass
class Node:
    """One element of a snapshot with the elements below it and its slices."""

    name: str
    element: Json
    children: dict[str, Node] = field(default_factory=dict)
    slices: list[Node] = field(default_factory=list)

    @property
    def types(self) -> list[str]:
        return [type_code(one) for one in self.element.get("type", [])]

    def type(self, code: str) -> Json:
        """What the element says about one of its types."""
        found = (one for one in self.element.get("type", []) if type_code(one) == code)
        return next(found, {})

    def fixed(self, stem: str) -> Any:
        """The value of `fixed…` or `pattern…`, whatever its type; None without one."""
        return next((value for key, value in self.element.items() if key.startswith(stem) and key != stem), None)


def type_code(told: Json) -> str:
    """FHIR's name of a type, also where the snapshot names the one of FHIRPath."""
    code: str = told["code"]
    if not code.startswith(_SYSTEM):
        return code
    named = [
        one.get("valueUrl") or one.get("valueUri") for one in told.get("extension", []) if one["url"] == _FHIR_TYPE
    ]
    return str(named[0]) if named else code.removeprefix(_SYSTEM).lower()


def unversioned(url: str) -> str:
    return url.partition("|")[0]


class Definitions:
    """Every definition in the given files; the first one of an address counts."""

    def __init__(self, files: Iterable[Path]) -> None:
        self._raw: dict[tuple[str, str], msgspec.Raw] = {}
        self._read: dict[tuple[str, str], Json | None] = {}
        self._trees: dict[str, Node | None] = {}
        for path in files:
            content = path.read_bytes()
            top = msgspec.json.decode(content, type=_Bundle)
            for raw in [one.resource for one in top.entry] or [msgspec.Raw(content)]:
                head = msgspec.json.decode(raw, type=_Head)
                self._raw.setdefault((head.resourceType, head.url), raw)

    def find(self, kind: str, url: str) -> Json | None:
        key = (kind, unversioned(url))
        if key not in self._read:
            raw = self._raw.get(key)
            self._read[key] = json.loads(bytes(raw)) if raw is not None else None
        return self._read[key]

    def structure(self, name: str) -> Json | None:
        """A StructureDefinition by its address, or that of a type of R4 by its name."""
        return self.find("StructureDefinition", name if ":" in name else _BASE + name)

    def kind(self, code: str) -> str:
        """`primitive-type`, `complex-type`, `resource`; empty for what is no type."""
        return str((self.structure(code) or {}).get("kind", ""))

    def tree(self, name: str) -> Node | None:
        url = unversioned(name)
        if url not in self._trees:
            found = self.structure(url)
            self._trees[url] = _tree(found["snapshot"]["element"]) if found and "snapshot" in found else None
        return self._trees[url]

    def needed(self, name: str) -> Node:
        found = self.tree(name)
        assert found is not None, f"no definition of {name}"
        return found


def _tree(elements: list[Json]) -> Node:
    root = Node(elements[0]["path"], elements[0])
    known = {elements[0]["id"]: root}
    for element in elements[1:]:
        above, _, last = element["id"].rpartition(".")
        name, _, sliced = last.partition(":")
        node = known[element["id"]] = Node(sliced or name, element)
        if sliced:
            known[f"{above}.{name}"].slices.append(node)
        else:
            known[above].children[name] = node
    for node in known.values():
        _follow(node, known)
    return root


def _follow(node: Node, known: dict[str, Node]) -> None:
    """An element whose content is defined elsewhere in the same snapshot."""
    reference = node.element.get("contentReference")
    if reference and not node.children:
        node.children = known[reference.partition("#")[2]].children
