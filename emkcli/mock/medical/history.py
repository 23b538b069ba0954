"""What a person was treated for and comes from: procedures, an illness of the family, a habit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from emkcli.mock.medical.scene import Scene
from emkcli.mock.medical.shape import HL7, ICD_10, LOINC, NSI_SERVICES, Resource, at, coding, concept, hl7, resource

_FAMILY = {
    True: ("FTH", "отец", "I21.9", "Острый инфаркт миокарда", "в 58 лет"),
    False: ("MTH", "мать", "J30.1", "Аллергический ринит, вызванный пыльцой растений", "с детства"),
}


def history(scene: Scene) -> Iterator[Resource]:
    """Of an adult one procedure of long ago, one of late and one that was refused; of a child a tooth."""
    yield from _adult(scene) if scene.adult else _child(scene)
    yield _family(scene)
    if scene.adult:
        yield _smoking(scene)


def _adult(scene: Scene) -> Iterator[Resource]:
    long_ago, lately = scene.birth.year + 15, scene.until - timedelta(days=400)
    yield _procedure(scene, ("A16.18.009", "Аппендэктомия"), str(long_ago), at(scene.start, 10), "completed")
    gastroscopy = {
        "performer": [{"actor": scene.staff("endoscopy")}],
        "reasonCode": [concept("Боли в эпигастрии")],
        "bodySite": [concept("Желудок")],
        "outcome": concept("Выполнена в полном объёме"),
        "note": [{"text": "Осложнений не было."}],
    }
    moment = _at(scene, lately)
    yield _procedure(
        scene, ("A03.16.001", "Эзофагогастродуоденоскопия"), moment.isoformat(), moment, "completed", **gastroscopy
    )
    refused = {"statusReason": concept("Отказ пациента")}
    moment = _at(scene, lately + timedelta(days=90))
    yield _procedure(scene, ("A03.18.001", "Колоноскопия"), moment.isoformat(), moment, "not-done", **refused)


def _child(scene: Scene) -> Iterator[Resource]:
    moment = _at(scene, scene.until - timedelta(days=200))
    code = ("A16.07.001.001", "Удаление временного зуба")
    yield _procedure(scene, code, moment.isoformat(), moment, "completed", bodySite=[concept("Зуб 7.1")])


def _at(scene: Scene, day: date) -> datetime:
    return at(max(day, scene.start), 11, 30)


def _procedure(
    scene: Scene, code: tuple[str, str], performed: str, recorded: datetime, status: str, **stated: Any
) -> Resource:
    return resource(
        "Procedure",
        scene.new_id("procedure"),
        recorded,
        status=status,
        code=concept(code[1], coding(NSI_SERVICES, *code)),
        subject=scene.subject(),
        performedDateTime=performed,
        recorder=scene.practitioner(scene.family_doctor()),
        **stated,
    )


def _family(scene: Scene) -> Resource:
    relation, word, code, illness, onset = _FAMILY[scene.adult]
    told = at(scene.start, 12)
    return resource(
        "FamilyMemberHistory",
        scene.new_id("family"),
        told,
        status="completed",
        patient=scene.subject(),
        date=str(told.date()),
        relationship=concept(word, coding(HL7 + "v3-RoleCode", relation)),
        condition=[{"code": concept(illness, coding(ICD_10, code)), "onsetString": onset}],
    )


def _smoking(scene: Scene) -> Resource:
    asked = at(scene.start, 12)
    return resource(
        "Observation",
        scene.new_id("habit"),
        asked,
        status="final",
        category=[hl7("observation-category", "social-history", "Социальный анамнез")],
        code=concept("Курение", coding(LOINC, "72166-2")),
        subject=scene.subject(),
        effectiveDateTime=asked.isoformat(),
        performer=[scene.practitioner(scene.family_doctor())],
        valueCodeableConcept=concept("Никогда не курил" if scene.male else "Никогда не курила"),
    )
