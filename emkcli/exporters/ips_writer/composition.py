"""The composition: who the summary is about, and its sections as tables and as references to their entries."""

from __future__ import annotations

from emkcli.exporters.export_job import ExportJob
from emkcli.exporters.ips_writer.document_entries import DocumentEntries
from emkcli.exporters.ips_writer.selection import Selected
from emkcli.exporters.ips_writer.summary_sections import SECTIONS, Section
from emkcli.exporters.ips_writer.xhtml_tables import narrative, nothing, table
from emkcli.fhir import Resource
from emkcli.locale import _, language

LOINC = "http://loinc.org"
_PROFILE = "http://hl7.org/fhir/uv/ips/StructureDefinition/Composition-uv-ips"
_REASONS = "http://terminology.hl7.org/CodeSystem/list-empty-reason"


def composition(selected: Selected, entries: DocumentEntries, now: str, job: ExportJob) -> Resource:
    """The Composition; what its sections list stands in `entries` afterwards."""
    sections = [content for section in SECTIONS if (content := _section(section, selected, entries, job))]
    return {
        "resourceType": "Composition",
        "id": "summary",
        "meta": {"profile": [_PROFILE]},
        "language": language(),
        "text": narrative(_("Patient summary"), [[entries.owner_name], [now]]),
        "status": "final",
        "type": {"coding": [{"system": LOINC, "code": "60591-5"}]},
        "subject": {"reference": entries.owner},
        "date": now,
        "author": [{"reference": entries.owner}],
        "title": _("Patient summary, made from the person's own card. Not a medical document"),
        "section": sections,
    }


def _section(section: Section, selected: Selected, entries: DocumentEntries, job: ExportJob) -> Resource | None:
    chosen = selected.chosen.get(section.code, [])
    if not chosen and not section.required:
        return None
    content: Resource = {
        "title": _(section.title),
        "code": {"coding": [{"system": LOINC, "code": section.code}]},
    }
    if not chosen:
        return content | _empty(section, job)
    rows = table(_(section.title), (entry.resource() for entry in chosen), selected.referenced)
    return {**content, "text": rows, "entry": [{"reference": entries.add(entry)} for entry in chosen]}


def _empty(section: Section, job: ExportJob) -> Resource:
    """Why a section that must stand holds nothing: never that there is nothing, for nobody knows."""
    requested = not job.categories or section.categories[0] in job.categories
    reason = _("The card holds no information about this.") if requested else _("This list was not asked for.")
    if requested and not job.complete:
        reason = _("The card could not be read completely.")
    code = "unavailable" if requested else "notasked"
    return {"text": nothing(reason), "emptyReason": {"coding": [{"system": _REASONS, "code": code}]}}
