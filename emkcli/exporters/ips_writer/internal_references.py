"""References inside the document: to its own entries, or to nobody but by identifier."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid5

from emkcli.fhir import Resource, decode, elements

_NAMESPACE = UUID("0d6f5a44-0f6e-5c8f-8a63-3f0c8d1b7a52")
_DEEPEST = 100


def address(name: str) -> str:
    """The fullUrl of the resource that the card calls `Type/id`."""
    return uuid5(_NAMESPACE, name).urn


def bare(reference: str) -> str:
    """`Type/id` of a reference, whatever server and version it names."""
    return "/".join(reference.partition("/_history/")[0].rsplit("/", 2)[-2:])


def readable(content: bytes) -> Resource | None:
    """A resource that can be taken in; None for what is no JSON object, or nested beyond any sense."""
    try:
        found = decode(content)
        return _walk(found, lambda _name: None, _DEEPEST) and found if isinstance(found, dict) else None
    except ValueError:
        return None


def adopted(resource: Resource, resolve: Callable[[str], str | None]) -> Resource:
    """A copy without narratives (the sections have ours) whose references lead to entries or are identifiers."""
    copied: Resource = _walk(resource, resolve, _DEEPEST)
    for one in (copied, *elements(copied, "contained")):
        if isinstance(one.get("text"), dict):
            del one["text"]
    return copied


def _walk(value: Any, resolve: Callable[[str], str | None], depth: int) -> Any:
    if depth < 0:
        raise ValueError("nested too deep")
    if isinstance(value, list):
        return [_walk(one, resolve, depth - 1) for one in value]
    if not isinstance(value, dict):
        return value
    found = {name: _walk(one, resolve, depth - 1) for name, one in value.items()}
    reference = found.get("reference")
    if isinstance(reference, str) and not reference.startswith("#"):
        return _reference(found, reference, resolve)
    return found


def _reference(found: Resource, reference: str, resolve: Callable[[str], str | None]) -> Resource:
    there = resolve(reference)
    if there:
        return {**found, "reference": there}
    left = {name: one for name, one in found.items() if name != "reference"}
    return left if left.get("identifier") else {**left, "identifier": {"value": reference}}
