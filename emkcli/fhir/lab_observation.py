"""Observation ↔ laboratory results; values, units, ranges and flags stay as sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from emkcli import models
from emkcli.fhir import interpretation, lab_report, reference_range
from emkcli.fhir.building import UCUM, codeable, codeable_or_unknown, coded, dated, filled, notes
from emkcli.fhir.elements import (
    Resource,
    concept,
    date_text,
    element,
    elements,
    label,
    number_of,
    text,
    unit_of,
    when,
)
from emkcli.fhir.graph import Node
from emkcli.fhir.lab_report import CATEGORY, state
from emkcli.fhir.observation import DATES, remarks, value, value_of
from emkcli.fhir.references import fhir_id, inner_reference
from emkcli.fhir.scene import Scene

if TYPE_CHECKING:
    from emkcli.fhir.write_context import WriteContext


def from_fhir(resource: Resource, node: Node, scene: Scene) -> Iterator[models.LabResult]:
    """One result, or one per component (`ID#1`, `ID#2`, …) and the panel itself only when it has a value of its own."""
    shared = _shared(resource, node, scene)
    parts, name = elements(resource, "component"), scene.name(node)
    if not parts or value_of(resource)[0] is not None:
        yield _result(resource, name, shared)
    for number, part in enumerate(parts, 1):
        yield _result(part, f"{name}#{number}", shared)


def to_fhir(record: models.LabResult, context: WriteContext) -> Resource:
    """Its panel is told by the report that lists it."""
    sample = filled(resourceType="Specimen", id="specimen", type=codeable(record.specimen))
    return filled(
        resourceType="Observation",
        id=fhir_id(record.id),
        contained=[sample] if record.specimen else None,
        status=state(record.status),
        category=[coded(CATEGORY, "laboratory")],
        code=codeable_or_unknown(record.analyte, record.code, record.code_system),
        subject=context.subject,
        **dated("effectiveDateTime", record.collected_at, record.collected_at_text),
        performer=context.parties.performers(record),
        **value(record.value, record.unit, record.unit_code),
        interpretation=interpretation.to_fhir(record),
        note=notes(record.comment),
        method=codeable(record.method),
        specimen=inner_reference(sample) if record.specimen else None,
        referenceRange=reference_range.to_fhir(record),
    )


def _shared(resource: Resource, node: Node, scene: Scene) -> dict[str, Any]:
    listed = scene.graph.report_of(node)
    report = scene.graph.resource(listed) if listed else {}
    clinic, doctor = scene.staff(resource, "performer")
    if report and not (clinic and doctor):
        reported = scene.staff(report, "performer", "resultsInterpreter")
        clinic, doctor = clinic or reported[0], doctor or reported[1]
    specimen = element(resource, "specimen") or element(report, "specimen")
    return {
        "report_id": scene.name(listed) if listed else None,
        "collected_at": _collected(resource, report, scene.graph.get(specimen, resource) or {}),
        "collected_at_text": date_text(resource, *DATES),
        "specimen": concept(scene.concept_at(specimen, resource)),
        "method": concept(element(resource, "method")),
        "panel": lab_report.panel(listed, node, scene) if listed and "contained" in report else _panel(node, scene),
        "clinic": clinic,
        "doctor": doctor,
        "status": text(resource, "status"),
        "source": scene.source,
    }


def _panel(node: Node, scene: Scene) -> str | None:
    """The name of the result that has this one as a member."""
    parent = scene.graph.parent_of(node)
    return concept(element(scene.graph.resource(parent), "code")) if parent else None


def _collected(resource: Resource, report: Resource, specimen: Resource) -> str | None:
    """When the sample was taken: the result says it, its specimen, or the report (FHIR defines its date so)."""
    specimen_time = when(element(specimen, "collection"), "collectedDateTime", "collectedPeriod")
    return when(resource, *DATES) or specimen_time or when(report, *DATES) or when(resource, "issued")


def _result(part: Resource, name: str, shared: dict[str, Any]) -> models.LabResult:
    written, measured = value_of(part)
    number = None if text(measured, "comparator") else number_of(written)
    code = element(part, "code", "coding")
    return models.LabResult(
        id=name,
        analyte=label(part.get("code")),
        code=text(code, "code"),
        code_system=text(code, "system"),
        value=written,
        value_number=number,
        unit=unit_of(measured),
        unit_code=text(measured, "code") if text(measured, "system") == UCUM else None,
        reference=reference_range.from_fhir(part),
        flag=interpretation.flag(part),
        interpretation=interpretation.words(part),
        out_of_range=reference_range.out_of_range(part, number, measured),
        comment=remarks(part),
        **shared,
    )
