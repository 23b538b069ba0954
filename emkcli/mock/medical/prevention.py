"""Диспансеризация and check-ups: Encounter, health group, the conclusion as a document and what is due next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from emkcli.mock.medical.body import Body
from emkcli.mock.medical.catalog import Illness
from emkcli.mock.medical.documents import Paper, document
from emkcli.mock.medical.plan import Visit
from emkcli.mock.medical.scene import Scene
from emkcli.mock.medical.shape import NSI_FIELDS, Resource, coding, concept, hl7, reference, resource
from emkcli.mock.medical.visits import encounter

_RISKS = {
    "dyslipidemia": "гиперхолестеринемия",
    "prediabetes": "нарушение гликемии натощак",
    "hypertension": "повышенное АД",
}
_REASONS = {
    "adult": ("Z00.0", "Общий медицинский осмотр"),
    "child": ("Z00.1", "Рутинное обследование состояния здоровья ребенка"),
}
_GRAVE = {"hypertension", "diabetes", "prostate"}
_ADVICE = {
    "adult": ["Рациональное питание: овощи и фрукты не менее 400 г в день", "Ходьба не менее 30 минут ежедневно"],
    "child": ["Режим дня по возрасту", "Прогулки не менее 2 часов в день", "Вакцинация по национальному календарю"],
}


def prevention(scene: Scene, body: Body, visits: list[Visit]) -> Iterator[Resource]:
    for visit in visits:
        if visit.stage == "preventive":
            yield from _checkup(scene, body, visit)


def kind_of(scene: Scene, day: date) -> str:
    """Which check-up the rules give a person of this age."""
    age = scene.age(day)
    if age < 18:
        return "Профилактический медицинский осмотр несовершеннолетнего"
    full = age >= 40 or age % 3 == 0
    return "Диспансеризация определённых групп взрослого населения" if full else "Профилактический медицинский осмотр"


def _checkup(scene: Scene, body: Body, visit: Visit) -> Iterator[Resource]:
    kind, age = kind_of(scene, visit.day), scene.age(visit.day)
    code, reason = _REASONS["child" if age < 18 else "adult"]
    ills = [onset.illness for onset in body.onsets if onset.day <= visit.day]
    group, due = _group(ills, age), _next(scene, visit.day)
    yield encounter(scene, visit, kind, reason=reason, code=code)
    yield _health_group(scene, visit, group)
    advice = _advice(ills, age)
    sections = [
        ("Группа здоровья", group),
        ("Заключение", _conclusion(ills, group)),
        ("Рекомендации", ". ".join(advice) + "."),
        ("Следующая явка", f"{due:%d.%m.%Y}"),
    ]
    signed = scene.settled(visit.end + timedelta(minutes=30))
    yield from document(scene, Paper("prevention", visit.id, signed, visit.doctor, scene.organization(), sections))
    yield _next_visit(scene, visit, kind, due, advice)


def _group(ills: list[Illness], age: int) -> str:
    slugs = {ill.slug for ill in ills}
    if not slugs:
        return "I"
    if age < 18:
        return "III" if "posture" in slugs else "II"
    if slugs & _GRAVE:
        return "IIIа"
    return "II" if slugs <= set(_RISKS) else "IIIб"


def _conclusion(ills: list[Illness], group: str) -> str:
    if not ills:
        return f"Осмотр проведён. Хронических неинфекционных заболеваний не выявлено. Группа здоровья {group}."
    diagnoses = "; ".join(f"{ill.display} ({ill.code})" for ill in ills)
    risks = ", ".join(_RISKS[ill.slug] for ill in ills if ill.slug in _RISKS) or "не выявлены"
    return f"Состоит под диспансерным наблюдением: {diagnoses}. Факторы риска: {risks}. Группа здоровья {group}."


def _advice(ills: list[Illness], age: int) -> list[str]:
    return [*_ADVICE["adult" if age >= 18 else "child"], *(ill.recommendations[-1] for ill in ills)]


def _next(scene: Scene, day: date) -> date:
    if scene.age(day) < 1:
        return day + timedelta(days=31)
    return day + timedelta(days=365)


def _health_group(scene: Scene, visit: Visit, group: str) -> Resource:
    return resource(
        "Observation",
        scene.new_id("health"),
        scene.settled(visit.end),
        status="final",
        category=[hl7("observation-category", "exam", "Осмотр")],
        code=concept("Группа здоровья", coding(NSI_FIELDS, "6020", "Группа здоровья")),
        subject=scene.subject(),
        encounter=reference("Encounter", visit.id),
        effectiveDateTime=visit.end.isoformat(),
        performer=[scene.practitioner(visit.doctor)],
        valueCodeableConcept=concept(group),
    )


def _next_visit(scene: Scene, visit: Visit, kind: str, due: date, advice: list[str]) -> Resource:
    """What is due, for machines: a CarePlan with one scheduled activity."""
    return resource(
        "CarePlan",
        scene.new_id("due"),
        scene.settled(visit.end),
        status="active" if due >= scene.until else "completed",
        intent="plan",
        title="План диспансерного наблюдения",
        description=". ".join(advice) + ".",
        subject=scene.subject(),
        encounter=reference("Encounter", visit.id),
        period={"start": str(visit.day), "end": str(due)},
        created=visit.end.isoformat(),
        author=scene.practitioner(visit.doctor),
        activity=[
            {
                "detail": {
                    "code": concept(kind),
                    "status": "scheduled" if due >= scene.until else "completed",
                    "scheduledPeriod": {"start": str(due)},
                }
            }
        ],
    )
