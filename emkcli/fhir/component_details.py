"""What the components of an Observation say beside the fields of the records that are made of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from emkcli import models
from emkcli.fhir.blood_pressure import pressure_of
from emkcli.fhir.elements import Resource, elements, label
from emkcli.fhir.further_codes import further_codes
from emkcli.fhir.observation import with_unit
from emkcli.fhir.read_elements import READ
from emkcli.fhir.resource_words import Line, Walk
from emkcli.fhir.scene import Scene

_OBSERVATION = "Observation"


def with_components(records: Iterable[Any], resource: Resource, scene: Scene) -> Iterator[tuple[Any, list[Line]]]:
    """The records, each with the lines of its component; one that several are read into has those of all by their names."""
    parts = elements(resource, "component")
    made = list(records) if parts else []
    if not made or isinstance(made[0], models.Other):
        yield from ((record, []) for record in made or records)
        return
    wholes = len(made) - len(parts)
    if wholes in (0, 1):
        lines: list[list[Line]] = [[] for _whole in range(wholes)]
        yield from zip(made, lines + [list(_lines(part, scene)) for part in parts], strict=True)
    else:
        together = list(_together(made[0], parts, scene))
        yield from ((record, together) for record in made)


def _lines(part: Resource, scene: Scene) -> Iterator[Line]:
    yield from Walk(part, scene, READ[_OBSERVATION]).lines()
    yield from further_codes(part, _OBSERVATION)


def _together(record: Any, parts: list[Resource], scene: Scene) -> Iterator[Line]:
    """With the values of the components beside the two of a pressure."""
    read = pressure_of(parts) if isinstance(record, models.Vital) else parts
    for part in parts:
        name = label(part.get("code")) or "component"
        is_read = any(part is known for known in read)
        if words := None if is_read else with_unit(part):
            yield Line(name, words)
        yield from (line._replace(heading=f"{name}: {line.heading}") for line in _lines(part, scene))
