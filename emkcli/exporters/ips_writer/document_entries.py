"""The entries of the document under addresses of their own: what the sections list, and what is referred to."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from uuid import uuid4

from emkcli.clinical.status import WITHDRAWN
from emkcli.exporters.ips_writer.internal_references import address, adopted, bare, readable
from emkcli.exporters.ips_writer.required_elements import complete, patient
from emkcli.exporters.ips_writer.selection import CARRIED, Chosen, Selected
from emkcli.fhir import Resource, text
from emkcli.models import Person

_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")


class DocumentEntries:
    """Resources wait as the bytes they were sent as; each is decoded when it is written."""

    def __init__(self, selected: Selected, owner: Person) -> None:
        self._referenced = selected.referenced
        self._addresses: dict[str, str | None] = {}
        self._waiting: deque[tuple[str, Chosen]] = deque()
        source = selected.patient or {"resourceType": "Patient", "id": owner.id}
        self.owner = address(f"Patient/{text(source, 'id') or owner.id}")
        self.patient = patient(_with_id(adopted(source, self.resolve), self.owner), owner.name)
        self.owner_name = text(self.patient, "name", "text") or owner.name

    def add(self, chosen: Chosen) -> str:
        """The address of an entry of a section."""
        return self._addresses.get(chosen.name) or self._announce(chosen)

    def _announce(self, entry: Chosen) -> str:
        full_url = self._addresses[entry.name] = address(entry.name)
        self._waiting.append((full_url, entry))
        return full_url

    def resolve(self, reference: str) -> str | None:
        """The address of what is referred to, when it may stand in the document."""
        name = bare(reference)
        kind = name.partition("/")[0]
        if kind == "Patient":
            return self.owner
        if name not in self._addresses:
            self._addresses[name] = self._carried(kind, name)
        return self._addresses[name]

    def _carried(self, kind: str, name: str) -> str | None:
        if kind not in CARRIED or name not in self._referenced:
            return None
        resource = readable(self._referenced[name])
        if not resource or text(resource, "status") in WITHDRAWN:
            return None
        return self._announce(Chosen(name, "", self._referenced[name]))

    def after(self, composition: Resource) -> Iterator[tuple[str, Resource]]:
        """The address and the resource of every entry of the Bundle, the composition first."""
        yield uuid4().urn, composition
        yield self.owner, self.patient
        while self._waiting:
            full_url, entry = self._waiting.popleft()
            resource = _with_id(adopted(entry.resource(), self.resolve), full_url)
            yield full_url, complete(resource, self.owner)


def _with_id(resource: Resource, full_url: str) -> Resource:
    """An id that FHIR does not allow gives way to one made of it."""
    ident = resource.get("id")
    if isinstance(ident, str) and _ID.fullmatch(ident):
        return resource
    others = {name: value for name, value in resource.items() if name not in ("resourceType", "id")}
    return {"resourceType": resource.get("resourceType"), "id": full_url.removeprefix("urn:uuid:"), **others}
