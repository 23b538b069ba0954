"""What changes the meaning of a resource and is not known: nobody may read the rest as if it were not there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from emkcli.fhir.elements import Resource, elements, text


def may_be_modified(content: bytes) -> bool:
    """Told by its bytes: most resources need not be looked through."""
    return b"modifierExtension" in content or b"implicitRules" in content or b"\\u00" in content


def modifiers(resource: Resource) -> Iterator[Resource]:
    """Every modifierExtension, however deep, and rules of its own that a resource asks to be read by, as an extension."""
    if rules := text(resource, "implicitRules"):
        yield {"url": "implicitRules", "valueUri": rules}
    waiting: list[Any] = [resource]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting.extend(reversed(part))
        elif isinstance(part, dict):
            yield from elements(part, "modifierExtension")
            waiting.extend(reversed(part.values()))


def name_of(extension: Resource) -> str:
    """The end of its address."""
    return (text(extension, "url") or "?").rstrip("/").rsplit("/", 1)[-1]
