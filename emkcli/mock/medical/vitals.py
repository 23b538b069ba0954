"""Vital signs taken at visits: blood pressure with its components, pulse, temperature, weight, height."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from emkcli.mock.medical.body import Body
from emkcli.mock.medical.plan import Visit
from emkcli.mock.medical.scene import Scene
from emkcli.mock.medical.shape import LOINC, UCUM, Resource, coding, concept, hl7, reference, resource

_CATEGORY = hl7("observation-category", "vital-signs", "Витальные параметры")


def vitals(scene: Scene, body: Body, visits: list[Visit]) -> Iterator[Resource]:
    for visit in visits:
        if not visit.cancelled and visit.stage != "hospital":
            yield from _taken(scene, body, visit)


def _taken(scene: Scene, body: Body, visit: Visit) -> Iterator[Resource]:
    day, age = visit.day, scene.age(visit.day)
    if age >= 3:
        yield _pressure(scene, body, visit)
        yield _single(
            scene, visit, "Частота сердечных сокращений", "8867-4", Decimal(body.pulse(day)), "уд/мин", "/min"
        )
    if visit.stage == "preventive":
        yield _single(scene, visit, "Масса тела", "29463-7", body.weight(day), "кг", "kg")
        yield _single(scene, visit, "Рост", "8302-2", body.height(day), "см", "cm")
        index = body.weight(day) / (body.height(day) / 100) ** 2
        yield _single(scene, visit, "Индекс массы тела", "39156-5", index.quantize(Decimal("0.1")), "кг/м²", "kg/m2")


def _pressure(scene: Scene, body: Body, visit: Visit) -> Resource:
    systolic, diastolic = body.pressure(visit.day)
    parts = (("Систолическое АД", "8480-6", systolic), ("Диастолическое АД", "8462-4", diastolic))
    high = scene.age(visit.day) >= 18 and (systolic >= 140 or diastolic >= 90)
    return _sign(
        scene,
        visit,
        ("Артериальное давление", "85354-9"),
        interpretation=[hl7("v3-ObservationInterpretation", "H")] if high else None,
        component=[
            {
                "code": concept(name, coding(LOINC, code)),
                "valueQuantity": _quantity(Decimal(value), "мм рт. ст.", "mm[Hg]"),
            }
            for name, code, value in parts
        ],
    )


def _single(scene: Scene, visit: Visit, name: str, code: str, value: Decimal, unit: str, ucum: str) -> Resource:
    return _sign(scene, visit, (name, code), valueQuantity=_quantity(value, unit, ucum))


def _quantity(value: Decimal, unit: str, ucum: str) -> Resource:
    return {"value": value, "unit": unit, "system": UCUM, "code": ucum}


def _sign(scene: Scene, visit: Visit, code: tuple[str, str], **finding: Any) -> Resource:
    name, loinc = code
    return resource(
        "Observation",
        scene.new_id("vital"),
        scene.settled(visit.end),
        status="final",
        category=[_CATEGORY],
        code=concept(name, coding(LOINC, loinc)),
        subject=scene.subject(),
        encounter=reference("Encounter", visit.id),
        effectiveDateTime=visit.start.isoformat(),
        performer=[scene.practitioner(visit.doctor)],
        **finding,
    )
