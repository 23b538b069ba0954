"""Which laboratory orders a life brings; more of them when a large record is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from heapq import merge
from itertools import cycle
from typing import NamedTuple

from emkcli.mock.medical.panels import PANELS, Panel
from emkcli.mock.medical.plan import Visit
from emkcli.mock.medical.scene import Scene
from emkcli.mock.medical.shape import workday

_CARELESS = 3
_ROUND = ("blood", "biochemistry", "lipids", "urine", "glycemia", "thyroid")


class Order(NamedTuple):
    """A panel taken on a day, for a visit or for none."""

    day: date
    number: int
    panel: Panel
    visit: Visit | None = None
    inflamed: bool = False


def orders(scene: Scene, visits: list[Visit], labs: int | None) -> Iterator[Order]:
    """Orders by day; `labs` asks for that many results, otherwise the life itself decides."""
    regular = sorted(_regular(scene, visits), key=lambda order: order.day)
    if labs is None:
        return iter(regular)
    recent, count = [], 0
    for order in reversed(regular):
        if count >= labs:
            break
        panel = order.panel._replace(rows=order.panel.rows[: labs - count])
        recent.append(order._replace(panel=panel))
        count += len(panel.rows)
    return merge(reversed(recent), _more(scene, labs - count, len(regular)), key=lambda order: order.day)


def _regular(scene: Scene, visits: list[Visit]) -> Iterator[Order]:
    number = samples = 0
    for visit in visits:
        for name, due in _panels(scene, visit):
            day = workday(due)
            if scene.lived(day):
                number += 1
                samples += name == "urine"
                ill = visit.stage == "first" and visit.illness is not None and _shows(visit.illness.urine, name)
                # one sample of a life is bad without an illness: collected carelessly
                yield Order(day, number, PANELS[name], visit, ill or (name == "urine" and samples == _CARELESS))


def _shows(urine: str, panel: str) -> bool:
    return panel == "covid" or (panel == "urine" and urine == "inflamed")


def _panels(scene: Scene, visit: Visit) -> Iterator[tuple[str, date]]:
    """Names of panels and the day the sample is taken: before a check-up, after a first visit."""
    if visit.cancelled:
        return
    if visit.stage == "preventive":
        yield from ((name, visit.day - timedelta(days=4)) for name in _checkup(scene, visit.day))
    elif visit.illness:
        chance = scene.chance("asked", visit.id)
        wait = 1 if visit.stage in ("first", "hospital") else -3
        if visit.stage == "first" or visit.illness.group == "chronic":
            names = [name for name in visit.illness.panels if chance.random() < 0.45]
            yield from ((name, visit.day + timedelta(days=wait)) for name in names)


def _checkup(scene: Scene, day: date) -> tuple[str, ...]:
    age = scene.age(day)
    if age < 1:
        return ("blood_short",) if (day - scene.birth).days < 120 else ()
    if not scene.adult or age < 18:
        return ("blood_short", "urine")
    yearly = ("blood", "biochemistry", "urine") if day.year % 2 else ("blood_short", "biochemistry", "lipids")
    rare = (("occult_blood", age >= 40 and day.year % 2 == 0), ("infections", day.year % 5 == 0))
    return yearly + tuple(name for name, due in rare if due)


def _more(scene: Scene, wanted: int, number: int) -> Iterator[Order]:
    """Orders spread evenly over the whole record until so many results are reached."""
    average = sum(len(PANELS[name].rows) for name in _ROUND) / len(_ROUND)
    days, many = (scene.until - scene.start).days, wanted / average
    for index, name in enumerate(cycle(_ROUND)):
        if wanted <= 0:
            return
        day = scene.start + timedelta(days=min(days, int(days * index / (many + 1))))
        panel = PANELS[name]._replace(rows=PANELS[name].rows[:wanted])
        wanted -= len(panel.rows)
        yield Order(day, number + index + 1, panel)
