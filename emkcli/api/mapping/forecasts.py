"""FHIR ImmunizationRecommendation → the vaccinations that are due, in the list of prevention."""

from __future__ import annotations

from collections.abc import Iterator

from emkcli import models
from emkcli.api.mapping.elements import Resource, code_of, codes, concept, element, elements, joined, labels, text, when
from emkcli.api.mapping.graph import Node
from emkcli.api.mapping.scene import Scene

_DAYS = ("30980-7", "30981-5")
"""LOINC of a date criterion: the day a vaccine is due, the earliest day to give it."""


def forecasts(resource: Resource, node: Node, scene: Scene) -> Iterator[models.Prevention]:
    """A record per recommendation (`ID#1`, `ID#2`, …)."""
    name, (clinic, doctor) = scene.name(node), scene.staff(resource, "authority")
    for number, one in enumerate(elements(resource, "recommendation"), 1):
        yield models.Prevention(
            id=f"{name}#{number}",
            date=when(resource, "date"),
            clinic=clinic,
            doctor=doctor,
            type=joined(["Вакцинация", _against(one)], ": "),
            conclusion=text(one, "description"),
            recommendations=labels(one, "forecastReason"),
            next_due=_day(one),
            status=code_of(one.get("forecastStatus")),
            source=scene.source,
        )


def _against(one: Resource) -> str | None:
    return concept(element(one, "targetDisease")) or joined(labels(one, "vaccineCode"))


def _day(one: Resource) -> str | None:
    """When it is due, else the earliest day; the latest day and the day it is overdue from are neither."""
    named = [(codes(date.get("code")), text(date, "value")) for date in elements(one, "dateCriterion")]
    return next((day for wanted in _DAYS for known, day in named if day and wanted in known), None)
