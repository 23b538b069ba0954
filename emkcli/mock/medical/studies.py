"""Instrumental studies: DiagnosticReport with a description and a conclusion, without results."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from datetime import date, timedelta

from emkcli.mock.medical.body import Body
from emkcli.mock.medical.catalog import Study
from emkcli.mock.medical.catalog import studies as catalog
from emkcli.mock.medical.plan import Visit
from emkcli.mock.medical.scene import Scene
from emkcli.mock.medical.shape import LOINC, OWN, Resource, at, coding, concept, hl7, identifier, reference, resource


def studies(scene: Scene, body: Body, visits: list[Visit]) -> Iterator[Resource]:
    """Studies asked for at visits, a few days later."""
    for visit in visits:
        for slug in _slugs(scene, visit):
            chance = scene.chance("study", visit.id, slug)
            study, day = catalog()[slug], visit.day + timedelta(days=chance.randint(0, 9))
            if scene.lived(day):
                yield _report(scene, body, visit, study, day)


def _slugs(scene: Scene, visit: Visit) -> list[str]:
    age = scene.age(visit.day)
    if visit.cancelled:
        return []
    if visit.stage == "preventive":
        return _checkup(scene, visit, age)
    slugs = visit.illness.studies if visit.illness else []
    wanted = visit.stage == "first" or (visit.day.year % 2 == 0 and visit.day.month > 6)
    return [slug for slug in slugs if wanted and (age >= 18 or catalog()[slug].category != "CT")]


def _checkup(scene: Scene, visit: Visit, age: int) -> list[str]:
    if age < 1:
        first_months = (visit.day - scene.birth).days < 50
        return ["neonatal_us", "hip_us"] if first_months else []
    if age < 15:
        return ["ecg"] if visit.day.year % 3 == 0 else []
    breast = scene.adult and not scene.male and age >= 40 and visit.day.year % 2 == 0
    rare = (("ecg", age >= 35 or visit.day.year % 3 == 0), ("mammography", breast))
    return ["fluorography", *(slug for slug, due in rare if due)]


def _report(scene: Scene, body: Body, visit: Visit, study: Study, day: date) -> Resource:
    chance = scene.chance("study", visit.id, study.title)
    effective = at(day, chance.randint(9, 16), chance.choice((5, 20, 35, 50)))
    amended = chance.random() < 0.04
    issued = scene.settled(effective + timedelta(hours=2))
    words = body.words(day, False)
    number = scene.new_id("study")
    return resource(
        "DiagnosticReport",
        number,
        scene.settled(issued + timedelta(days=3)) if amended else issued,
        2 if amended else 1,
        identifier=[identifier(OWN + "study-protocol", number)],
        status="amended" if amended else "final",
        category=[hl7("v2-0074", study.category)],
        code=concept(study.title, *([coding(LOINC, study.loinc)] if study.loinc else [])),
        subject=scene.subject(),
        encounter=reference("Encounter", visit.id),
        effectiveDateTime=effective.isoformat(),
        issued=issued.isoformat(),
        performer=[scene.organization(), scene.staff(study.role)],
        resultsInterpreter=[scene.staff(study.role)],
        conclusion=study.conclusion.format(**words),
        # R4 has no element for the description of a study; a printed protocol carries it.
        presentedForm=[_protocol(study, study.description.format(**words), study.conclusion.format(**words))],
    )


def _protocol(study: Study, description: str, conclusion: str) -> Resource:
    text = f"{study.title}\n\nОписание\n{description}\n\nЗаключение\n{conclusion}".encode()
    return {
        "contentType": "text/plain;charset=utf-8",
        "language": "ru",
        "data": b64encode(text).decode(),
        "size": len(text),
        "title": study.title,
    }
