"""The years of a life as a list of visits: what happened when; every part of the record follows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from emkcli.mock.medical.catalog import Illness, illnesses
from emkcli.mock.medical.scene import Scene
from emkcli.mock.medical.shape import at, workday

_INFANT_MONTHS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 18)


@dataclass(frozen=True)
class Visit:
    """One appointment; `stage` is first, control, preventive or hospital."""

    id: str
    start: datetime
    stage: str
    illness: Illness | None
    doctor: dict[str, Any]
    cancelled: bool = False

    @property
    def day(self) -> date:
        return self.start.date()

    @property
    def end(self) -> datetime:
        return self.start + (timedelta(days=6) if self.stage == "hospital" else timedelta(minutes=15))


@dataclass(frozen=True)
class Onset:
    """A chronic illness and the day it was found."""

    illness: Illness
    day: date


def onsets(scene: Scene) -> list[Onset]:
    """The chronic illnesses of a life, by the day they were found."""
    chance = scene.chance("onsets")
    span = (scene.until.year - scene.start.year) or 1
    chronic = [ill for ill in illnesses().values() if ill.group == "chronic"]
    candidates = []
    for illness in chance.sample(chronic, len(chronic)):
        year = scene.start.year + int(span * chance.uniform(0.05, 0.55))
        day = date(year, chance.randint(1, 12), chance.randint(1, 28))
        if illness.concerns(scene.age(day), scene.male) and scene.lived(day):
            candidates.append(Onset(illness, workday(day)))
    excluded = {"prediabetes"} if any(onset.illness.slug == "diabetes" for onset in candidates[:3]) else set()
    return sorted(
        (onset for onset in candidates[:3] if onset.illness.slug not in excluded), key=lambda onset: onset.day
    )


def plan(scene: Scene) -> list[Visit]:
    """Every visit up to the day the record ends, in order of time."""
    events = [event for year in scene.years() for event in _year(scene, year)] + list(_hospital(scene))
    covered = sorted((event for event in events if scene.lived(event[0])), key=lambda event: event[0])
    return [_visit(scene, number, *event) for number, event in enumerate(covered)]


_Event = tuple[date, str, Illness | None]


def _visit(scene: Scene, number: int, day: date, stage: str, illness: Illness | None) -> Visit:
    chance = scene.chance("visit", number)
    start = at(day, chance.randint(8, 18), chance.choice((0, 12, 24, 36, 48)))
    doctor = scene.family_doctor() if not illness or illness.specialty == "family" else scene.doctor(illness.specialty)
    cancelled = stage == "control" and chance.random() < 0.05
    return Visit(scene.new_id("visit"), start, stage, illness, doctor, cancelled)


def _year(scene: Scene, year: int) -> Iterator[_Event]:
    yield from _preventive(scene, year)
    yield from _acute(scene, year)
    for onset in onsets(scene):
        yield from _chronic(scene, onset, year)


def _chronic(scene: Scene, onset: Onset, year: int) -> Iterator[_Event]:
    """Found, seen again after a month, then twice a year."""
    if year == onset.day.year:
        yield onset.day, "first", onset.illness
        yield workday(onset.day + timedelta(days=32)), "control", onset.illness
    elif year > onset.day.year:
        chance = scene.chance("chronic", onset.illness.slug, year)
        for first, last in ((2, 5), (8, 11))[: chance.choice((1, 1, 2))]:
            yield workday(date(year, chance.randint(first, last), chance.randint(1, 28))), "control", onset.illness


def _acute(scene: Scene, year: int) -> Iterator[_Event]:
    chance = scene.chance("acute", year)
    age = scene.age(date(year, 12, 31))
    acute = [
        illness
        for illness in illnesses().values()
        if illness.group == "acute" and illness.concerns(age, scene.male)
        if illness.years[0] <= year <= illness.years[1] and (not illness.once or year == scene.birth.year + 4)
    ]
    episodes = chance.choice((1, 1, 1, 2)) if scene.adult else chance.choice((1, 2, 2, 3))
    for illness in chance.choices(acute, [illness.weight for illness in acute], k=episodes if acute else 0):
        day = workday(date(year, chance.choice(illness.months), chance.randint(1, 22)))
        yield day, "first", illness
        yield workday(day + timedelta(days=chance.randint(5, 9))), "control", illness


def _preventive(scene: Scene, year: int) -> Iterator[_Event]:
    """Adults once a year (диспансеризация or an examination between two), children by age."""
    chance = scene.chance("preventive", year)
    day = workday(date(year, chance.randint(3, 10), chance.randint(1, 28)))
    if scene.age(day) >= 2:
        yield day, "preventive", None
    for month in _INFANT_MONTHS:
        checkup_day = workday(scene.birth + timedelta(days=round(month * 30.44)))
        if checkup_day.year == year and not scene.adult:
            yield checkup_day, "preventive", None


def _hospital(scene: Scene) -> Iterator[_Event]:
    """One stay in hospital in ten years, for the worst of the chronic illnesses."""
    grave = [onset for onset in onsets(scene) if onset.illness.slug in ("hypertension", "diabetes", "gastritis")]
    if grave:
        chance = scene.chance("hospital")
        yield workday(grave[0].day + timedelta(days=chance.randint(200, 900))), "hospital", grave[0].illness
