"""The document Bundle: Composition first, then the patient, the entries of the sections and what they refer to."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import uuid4

from emkcli.clinical.dates import moscow
from emkcli.clinical.status import WITHDRAWN
from emkcli.exporters.export_job import ExportJob
from emkcli.exporters.ips_writer.internal_references import address, adopted, bare, readable
from emkcli.exporters.ips_writer.required_elements import complete, patient
from emkcli.exporters.ips_writer.selection import CARRIED, Selected
from emkcli.exporters.ips_writer.summary_sections import SECTIONS, Section
from emkcli.exporters.ips_writer.xhtml_tables import narrative, nothing, table
from emkcli.fhir import Resource, text
from emkcli.locale import _, language
from emkcli.models import Person

LOINC = "http://loinc.org"
_PROFILE = "http://hl7.org/fhir/uv/ips/StructureDefinition/{}-uv-ips"
_REASONS = "http://terminology.hl7.org/CodeSystem/list-empty-reason"
_DEMO = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")


def bundle(selected: Selected, owner: Person, job: ExportJob) -> Resource:
    """The Bundle as a value that only has to be encoded."""
    now = datetime.now(moscow()).isoformat(timespec="seconds")
    entries = _Entries(selected, owner)
    sections = [content for section in SECTIONS if (content := _section(section, selected, entries, job))]
    composition = {
        "resourceType": "Composition",
        "id": "summary",
        "meta": {"profile": [_PROFILE.format("Composition")]},
        "language": language(),
        "text": narrative(_("Patient summary"), [[text(entries.patient, "name", "text") or owner.name], [now]]),
        "status": "final",
        "type": {"coding": [{"system": LOINC, "code": "60591-5"}]},
        "subject": {"reference": entries.owner},
        "date": now,
        "author": [{"reference": entries.owner}],
        "title": _("Patient summary, made from the person's own card. Not a medical document"),
        "section": sections,
    }
    document = uuid4().urn
    all_entries = [{"fullUrl": address(document), "resource": composition}, *entries.found()]
    meta = {"profile": [_PROFILE.format("Bundle")], **({"security": [_DEMO]} if job.envelope.get("demo") else {})}
    return {
        "resourceType": "Bundle",
        "meta": meta,
        "language": language(),
        "identifier": {"system": "urn:ietf:rfc:3986", "value": document},
        "type": "document",
        "timestamp": now,
        "entry": all_entries,
    }


def _section(section: Section, selected: Selected, entries: _Entries, job: ExportJob) -> Resource | None:
    chosen = selected.chosen.get(section.code, [])
    if not chosen and not section.required:
        return None
    content: Resource = {
        "title": _(section.title),
        "code": {"coding": [{"system": LOINC, "code": section.code}]},
    }
    if chosen:
        return {
            **content,
            "text": entries.told(section, chosen),
            "entry": [{"reference": entries.add(resource)} for resource in chosen],
        }
    requested = not job.categories or section.categories[0] in job.categories
    reason = _("The card holds no information about this.") if requested else _("This list was not asked for.")
    if requested and not job.complete:
        reason = _("The card could not be read completely.")
    code = "unavailable" if requested else "notasked"
    return {**content, "text": nothing(reason), "emptyReason": {"coding": [{"system": _REASONS, "code": code}]}}


class _Entries:
    """The resources of the document under addresses of its own; what one refers to comes along."""

    def __init__(self, selected: Selected, owner: Person) -> None:
        self._referenced = selected.referenced
        self._resources: dict[str, Resource] = {}
        self._waiting: dict[str, Resource] = {}
        source = selected.patient or {"resourceType": "Patient", "id": owner.id}
        self._name = f"Patient/{text(source, 'id') or owner.id}"
        self.owner = address(self._name)
        self._resources[self.owner] = {}
        self.patient = patient(_with_id(adopted(source, self.resolve)), owner.name)
        self._resources[self.owner] = self.patient
        self._take_in()

    def add(self, resource: Resource) -> str:
        """The address of a resource, which stands in the document afterwards with all that it refers to."""
        full_url = self._announce(resource)
        self._take_in()
        return full_url

    def _take_in(self) -> None:
        """What was referred to, and what that refers to in its turn."""
        while self._waiting:
            target, resource = self._waiting.popitem()
            self._resources[target] = complete(_with_id(adopted(resource, self.resolve)), self.owner)

    def _announce(self, resource: Resource) -> str:
        full_url = address(f"{resource.get('resourceType')}/{resource.get('id')}")
        if full_url not in self._resources:
            self._resources[full_url] = {}
            self._waiting[full_url] = resource
        return full_url

    def told(self, section: Section, chosen: list[Resource]) -> Resource:
        """The narrative of a section."""
        return table(_(section.title), chosen, self._referenced)

    def resolve(self, reference: str) -> str | None:
        """The address of what is referred to, when it may stand in the document."""
        name = bare(reference)
        kind = name.partition("/")[0]
        if kind == "Patient":
            return self.owner
        if address(name) in self._resources:
            return address(name)
        if kind not in CARRIED or name not in self._referenced:
            return None
        resource = readable(self._referenced[name])
        return self._announce(resource) if resource and text(resource, "status") not in WITHDRAWN else None

    def found(self) -> list[Resource]:
        return [{"fullUrl": full_url, "resource": resource} for full_url, resource in self._resources.items()]


def _with_id(resource: Resource) -> Resource:
    """An id that FHIR does not allow gives way to one made of it."""
    ident = resource.get("id")
    if isinstance(ident, str) and _ID.fullmatch(ident):
        return resource
    uuid = address(f"{resource.get('resourceType')}/{ident}").removeprefix("urn:uuid:")
    return {
        "resourceType": resource.get("resourceType"),
        "id": uuid,
        **{k: v for k, v in resource.items() if k != "id"},
    }
