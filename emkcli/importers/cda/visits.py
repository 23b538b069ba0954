"""Visits, hospital stays and consultations a document is about or quotes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from emkcli import models
from emkcli.importers.cda.diagnoses import codings
from emkcli.importers.cda.document_body import Scene, doctor_of, planned
from emkcli.importers.cda.times import time_of
from emkcli.importers.cda.tree import Element, H, child, children, code_of, local
from emkcli.importers.cda.values import entry_value

CONSULTATION = frozenset({"805", "806", "837"})
CONCLUSION, RECOMMENDATIONS, COMPLAINTS = ("806", "837"), ("807", "839"), ("835",)
OUTCOME = "11.1046"
STAYS = frozenset({"HOSP", "AMBS", "AMBSV"})


_Fields = tuple[Element | None, dict[str, Any]]


def visits(scene: Scene, diagnoses: list[models.Diagnosis]) -> Iterator[models.Visit]:
    """The document's own first, then the consultations it quotes."""
    for number, (statement, fields) in enumerate((*_own(scene, diagnoses), *_quoted(scene)), 1):
        yield models.Visit(
            id=scene.ident("visit", number, statement), clinic=scene.header.clinic, source=scene.source, **fields
        )


def _own(scene: Scene, diagnoses: list[models.Diagnosis]) -> Iterator[_Fields]:
    stays = [encounter for part in scene.sections(*STAYS) for encounter in part.all("encounter")]
    for encounter in stays:
        alone = len(stays) == 1
        yield (
            encounter,
            {
                **scene.when(time_of(encounter)),
                "doctor": doctor_of(encounter, scene),
                "reason": _field_text(encounter, COMPLAINTS),
                "diagnoses": codings(diagnoses) if alone else [],
                "conclusion": _field_text(encounter, CONCLUSION)
                or (_conclusion(scene) or _outcome(scene) if alone else None),
                "recommendations": _field_text(encounter, RECOMMENDATIONS)
                or (_recommendations(scene) if alone else None),
            },
        )
    if not stays and any(True for _field in scene.field_elements(*CONSULTATION)):
        yield (
            None,
            {
                **scene.when(),
                "doctor": scene.header.author,
                "reason": "\n".join(scene.fields(*COMPLAINTS)) or None,
                "diagnoses": codings(diagnoses),
                "conclusion": _conclusion(scene),
                "recommendations": _recommendations(scene),
            },
        )


def _field_text(element: Element, fields: tuple[str, ...]) -> str | None:
    inside = (
        statement for statement in element.iter(f"{H}observation", f"{H}act") if code_of(statement).code in fields
    )
    return "\n".join(filter(None, map(entry_value, inside))) or None


def _conclusion(scene: Scene) -> str | None:
    return "\n".join(scene.fields(*CONCLUSION)) or None


def _recommendations(scene: Scene) -> str | None:
    regime = [
        text
        for part in scene.sections("REGIME", "RECDIET", "RECTREAT", "RECWORK", "RECOTHER")
        for observation in part.all("observation")
        if code_of(observation).code == "7006" and (text := entry_value(observation))
    ]
    return "\n".join([*scene.fields(*RECOMMENDATIONS), *regime]) or None


def _outcome(scene: Scene) -> str | None:
    codes = (code_of(observation) for part in scene.sections(*STAYS) for observation in part.all("observation"))
    return next((code.name for code in codes if code.of(OUTCOME)), None)


def _quoted(scene: Scene) -> Iterator[_Fields]:
    for part in scene.sections("RESCONS"):
        for observation in part.all("observation"):
            parent = observation.getparent()
            if parent is not None and local(parent) == "entry" and not planned(observation):
                yield (
                    observation,
                    {
                        **scene.when(time_of(observation), scene.header.time),
                        "doctor": doctor_of(observation, scene) if _performed(observation) else None,
                        "reason": code_of(observation).name,
                        "conclusion": entry_value(observation),
                    },
                )


def _performed(element: Element) -> bool:
    return any(True for _field in children(element, "performer")) or child(element, "author") is not None
