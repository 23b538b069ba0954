"""Prescriptions of every status: given at visits, dispensed, expired, cancelled, stopped; the latest are active."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from emkcli.mock.medical.catalog import Medicine, medicines
from emkcli.mock.medical.plan import Visit
from emkcli.mock.medical.scene import Scene
from emkcli.mock.medical.shape import (
    ATC,
    NSI_DOCUMENTS,
    OWN,
    Resource,
    at,
    coding,
    concept,
    diagnosis_code,
    hl7,
    identifier,
    reference,
    resource,
)

# Recipe forms the directory of documents has a number for.
_FORMS = {"107-1/у": ("86", "Рецепт 107-1/у"), "148-1/у-04(л)": ("37", "Льготный рецепт 148-1/у-04(л)")}


# Every so many-th, counted from which, ends so, after how many days.
_RARE = ((13, 5, "cancelled", 1), (29, 11, "stopped", 20), (23, 17, "entered-in-error", 1))


class Written(NamedTuple):
    """A medicine written out on a day."""

    at: datetime
    medicine: Medicine
    doctor: dict[str, Any]
    visit: Visit | None


def prescriptions(scene: Scene, visits: list[Visit]) -> Iterator[Resource]:
    """Everything written out; every so often one is not collected, cancelled, stopped or a mistake."""
    for number, written in enumerate(_written(scene, visits), 1):
        yield _request(scene, number, written)


def _written(scene: Scene, visits: list[Visit]) -> Iterator[Written]:
    for visit in visits:
        if visit.illness and not visit.cancelled:
            for slug in _chosen(visit, visit.illness.medicines):
                yield Written(visit.end, _suited(slug, scene.age(visit.day)), visit.doctor, visit)
    latest = at(max(scene.start, scene.until - timedelta(days=6)), 10, 24)
    for slug in _current(visits) or ["vitamin_d"]:
        yield Written(latest, medicines()[slug], scene.family_doctor(), None)


def _suited(slug: str, age: int) -> Medicine:
    medicine = medicines()[slug]
    return medicines()[medicine.young] if medicine.young and age < 12 else medicine


def _chosen(visit: Visit, slugs: list[str]) -> list[str]:
    chronic = visit.illness is not None and visit.illness.group == "chronic"
    if visit.stage == "first":
        return slugs
    return slugs[: 1 + visit.day.month % 2] if chronic else []


def _current(visits: list[Visit]) -> list[str]:
    """What a chronic patient takes now."""
    ills = [visit.illness for visit in visits if visit.illness and visit.illness.group == "chronic"]
    return list(dict.fromkeys(slug for ill in ills for slug in ill.medicines))[:3]


def _fate(scene: Scene, number: int, written: Written) -> tuple[str, datetime]:
    """Status and the moment of the last change."""
    collected = written.at + timedelta(days=1 + number % 5, hours=3)
    if written.visit is None:
        return "active", written.at
    for every, remainder, status, days in _RARE:
        if number % every == remainder:
            return status, scene.settled(written.at + timedelta(days=days))
    if number % 9 == 3 or collected > at(scene.until, 23, 59):
        return "active", written.at  # not collected: runs out by itself
    return "completed", collected


def _request(scene: Scene, number: int, written: Written) -> Resource:
    medicine, visit = written.medicine, written.visit
    status, changed = _fate(scene, number, written)
    day = written.at.date()
    return resource(
        "MedicationRequest",
        scene.new_id("recipe"),
        changed,
        1 if changed == written.at else 2,
        identifier=_numbers(scene, number, medicine, day),
        status=status,
        statusReason=concept("Замена препарата") if status == "stopped" else None,
        intent="order",
        category=[hl7("medicationrequest-category", "community"), *_form(medicine)],
        priority="routine",
        medicationCodeableConcept=concept(medicine.text, *([coding(ATC, *medicine.atc)] if medicine.atc else [])),
        subject=scene.subject(),
        encounter=reference("Encounter", visit.id) if visit else None,
        authoredOn=written.at.isoformat(),
        requester=scene.practitioner(written.doctor),
        reasonCode=[diagnosis_code(visit.illness.code, visit.illness.display)] if visit and visit.illness else None,
        dosageInstruction=[{"sequence": 1, **(medicine.dosage or {"text": medicine.dose})}],
        dispenseRequest=_dispense(medicine, day),
        substitution={"allowedBoolean": True},
    )


def _numbers(scene: Scene, number: int, medicine: Medicine, day: date) -> list[Resource] | None:
    if medicine.form == "order":
        return None
    tail = scene.chance("recipe", number).randint(1_000_000, 9_999_999)
    return [identifier(OWN + "recipe-number", f"45{day:%y}М {tail}")]


def _form(medicine: Medicine) -> list[Resource]:
    if medicine.form == "order":
        return [concept("Назначение врача")]
    code, title = _FORMS[medicine.form]
    return [concept(f"Рецептурный бланк формы {medicine.form}", coding(NSI_DOCUMENTS, code, title))]


def _dispense(medicine: Medicine, day: date) -> Resource:
    amount, unit = medicine.quantity
    return {
        "validityPeriod": {"start": str(day), "end": str(day + timedelta(days=medicine.days))},
        "numberOfRepeatsAllowed": 0,
        "quantity": {"value": Decimal(amount), "unit": unit},
    }
