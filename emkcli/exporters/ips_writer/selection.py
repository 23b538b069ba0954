"""Which resources of a card make up its summary, section by section: by the records they are read as."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from emkcli import models
from emkcli.clinical import current, latest, medicines
from emkcli.clinical.dates import order
from emkcli.exporters.current import today
from emkcli.exporters.export_job import ExportJob
from emkcli.exporters.ips_writer.internal_references import readable
from emkcli.exporters.ips_writer.required_elements import listed
from emkcli.exporters.ips_writer.summary_sections import PAST_PROBLEMS, SECTIONS, Section
from emkcli.fhir import Graph, Node, Resource, Scene, decode, records
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
_READ_WITH = CARRIED | {"DiagnosticReport"}
"""What the record of another resource is read with."""


class _Candidate(NamedTuple):
    """A resource that a section may hold."""

    section: Section
    category: str
    date: str | None
    node: Node


class Chosen(NamedTuple):
    """An entry of a section: the name by which others refer to it, the list it comes from, and the resource as sent."""

    name: str
    category: str
    content: Any

    def resource(self) -> Resource:
        """The resource decoded anew; it says by itself which list of the card it stands in."""
        resource: Resource = decode(self.content)
        return listed(resource, self.category)


@dataclass
class Selected:
    """The patient, the entries of each section by its code, and what entries may refer to, by `Type/id`."""

    patient: Resource | None = None
    chosen: dict[str, list[Chosen]] = field(default_factory=dict)
    referenced: dict[str, bytes] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)


def select(job: ExportJob) -> Selected:
    """Read the card once; the rules of `clinical` decide what of it stands, and the resource itself is what is written."""
    selected, graph = Selected(), Graph()
    candidates = list(_candidates(job, selected, graph))
    scene = Scene(graph, today=today(job).isoformat())
    standing = _Standing()
    for candidate in candidates:
        standing.read(candidate, scene, job)
    for code, chosen in standing.sections(today(job)).items():
        for candidate in sorted(chosen, key=lambda candidate: order(candidate.date), reverse=True):
            _take(candidate, code, selected, job)
    return selected


def _candidates(job: ExportJob, selected: Selected, graph: Graph) -> Iterator[_Candidate]:
    """The resources of the sections; the patient and what may be referred to are noted on the way."""
    for raw in job.resources():
        fields = raw.data
        kind, category = str(fields.get("type") or raw.id.partition("/")[0]), fields.get("category")
        section = _section(kind, category)
        if kind == "Patient":
            selected.patient = selected.patient or _readable(raw.id, raw.content, job)
        if kind in CARRIED:
            selected.referenced[raw.id] = raw.content
        if section or kind in _READ_WITH:
            node = _node(raw, graph, job)
            if section and node:
                yield _Candidate(section, str(category), fields.get("date"), node)


def _section(kind: str, category: object) -> Section | None:
    return next((section for section in SECTIONS if category in section.categories and kind in section.types), None)


def _node(raw: models.Raw, graph: Graph, job: ExportJob) -> Node | None:
    try:
        return graph.add(raw.content)
    except ValueError:
        _malformed(raw.id, job)
        return None


def _readable(name: str, content: Any, job: ExportJob) -> Resource | None:
    resource = readable(content)
    if resource is None:
        _malformed(name, job)
    return resource


def _malformed(name: str, job: ExportJob) -> None:
    job.lacks(models.Missing(what=name, why=_("malformed JSON")))


def _take(candidate: _Candidate, code: str, selected: Selected, job: ExportJob) -> None:
    node = candidate.node
    if _readable(node.key, node.content, job):
        selected.chosen.setdefault(code, []).append(Chosen(node.key, candidate.category, node.content))
        selected.counts[candidate.category] += 1


class _Standing:
    """The records of the candidates; of results, signs and studies only the newest are kept."""

    def __init__(self) -> None:
        self._by_type: dict[type[Any], list[Any]] = {}
        self._newest: dict[type[Any], latest.Latest[Any]] = {
            models.LabResult: latest.results(),
            models.Vital: latest.vitals(),
            models.Study: latest.studies(),
        }
        self._origins: dict[int, _Candidate] = {}  # by `id`: a record that is kept keeps its own

    def read(self, candidate: _Candidate, scene: Scene, job: ExportJob) -> None:
        """Take in what a resource is read as: nothing, one record, or one for each of its components."""
        try:
            for record in records(candidate.node, scene):
                self._origins[id(record)] = candidate
                self._keep(record)
        except ValueError:
            _malformed(candidate.node.key, job)

    def _keep(self, record: Any) -> None:
        if newest := self._newest.get(type(record)):
            newest.add(record)
        else:
            self._by_type.setdefault(type(record), []).append(record)

    def sections(self, day: date) -> dict[str, list[_Candidate]]:
        """What stands on a day, by the code of the section."""
        diagnoses = self._by_type.get(models.Diagnosis, [])
        standing = [
            *current.diagnoses(diagnoses),
            *current.allergies(self._by_type.get(models.Allergy, [])),
            *medicines.current(self._by_type.get(models.Prescription, []), day),
            *current.vaccinations(self._by_type.get(models.Vaccination, [])),
            *current.procedures(self._by_type.get(models.Procedure, [])),
            *current.devices(self._by_type.get(models.Other, [])),
            *(record for newest in self._newest.values() for record in newest.records),
        ]
        chosen: dict[str, list[_Candidate]] = {}
        for candidate in self._of(standing):
            chosen.setdefault(candidate.section.code, []).append(candidate)
        return chosen | {PAST_PROBLEMS.code: list(self._of(current.past_diagnoses(diagnoses)))}

    def _of(self, standing: Iterable[Any]) -> Iterator[_Candidate]:
        """The resources of records, each once; of a panel one component that stands is enough."""
        candidates = (self._origins[id(record)] for record in standing)
        return iter({candidate.node.key: candidate for candidate in candidates}.values())
