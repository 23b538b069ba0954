"""What a server says of itself in its CapabilityStatement; asked for only where it refused something."""

from __future__ import annotations

from functools import cached_property

from emkcli import errors
from emkcli.api.fhir.paging import ACCEPT, Sender
from emkcli.fhir import decode, elements, text


class Capability:
    """The types that a server lists, read once."""

    def __init__(self, wire: Sender, base: str) -> None:
        self._wire, self._base = wire, base

    def lists(self, kind: str) -> bool | None:
        """Whether the server keeps a type; None where it does not tell."""
        return kind in self._kinds if self._kinds else None

    @cached_property
    def _kinds(self) -> frozenset[str]:
        try:
            statement = decode(self._wire.send("GET", f"{self._base}/metadata", headers=ACCEPT).content)
        except (errors.EmkError, ValueError):
            return frozenset()
        if text(statement, "resourceType") != "CapabilityStatement":
            return frozenset()
        names = (text(kind, "type") for rest in elements(statement, "rest") for kind in elements(rest, "resource"))
        return frozenset(filter(None, names))
