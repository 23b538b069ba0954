"""ImmunizationRecommendation → the vaccinations that are due, in the list of prevention. Only servers have such."""

from __future__ import annotations

from collections.abc import Iterator

from emkcli import models
from emkcli.fhir.elements import Resource, code_of, codes, concept, element, elements, joined, labels, text
from emkcli.fhir.graph import Node
from emkcli.fhir.scene import Scene

_DAYS = ("30980-7", "30981-5")
"""LOINC of a date criterion: the day a vaccine is due, the earliest day to give it."""


def from_fhir(resource: Resource, node: Node, scene: Scene) -> Iterator[models.Prevention]:
    """A record per recommendation (`ID#1`, `ID#2`, …)."""
    shared = scene.fields(resource, node, ("date",), "authority")
    for number, recommendation in enumerate(elements(resource, "recommendation"), 1):
        own = {"id": f"{shared['id']}#{number}", "status": code_of(recommendation.get("forecastStatus"))}
        yield models.Prevention(
            **shared | own,
            type=joined(["Вакцинация", _against(recommendation)], ": "),
            conclusion=text(recommendation, "description"),
            recommendations=labels(recommendation, "forecastReason"),
            next_due=_day(recommendation),
        )


def _against(recommendation: Resource) -> str | None:
    return concept(element(recommendation, "targetDisease")) or joined(labels(recommendation, "vaccineCode"))


def _day(recommendation: Resource) -> str | None:
    """When it is due, else the earliest day; the latest day and the day it is overdue from are neither."""
    criteria = elements(recommendation, "dateCriterion")
    days = [(codes(criterion.get("code")), text(criterion, "value")) for criterion in criteria]
    return next((day for code in _DAYS for stated, day in days if day and code in stated), None)
