"""Vaccinations by the national calendar: doses, refusals on medical grounds, a reaction, a mistaken entry; what is due."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from emkcli.mock.medical.catalog import DATA
from emkcli.mock.medical.scene import Scene
from emkcli.mock.medical.shape import (
    ATC,
    ICD_10,
    LOINC,
    OWN,
    Resource,
    at,
    coding,
    concept,
    hl7,
    identifier,
    reference,
    resource,
    workday,
)

_MONTH = 30.44


@dataclass(frozen=True)
class Vaccine:
    """A preparation of the calendar and when it is given."""

    name: str
    atc: str
    infections: list[tuple[str, str]]
    maker: str
    since: int
    doses: list[tuple[float, str, int]]
    reaction: bool = False
    yearly: bool = False
    campaign: list[tuple[str, str, int]] = field(default_factory=list)


@lru_cache(maxsize=1)
def calendar() -> tuple[Vaccine, ...]:
    rows = tomllib.loads((DATA / "vaccines.toml").read_text(encoding="utf-8"))["vaccine"]
    return tuple(Vaccine(**row) for row in rows)


_Dose = tuple[date, Vaccine, str, int]


def vaccinations(scene: Scene) -> Iterator[Resource]:
    """Doses in order of time; those given before the record began come from the paper certificate."""
    doses = [dose for vaccine in calendar() for dose in _doses(scene, vaccine)]
    doses.sort(key=lambda dose: (dose[0], dose[1].name))
    reacted = False
    for number, dose in enumerate((dose for dose in doses if dose[0] <= scene.until), 1):
        reaction = dose[1].reaction and not reacted and dose[0] >= scene.start
        reacted = reacted or reaction
        yield from _immunization(scene, number, dose, reaction)
    yield from _due(scene, [dose for dose in doses if dose[0] > scene.until])


def _doses(scene: Scene, vaccine: Vaccine) -> Iterator[_Dose]:
    if scene.birth.year >= vaccine.since:
        for months, series, number in vaccine.doses:
            yield workday(scene.birth + timedelta(days=1 + round(months * _MONTH))), vaccine, series, number
    for day, series, number in vaccine.campaign:
        if scene.age(date.fromisoformat(day)) >= 18:
            yield date.fromisoformat(day), vaccine, series, number
    if vaccine.yearly:
        yield from _yearly(scene, vaccine)
        yield workday(date(scene.until.year + (scene.until.month >= 9), 9, 1)), vaccine, "V", 1


def _yearly(scene: Scene, vaccine: Vaccine) -> Iterator[_Dose]:
    for year in scene.years():
        chance = scene.chance("flu", year)
        day = workday(date(year, chance.choice((9, 10, 11)), chance.randint(1, 28)))
        if (day - scene.birth).days > 200 and scene.start <= day and chance.random() < 0.75:
            yield day, vaccine, "V", 1


def _status(number: int, dose: _Dose, scene: Scene) -> tuple[str, str | None]:
    if number % 19 == 11:
        return "not-done", "Медицинский отвод: острое респираторное заболевание"
    if number % 31 == 14 and dose[0] >= scene.start:
        return "entered-in-error", None
    return "completed", None


def _immunization(scene: Scene, number: int, dose: _Dose, reaction: bool) -> Iterator[Resource]:
    day, vaccine, series, order = dose
    status, reason = _status(number, dose, scene)
    occurrence, from_paper = at(day, 10, 30), day < scene.start
    ident = scene.new_id("vaccination")
    reaction_id = scene.new_id("reaction") if reaction and status == "completed" else None
    if reaction_id:
        yield _reaction(scene, reaction_id, day)
    yield resource(
        "Immunization",
        ident,
        at(scene.start, 9) if from_paper else occurrence,
        2 if status == "entered-in-error" else 1,
        identifier=[identifier(OWN + "vaccination-number", ident)],
        status=status,
        statusReason=hl7("v3-ActReason", "MEDPREC", reason) if reason else None,
        vaccineCode=concept(vaccine.name, coding(ATC, vaccine.atc)),
        patient=scene.subject(),
        occurrenceDateTime=str(day),
        recorded=(at(scene.start, 9) if from_paper else occurrence).isoformat(),
        primarySource=not from_paper,
        reportOrigin=concept("Сертификат о профилактических прививках (форма 156/у-93)") if from_paper else None,
        **({} if reason else _preparation(scene, number, vaccine, day)),
        performer=None if from_paper else [_performer(scene)],
        reaction=[_reacted(reaction_id, day)] if reaction_id else None,
        protocolApplied=[_protocol(vaccine, series, order)],
    )


def _preparation(scene: Scene, number: int, vaccine: Vaccine, day: date) -> dict[str, Any]:
    chance = scene.chance("lot", number)
    return {
        "manufacturer": {"display": vaccine.maker},
        "lotNumber": f"{chance.choice('АБВГДЕ')}{chance.randint(100, 999)}",
        "expirationDate": str(day + timedelta(days=chance.randint(120, 600))),
        "site": concept("Верхняя треть плеча" if scene.age(day) >= 2 else "Передне-боковая поверхность бедра"),
        "route": concept("Внутримышечно" if vaccine.atc != "J07AN01" else "Внутрикожно"),
        "doseQuantity": {"value": Decimal("0.5" if vaccine.atc != "J07AN01" else "0.1"), "unit": "мл", "code": "ml",
                         "system": "http://unitsofmeasure.org"},
    }  # fmt: skip


def _performer(scene: Scene) -> Resource:
    return {"function": hl7("v2-0443", "AP", "Исполнитель"), "actor": scene.organization()}


def _protocol(vaccine: Vaccine, series: str, order: int) -> Resource:
    diseases = [concept(name, coding(ICD_10, code)) for code, name in vaccine.infections]
    return {"series": series, "targetDisease": diseases, "doseNumberPositiveInt": order}


def _due(scene: Scene, upcoming: list[_Dose]) -> Iterator[Resource]:
    """What the clinic plans, the next dose of each preparation."""
    planned = scene.until - timedelta(days=1)
    next_doses = {dose[1].name: dose for dose in reversed(upcoming)}
    if upcoming and planned >= scene.start:
        yield resource(
            "ImmunizationRecommendation",
            scene.new_id("forecast"),
            at(planned, 9),
            patient=scene.subject(),
            date=at(planned, 9).isoformat(),
            authority=scene.organization(),
            recommendation=[_recommended(*dose) for dose in next_doses.values()],
        )


def _recommended(day: date, vaccine: Vaccine, series: str, order: int) -> Resource:
    names = ", ".join(name for _code, name in vaccine.infections)
    return {
        "vaccineCode": [concept(vaccine.name, coding(ATC, vaccine.atc))],
        "targetDisease": concept(names, *(coding(ICD_10, code) for code, _name in vaccine.infections)),
        "forecastStatus": hl7("immunization-recommendation-status", "due"),
        "dateCriterion": [{"code": concept(None, coding(LOINC, "30980-7", "Date vaccine due")), "value": str(day)}],
        "series": series,
        "doseNumberPositiveInt": order,
    }


def _reacted(reaction_id: str, day: date) -> Resource:
    return {"date": str(day + timedelta(days=1)), "detail": reference("Observation", reaction_id), "reported": True}


def _reaction(scene: Scene, ident: str, day: date) -> Resource:
    effective = scene.settled(at(day + timedelta(days=1), 9))
    return resource(
        "Observation",
        ident,
        effective,
        status="final",
        category=[hl7("observation-category", "exam", "Осмотр")],
        code=concept("Реакция на введение вакцины"),
        subject=scene.subject(),
        effectiveDateTime=effective.isoformat(),
        performer=[scene.organization()],
        valueString="Повышение температуры тела до 37,8 °C, гиперемия до 2 см в месте введения, прошли за 2 дня",
    )
