"""Observation ↔ vital signs; values and units stay as sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from emkcli import models
from emkcli.fhir import interpretation, reference_range
from emkcli.fhir.blood_pressure import pressure_of
from emkcli.fhir.building import codeable_or_unknown, coded, dated, filled, notes
from emkcli.fhir.elements import Resource, element, elements, joined, label, text, unit_of
from emkcli.fhir.graph import Node
from emkcli.fhir.lab_report import CATEGORY, state
from emkcli.fhir.observation import DATES, remarks, value, value_of
from emkcli.fhir.references import fhir_id
from emkcli.fhir.scene import Scene

if TYPE_CHECKING:
    from emkcli.fhir.write_context import WriteContext


def from_fhir(resource: Resource, node: Node, scene: Scene) -> Iterator[models.Vital]:
    """One sign; blood pressure «120/80» in one, every other set of components apart."""
    shared = scene.fields(resource, node, DATES, "performer")
    parts = elements(resource, "component")
    pressure = _pressure(parts)
    own = pressure or _measured(resource)
    if pressure or own[0] or not parts:
        yield _sign(_whole(resource, parts) if pressure else resource, own, shared)
    if not pressure:
        for number, part in enumerate(parts, 1):
            note = [*elements(part, "note"), *elements(resource, "note")]
            yield _sign({**part, "note": note}, _measured(part), shared | {"id": f"{shared['id']}#{number}"})


def to_fhir(record: models.Vital, context: WriteContext) -> Resource:
    """One sign, in whatever form its value was written."""
    return filled(
        resourceType="Observation",
        id=fhir_id(record.id),
        status=state(record.status),
        category=[coded(CATEGORY, "vital-signs")],
        code=codeable_or_unknown(record.display, record.code),
        subject=context.subject,
        **dated("effectiveDateTime", record.date, record.date_text),
        performer=context.parties.performers(record),
        **value(record.value, record.unit),
        interpretation=interpretation.to_fhir(record),
        note=notes(record.note),
        referenceRange=reference_range.to_fhir(record),
    )


def _whole(resource: Resource, parts: list[Resource]) -> Resource:
    """A pressure with what its components say of their ranges, how they are, and beside that: each by its name."""
    ranges = [(part, words) for part in parts if (words := reference_range.in_words(reference_range.from_fhir(part)))]
    marks = [(part, mark) for part in parts if (mark := interpretation.flag(part) or interpretation.words(part))]
    remarked = [(part, words) for part in parts if (words := remarks(part))]
    return {
        **resource,
        "referenceRange": [*elements(resource, "referenceRange"), {"text": _by_name(ranges)}],
        "interpretation": [*elements(resource, "interpretation"), {"text": _by_name(marks)}],
        "note": [*elements(resource, "note"), {"text": _by_name(remarked)}],
    }


def _by_name(parts: list[tuple[Resource, str]]) -> str | None:
    return joined(": ".join(filter(None, (label(part.get("code")), words))) for part, words in parts)


def _sign(part: Resource, measured: tuple[str | None, str | None], shared: dict[str, Any]) -> models.Vital:
    code = text(part, "code", "coding", "code")
    return models.Vital(
        code=code,
        display=label(part.get("code")),
        value=measured[0],
        unit=measured[1],
        reference=reference_range.from_fhir(part),
        flag=interpretation.flag(part),
        interpretation=interpretation.words(part),
        note=remarks(part),
        **shared,
    )


def _measured(part: Resource) -> tuple[str | None, str | None]:
    written, measured = value_of(part)
    return written, unit_of(measured)


def _pressure(parts: list[Resource]) -> tuple[str, str | None] | None:
    if len(pressure := pressure_of(parts)) < 2:
        return None
    upper, lower = pressure
    high, low = value_of(upper)[0], value_of(lower)[0]
    return (f"{high}/{low}", unit_of(element(upper, "valueQuantity"))) if high and low else None
