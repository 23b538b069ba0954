"""Observation ↔ laboratory results; values, units, ranges and flags stay as sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from emkcli import models
from emkcli.clinical.dates import order
from emkcli.clinical.status import WITHDRAWN
from emkcli.fhir import interpretation, lab_report, reference_range
from emkcli.fhir.building import UCUM, codeable, codeable_or_unknown, coded, dated, filled, notes
from emkcli.fhir.elements import (
    Resource,
    concept,
    date_text,
    element,
    elements,
    interval,
    joined,
    label,
    number_of,
    text,
    unit_of,
    when,
)
from emkcli.fhir.graph import Node
from emkcli.fhir.lab_report import CATEGORY, state
from emkcli.fhir.observation import DATES, remarks, says_itself, value, value_of
from emkcli.fhir.performers import of_result
from emkcli.fhir.references import fhir_id, inner_reference
from emkcli.fhir.scene import Scene

if TYPE_CHECKING:
    from emkcli.fhir.write_context import WriteContext

_ERROR = "entered-in-error"


def from_fhir(resource: Resource, node: Node, scene: Scene) -> Iterator[models.LabResult]:
    """One result, or one per component (`ID#1`, `ID#2`, …) and itself only when it says something of its own. It is the
    panel of its components."""
    shared = _shared(resource, node, scene)
    parts, name = elements(resource, "component"), scene.name(node)
    if not parts or says_itself(resource):
        yield _result(resource, name, shared)
    for number, (part, panels) in enumerate(_parts(resource, shared["panel"]) if parts else (), 1):
        yield _result(part, f"{name}#{number}", shared | {"panel": panels, "comment": None})


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
    listed, parent = scene.graph.report_of(node), scene.graph.parent_of(node)
    report, head = (scene.graph.resource(around) if around else {} for around in (listed, parent))
    performers = of_result(resource, (head, report), scene)
    specimen = element(resource, "specimen") or element(head, "specimen") or element(report, "specimen")
    return {
        "report_id": scene.name(listed) if listed else None,
        "collected_at": _collected(resource, head, report, scene.graph.get(specimen, resource) or {}),
        "collected_at_text": date_text(resource, *DATES) or interval(resource, *DATES),
        "specimen": concept(scene.concept_at(specimen, resource)),
        "method": concept(element(resource, "method")),
        "panel": _panels(node, listed, scene),
        "comment": performers.others,
        "clinic": performers.clinic,
        "doctor": performers.doctor,
        "status": _status(resource, head, report),
        "source": scene.source,
    }


def _status(resource: Resource, *around: Resource) -> str | None:
    """Its own, unless the panel or the report that it was released with was an error."""
    own, is_error = text(resource, "status"), any(text(part, "status") == _ERROR for part in around)
    return _ERROR if is_error and own not in WITHDRAWN else own


def _panels(node: Node, listed: Node | None, scene: Scene) -> list[str]:
    """The panels around it, the outermost first."""
    if listed and (named := lab_report.panels(listed, node, scene)):
        return named
    around: list[Node] = []
    parent = scene.graph.parent_of(node)
    while parent and parent not in around and len(around) < lab_report.MOST_PANELS:
        around.append(parent)
        parent = scene.graph.parent_of(parent)
    names = (concept(element(scene.graph.resource(panel), "code")) for panel in reversed(around))
    return list(filter(None, names))


def _collected(resource: Resource, head: Resource, report: Resource, specimen: Resource) -> str | None:
    """When the sample was taken: the result says it, its specimen, or the report (FHIR defines its date so), unless the
    result was released before; else when it was released, or what its panel and its report say of that."""
    specimen_time = when(element(specimen, "collection"), "collectedDateTime", "collectedPeriod")
    reported, issued = when(report, *DATES), when(resource, "issued")
    if reported and issued and order(issued) < order(reported):
        reported = issued
    taken = when(resource, *DATES) or specimen_time or reported
    return taken or issued or when(head, *DATES, "issued") or when(report, "issued")


def _parts(resource: Resource, panels: list[str]) -> Iterator[tuple[Resource, list[str]]]:
    """The components and the panels of each; those of a component too, which R4 does not have and laboratories send."""
    waiting = [(resource, panels)]
    while waiting:
        owner, panels = waiting.pop()
        parts = elements(owner, "component")
        if owner is not resource and (not parts or says_itself(owner)):
            yield owner, panels
        inside = [*panels, *filter(None, [label(owner.get("code"))])]
        waiting.extend((part, inside) for part in reversed(parts))


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
        **shared | {"comment": joined([remarks(part), shared["comment"]])},
    )
