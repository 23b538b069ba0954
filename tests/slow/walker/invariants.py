"""The invariants of the definitions, evaluated by a FHIRPath library; a few that ask for the whole tree, by hand."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from fhirpathpy import apply_parsed_path, parse
from fhirpathpy.engine.nodes import ResourceNode
from fhirpathpy.models import models

from tests.slow.walker.definitions import Json

BY_HAND = frozenset({"ele-1", "ext-1", "dom-2", "dom-3", "dom-4", "dom-5", "ref-1", "txt-1", "txt-2"})
"""Checked elsewhere: of every element, of contained resources, of references, of narratives."""
_FUNCTIONS = {
    "hasValue": {
        "fn": lambda inputs: len(inputs) == 1 and not isinstance(inputs[0], dict | type(None)),
        "arity": {0: []},
    },
    "htmlChecks": {"fn": lambda inputs: True, "arity": {0: []}},
}
_OPTIONS = {"userInvocationTable": _FUNCTIONS, "traceFn": lambda *_told: None}


@cache
def _parsed(expression: str) -> Any:
    return parse(expression)


def broken(value: Any, base: str, constraints: list[Json], root: Json, undecided: set[str]) -> Iterator[str]:
    """The keys of the rules that a value breaks; `base` is the type or the path that FHIRPath knows it by."""
    for one in constraints:
        if one["severity"] == "error" and one["key"] not in BY_HAND and "expression" in one:
            found = evaluated(value, base, one["expression"], root)
            if found is None:
                undecided.add(one["key"])
            elif found and found[0] is False:
                yield f"{one['key']}: {one['human'][:80]}"


def evaluated(value: Any, base: str, expression: str, root: Json) -> list[Any] | None:
    """None where the library gives up."""
    node = ResourceNode.create_node(value, base)
    variables = {"resource": root, "rootResource": root, "context": value}
    try:
        found: list[Any] = apply_parsed_path(node, _parsed(expression), variables, models["r4"], _OPTIONS)
    except Exception:  # the library raises bare Exceptions
        return None
    return found


def contained(resource: Json) -> Iterator[str]:
    """dom-2 to dom-5: nothing inside what is contained, and everything contained is referred to."""
    named = {one.removeprefix("#") for one in _references(resource)}
    for one in resource.get("contained", []):
        meta = one.get("meta", {})
        if "contained" in one:
            yield "dom-2: contained inside contained"
        if one.get("id") not in named and "#" not in set(_references(one)):
            yield f"dom-3: nothing refers to #{one.get('id')}"
        if "versionId" in meta or "lastUpdated" in meta:
            yield "dom-4: a contained resource has no version"
        if "security" in meta:
            yield "dom-5: a contained resource has no labels"


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _references(one)
    elif isinstance(value, dict):
        for name, one in value.items():
            if isinstance(one, str) and one.startswith("#"):
                yield one
            elif name != "div":
                yield from _references(one)
