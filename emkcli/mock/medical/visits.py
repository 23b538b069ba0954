"""Visits: the Encounter, its diagnosis as a Condition, and the protocol the physician wrote."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from emkcli.mock.medical.body import Body
from emkcli.mock.medical.catalog import Illness
from emkcli.mock.medical.documents import Paper, document
from emkcli.mock.medical.parties import hospital
from emkcli.mock.medical.plan import Visit
from emkcli.mock.medical.scene import Scene
from emkcli.mock.medical.shape import (
    HL7,
    NSI_DIAGNOSIS_KINDS,
    OWN,
    Resource,
    coding,
    concept,
    diagnosis_code,
    hl7,
    identifier,
    reference,
    resource,
)

_CLASSES = {"AMB": "ambulatory", "IMP": "inpatient encounter", "HH": "home health"}
_TYPES = {
    "first": "Приём (осмотр, консультация) первичный",
    "control": "Приём (осмотр, консультация) повторный",
    "hospital": "Госпитализация плановая",
}
_CATEGORIES = {"acute": "encounter-diagnosis", "chronic": "problem-list-item"}
_BETTER = "На момент осмотра активных жалоб не предъявляет, самочувствие улучшилось."
_EASED = "Температура {temp} °C. АД {bp} мм рт. ст., ЧСС {pulse} в минуту. Симптомы регрессировали."
_FEVERISH = ("J0", "J2", "U07", "B01", "H65", "K52", "N30")


def visits(scene: Scene, body: Body, planned: list[Visit]) -> Iterator[Resource]:
    """Every visit that has a reason; check-ups are told by `prevention`."""
    conditions: dict[str, str] = {}
    for visit in planned:
        if visit.illness:
            yield from _resources(scene, body, visit, visit.illness, conditions)


def _resources(
    scene: Scene, body: Body, visit: Visit, illness: Illness, conditions: dict[str, str]
) -> Iterator[Resource]:
    chronic = illness.group == "chronic"
    if visit.cancelled:
        yield encounter(scene, visit, _TYPES[visit.stage], reason=illness.display)
        return
    existing = conditions.get(illness.slug) if chronic or visit.stage == "control" else None
    ident = existing or scene.new_id("diagnosis")
    conditions[illness.slug] = ident
    yield encounter(scene, visit, _TYPES[visit.stage], reason=_reason(visit), diagnosis=(ident, illness.display))
    if not existing:
        yield _condition(scene, ident, visit, illness)
    yield from document(scene, _paper(scene, body, visit, illness))


def _reason(visit: Visit) -> str:
    reasons = {"first": "Обращение по поводу заболевания", "control": "Контрольный осмотр, динамика лечения"}
    return reasons.get(visit.stage, "Плановое обследование и коррекция терапии")


def encounter(
    scene: Scene,
    visit: Visit,
    kind: str,
    *,
    reason: str,
    diagnosis: tuple[str, str] | None = None,
    code: str | None = None,
) -> Resource:
    """The visit itself; `code` is the МКБ-10 reason of a check-up."""
    inpatient = visit.stage == "hospital"
    place = "IMP" if inpatient else "AMB"
    status = "cancelled" if visit.cancelled else "finished" if visit.end.date() <= scene.until else "in-progress"
    # a Python keyword cannot be an argument
    return resource(
        "Encounter",
        visit.id,
        scene.settled(visit.end + timedelta(minutes=20)),
        identifier=[identifier(OWN + "visit-number", visit.id)],
        status=status,
        type=[concept(kind)],
        serviceType=concept(visit.doctor["specialty"]),
        subject=scene.subject(),
        participant=None if inpatient else [_attended(scene, visit)],
        period={"start": visit.start.isoformat()} | ({} if status == "in-progress" else {"end": visit.end.isoformat()}),
        reasonCode=[diagnosis_code(code, reason) if code else concept(reason)],
        diagnosis=[_diagnosis(*diagnosis)] if diagnosis else None,
        serviceProvider=_provider(scene, inpatient),
    ) | {"class": coding(HL7 + "v3-ActCode", place, _CLASSES[place])}


def _attended(scene: Scene, visit: Visit) -> Resource:
    return {
        "type": [hl7("v3-ParticipationType", "PPRF", "Лечащий врач")],
        "individual": scene.practitioner(visit.doctor),
    }


def _provider(scene: Scene, inpatient: bool) -> Resource:
    if not inpatient:
        return scene.organization()
    place = hospital(scene)
    return reference("Organization", place["id"], place["name"])


def _diagnosis(ident: str, display: str) -> Resource:
    main = concept("Основное заболевание", coding(NSI_DIAGNOSIS_KINDS, "1", "Основное заболевание"))
    return {"condition": reference("Condition", ident, display), "use": main, "rank": 1}


def _condition(scene: Scene, ident: str, visit: Visit, illness: Illness) -> Resource:
    abatement = visit.start + timedelta(days=12)
    resolved = illness.group == "acute" and abatement.date() <= scene.until
    return resource(
        "Condition",
        ident,
        abatement if resolved else visit.end,
        2 if resolved else 1,
        clinicalStatus=hl7("condition-clinical", "resolved" if resolved else "active"),
        verificationStatus=hl7("condition-ver-status", "confirmed"),
        category=[hl7("condition-category", _CATEGORIES[illness.group])],
        code=diagnosis_code(illness.code, illness.display),
        subject=scene.subject(),
        encounter=reference("Encounter", visit.id),
        onsetDateTime=str(visit.day),
        abatementDateTime=str(abatement.date()) if resolved else None,
        recordedDate=visit.end.isoformat(),
        recorder=scene.practitioner(visit.doctor),
        note=[{"text": illness.conclusion}],
    )


def _paper(scene: Scene, body: Body, visit: Visit, illness: Illness) -> Paper:
    first = visit.stage == "first"
    feverish = first and illness.code.startswith(_FEVERISH)
    sections = [("Жалобы", illness.complaints if first else _BETTER)]
    sections += [("Анамнез заболевания", illness.history)] if first else []
    sections += [
        ("Объективные данные", _findings(illness, body, visit, feverish)),
        ("Диагнозы", f"Основной: {illness.code} {illness.display}"),
        ("Заключение", illness.conclusion if first or visit.stage == "hospital" else illness.control),
        ("Рекомендации", _advice(illness, visit)),
    ]
    kind = "discharge" if visit.stage == "hospital" else "consultation"
    version = 2 if scene.chance("amended", visit.id).random() < 0.03 else 1
    signed = scene.settled(visit.end + timedelta(minutes=20 if version == 1 else 2900))
    return Paper(kind, visit.id, signed, visit.doctor, _provider(scene, visit.stage == "hospital"), sections, version)


def _findings(illness: Illness, body: Body, visit: Visit, feverish: bool) -> str:
    words = body.words(visit.day, feverish)
    if visit.stage == "control" and illness.group == "acute":
        return _EASED.format(**words)
    return illness.findings.format(**words)


def _advice(illness: Illness, visit: Visit) -> str:
    if visit.stage == "control" and illness.group == "acute":
        return "Режим общий. Выписка к учёбе, труду. Явка по необходимости."
    return ". ".join(illness.recommendations) + "."
