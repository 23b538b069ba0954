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
        value = decode(content)
        return _walk(value, lambda _name: None, _DEEPEST) and value if isinstance(value, dict) else None
    except ValueError:
        return None


def adopted(resource: Resource, resolve: Callable[[str], str | None]) -> Resource:
    """A copy without narratives (the sections have ours) whose references lead to entries or are identifiers."""
    copied: Resource = _walk(resource, resolve, _DEEPEST)
    for part in (copied, *elements(copied, "contained")):
        if isinstance(part.get("text"), dict):
            del part["text"]
    return copied


def _walk(value: Any, resolve: Callable[[str], str | None], depth: int) -> Any:
    if depth < 0:
        raise ValueError("nested too deep")
    if isinstance(value, list):
        return [_walk(inner, resolve, depth - 1) for inner in value]
    if not isinstance(value, dict):
        return value
    copied = {name: _walk(inner, resolve, depth - 1) for name, inner in value.items()}
    reference = copied.get("reference")
    if isinstance(reference, str) and not reference.startswith("#"):
        return _reference(copied, reference, resolve)
    return copied


def _reference(element: Resource, reference: str, resolve: Callable[[str], str | None]) -> Resource:
    target = resolve(reference)
    if target:
        return {**element, "reference": target}
    remaining = {name: value for name, value in element.items() if name != "reference"}
    return remaining if remaining.get("identifier") else {**remaining, "identifier": {"value": reference}}
