"""What a server says of itself in its CapabilityStatement."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from emkcli import errors
from emkcli.api.documents import json_text
from emkcli.api.fhir.paging import ACCEPT, REFUSED, Sender
from emkcli.fhir import Node, Resource, decode, elements, text
from emkcli.fhir.releases import release_of, release_of_version
from emkcli.locale import _

_R4 = "4.0.1"


class Capability:
    """One server's, read once."""

    def __init__(self, wire: Sender, base: str) -> None:
        self._wire, self._base = wire, base

    def lists(self, kind: str) -> bool | None:
        """Whether the server keeps a type; None where it does not tell."""
        return kind in self._parameters if self._parameters else None

    def parameters(self, kind: str) -> frozenset[str]:
        """The search parameters that the server names for a type; none where it does not tell."""
        return self._parameters.get(kind, frozenset())

    def check_release(self) -> None:
        """Elements mean other things in another release of FHIR: a vaccine that was refused would be one that was given.

        :raises Unsupported: the server speaks another than R4 and R4B.
        """
        _refuse(release_of_version(self._version))

    def check_resources(self, nodes: Iterable[Node]) -> None:
        """The same by what a server sends that does not say which release it speaks."""
        if not self._version:
            _refuse(release_of(nodes))

    @cached_property
    def _version(self) -> str | None:
        """The door of a portal names its release by its path."""
        return _R4 if self._base else text(self._statement, "fhirVersion")

    @cached_property
    def _parameters(self) -> dict[str, frozenset[str]]:
        kinds = [kind for rest in elements(self._statement, "rest") for kind in elements(rest, "resource")]
        return {name: _names(elements(kind, "searchParam")) for kind in kinds if (name := text(kind, "type"))}

    @cached_property
    def _statement(self) -> Resource:
        """Empty where the server does not give it, or gives anything else. Before R4 it could be a Conformance."""
        try:
            answer = self._wire.send("GET", f"{self._base}/metadata", headers=ACCEPT)
            statement = decode(json_text(answer))
        except (*REFUSED, errors.Forbidden, errors.SessionLost, errors.ServerError, ValueError):
            return {}
        is_statement = text(statement, "resourceType") in ("CapabilityStatement", "Conformance")
        return statement if is_statement else {}


def _names(parameters: Iterable[Resource]) -> frozenset[str]:
    return frozenset(name for parameter in parameters if (name := text(parameter, "name")))


def _refuse(release: str | None) -> None:
    if release:
        raise errors.Unsupported(
            _("The server speaks FHIR {release}; emk reads R4.").format(release=release),
            hint=_("name the address of its FHIR R4: emk config set url https://…"),
        )
