"""Who made a result: the clinic and the physician a record has room for, and the names of all others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from emkcli import models
from emkcli.fhir.elements import Resource, elements, joined, text
from emkcli.fhir.scene import Scene


class Performers(NamedTuple):
    """`others` are names, one after the other."""

    clinic: models.Named | None
    doctor: models.DoctorRef | None
    others: str | None


def of_result(resource: Resource, around: Iterable[Resource], scene: Scene) -> Performers:
    """Those the result names itself; whom it does not name, what is around it does: its panel, its report."""
    clinic, doctor = scene.staff(resource, "performer")
    for other in filter(None, around):
        if clinic and doctor:
            break
        place, person = scene.staff(other, "performer", "resultsInterpreter")
        clinic, doctor = clinic or place, doctor or person
    chosen = {party.name for party in (clinic, doctor) if party}
    named = dict.fromkeys(name for name in _names(resource, scene) if name not in chosen)
    return Performers(clinic, doctor, joined(named, ", "))


def _names(resource: Resource, scene: Scene) -> Iterator[str]:
    for reference in elements(resource, "performer"):
        parties = [party for read in (scene.clinic, scene.doctor) if (party := read(reference, resource))]
        yield from (party.name for party in parties)
        if not parties and (display := text(reference, "display")):
            yield display
