"""Which resources of a card make up its summary, section by section."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from emkcli.api.dates import order
from emkcli.api.mapping import Resource, element, text
from emkcli.api.models import Missing
from emkcli.exporters.export_job import ExportJob
from emkcli.exporters.ips_writer.internal_references import readable
from emkcli.exporters.ips_writer.required_elements import listed
from emkcli.exporters.ips_writer.summary_sections import PAST_PROBLEMS, PROBLEMS, PROCEDURES, SECTIONS, Section
from emkcli.locale import _

CARRIED = frozenset(
    {
        "Device",
        "ImagingStudy",
        "Location",
        "Medication",
        "Observation",
        "Organization",
        "Practitioner",
        "PractitionerRole",
        "Specimen",
    }
)
"""What goes along when an entry refers to it; references to anything else become identifiers."""
_WRONG = frozenset({"entered-in-error", "cancelled"})
_OVER = frozenset({"stopped", "completed", "not-taken"})
_RESOLVED = frozenset({"inactive", "remission", "resolved"})


class _Chosen(NamedTuple):
    date: datetime
    category: str
    resource: Resource


@dataclass
class Selected:
    """The patient, the entries of each section by its code, and what entries may refer to, by `Type/id`."""

    patient: Resource | None = None
    chosen: dict[str, list[Resource]] = field(default_factory=dict)
    beside: dict[str, bytes] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)


def select(job: ExportJob) -> Selected:
    """Read the card once, keeping the newest of what repeats: a result of each analyte, a diagnosis of each code."""
    found = Selected()
    newest: dict[tuple[str, str], _Chosen] = {}
    for raw in job.resources():
        told = raw.data or {}
        kind = str(told.get("type") or raw.id.partition("/")[0])
        if kind in CARRIED:
            found.beside[raw.id] = raw.content
        section = _section(kind, told.get("category"))
        if section is None and (kind != "Patient" or found.patient):
            continue
        resource = readable(raw.content)
        if resource is None:
            job.lacks(Missing(what=raw.id, why=_("malformed JSON")))
        elif section is None:
            found.patient = resource
        elif _belongs(resource, section, job):
            code = PAST_PROBLEMS.code if _is_past(resource, section) else section.code
            key = (code, (section.newest and _subject(resource)) or raw.id)
            category = str(told.get("category") or "procedures")
            chosen = _Chosen(order(told.get("date")), category, listed(resource, category))
            if key not in newest or chosen.date > newest[key].date:
                newest[key] = chosen
    _arrange(newest, found)
    return found


def _arrange(newest: dict[tuple[str, str], _Chosen], found: Selected) -> None:
    """Newest first; a diagnosis that is active now is no past problem, however often it was resolved before."""
    for (code, subject), chosen in sorted(newest.items(), key=lambda one: one[1].date, reverse=True):
        if code != PAST_PROBLEMS.code or (PROBLEMS.code, subject) not in newest:
            found.chosen.setdefault(code, []).append(chosen.resource)
            found.counts[chosen.category] += 1


def _section(kind: str, category: object) -> Section | None:
    if kind == "Procedure":
        return PROCEDURES
    return next((one for one in SECTIONS if category in one.categories and kind in one.types), None)


def _belongs(resource: Resource, section: Section, job: ExportJob) -> bool:
    """Mistakes are left out everywhere; medicines that are no longer taken out of the current ones."""
    status = text(resource, "status") or ""
    checked = text(resource, "verificationStatus", "coding", "code")
    if status in _WRONG or checked in ("entered-in-error", "refuted"):
        return False
    if section.categories == ("prescriptions",):
        return status not in _OVER and resource.get("doNotPerform") is not True and not _ended(resource, job)
    return True


def _ended(resource: Resource, job: ExportJob) -> bool:
    ends = text(resource, "dispenseRequest", "validityPeriod", "end") or text(resource, "effectivePeriod", "end")
    today = str(job.envelope.get("fetched_at") or "")[:10]
    return bool(ends and today) and str(ends)[:10] < today


def _is_past(resource: Resource, section: Section) -> bool:
    return section.categories == ("diagnoses",) and text(resource, "clinicalStatus", "coding", "code") in _RESOLVED


def _subject(resource: Resource) -> str | None:
    """What an entry is about: its first code, with the unit of its value, else its text."""
    coding = element(resource, "code", "coding")
    if code := text(coding, "code"):
        unit = text(resource, "valueQuantity", "code") or text(resource, "valueQuantity", "unit") or ""
        return f"{text(coding, 'system')}|{code}|{unit}"
    return text(resource, "code", "text")
