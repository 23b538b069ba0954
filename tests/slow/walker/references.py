"""What a reference leads to: a contained resource, or an entry of the Bundle by the rules of R4."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.slow.walker.definitions import Json

_RESTFUL = re.compile(r"(https?://.+/)?([A-Z][A-Za-z]+)/([A-Za-z0-9.\-]{1,64})(?:/_history/[A-Za-z0-9.\-]{1,64})?")


@dataclass(frozen=True)
class Scope:
    """Where a resource stands: its address in the Bundle, what contains it, and its neighbours by address."""

    resource: Json
    address: str | None = None
    outer: Json | None = None
    entries: dict[str, Json] = field(default_factory=dict)

    def within(self, resource: Json, address: str | None = None) -> Scope:
        """The scope of a resource inside this one: an entry of a Bundle, or something contained."""
        if self.resource.get("resourceType") == "Bundle":
            return Scope(resource, address, None, addresses(self.resource))
        return Scope(resource, self.address, self.resource, self.entries)

    def resolve(self, reference: str) -> Json | None:
        owner = self.outer or self.resource
        if reference.startswith("#"):
            listed = [owner] if reference == "#" else owner.get("contained", [])
            return next((one for one in listed if reference == "#" or one.get("id") == reference[1:]), None)
        bare = reference.partition("/_history/")[0]
        if bare in self.entries:
            return self.entries[bare]
        base = _RESTFUL.fullmatch(self.address or "")
        return self.entries.get(f"{base[1]}{bare}") if base and base[1] and ":" not in bare else None


def addresses(bundle: Json) -> dict[str, Json]:
    """The resources of a Bundle by fullUrl."""
    known: dict[str, Json] = {}
    for one in bundle.get("entry", []):
        if isinstance(one, dict) and isinstance(one.get("fullUrl"), str) and isinstance(one.get("resource"), dict):
            known.setdefault(one["fullUrl"], one["resource"])
    return known


def named_type(reference: str) -> str | None:
    """The type that the text of a reference names."""
    found = _RESTFUL.fullmatch(reference)
    return found[2] if found else None


def dangling(bundle: Json) -> Iterator[str]:
    """References of the entries that lead nowhere in the Bundle."""
    whole = Scope(bundle)
    for entry in bundle.get("entry", []):
        resource = entry.get("resource", {})
        scope = whole.within(resource, entry.get("fullUrl"))
        yield from (one for one in found(resource) if not one.startswith("#") and scope.resolve(one) is None)


def found(value: Any) -> Iterator[str]:
    """Every literal reference inside a value."""
    if isinstance(value, list):
        for one in value:
            yield from found(one)
    elif isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for one in value.values():
            yield from found(one)
