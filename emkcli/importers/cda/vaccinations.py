"""Vaccinations given; plans and skin tests are told apart."""

from __future__ import annotations

import re
from collections.abc import Iterator

from emkcli import models
from emkcli.importers.cda.document_body import Part, Scene, denied, doctor_of, planned, withdrawn
from emkcli.importers.cda.times import time_of
from emkcli.importers.cda.tree import Element, H, child, children, code_of, get, named, words
from emkcli.importers.cda.values import drug, entry_value, material

VACCINES, GROUPS = "11.1078", "99.2.848"
LOT, COMPONENT, REACTION, COMPLICATION = "9028", "9027", "8009", "8010"
_TEST = re.compile(r"туберкул|диаскинтест|манту", re.IGNORECASE)
_BCG = re.compile(r"бцж|вакцина", re.IGNORECASE)


def vaccinations(scene: Scene) -> Iterator[models.Vaccination]:
    """What was given, as a substance or as a bare entry."""
    for number, (element, name) in enumerate(_given(scene), 1):
        yield models.Vaccination(
            id=scene.ident("vaccination", number, element),
            **scene.when(time_of(element)),
            clinic=scene.header.clinic,
            doctor=doctor_of(element, scene),
            status="not-done" if denied(element) else withdrawn(element) or get(child(element, "statusCode"), "code"),
            status_reason=_reason(element),
            source=scene.source,
            vaccine=name,
            infections=[group for group in [_group(element)] if group],
            dose_number=_field_value(element, COMPONENT),
            lot=words(child(material(element), "lotNumberText")) or _field_value(element, LOT),
            manufacturer=words(child(named(element, "manufacturerOrganization"), "name")),
            reaction="; ".join(filter(None, (_field_value(element, REACTION), _field_value(element, COMPLICATION))))
            or None,
        )


def _reason(element: Element) -> str | None:
    """Why it was given or was not (`typeCode` RSON)."""
    links = (link for link in children(element, "entryRelationship") if get(link, "typeCode") == "RSON")
    statements = (statement for link in links for statement in link)
    return "; ".join(filter(None, (entry_value(reason) or code_of(reason).name for reason in statements))) or None


def _given(scene: Scene) -> Iterator[tuple[Element, str]]:
    for part in scene.sections():
        for entry in part.all("substanceAdministration", "observation"):
            name = _vaccine(entry, part)
            if name and not planned(entry) and not is_skin_test(name):
                yield entry, name


def _vaccine(element: Element, part: Part) -> str | None:
    """By the dictionary of vaccines; in the section of immunisation a product goes by its name."""
    if element.tag == f"{H}observation":
        code = code_of(element)
        return code.name if code.of(VACCINES) and part.kind.code == "IMM" else None
    if code_of(material(element)).of(VACCINES) or part.kind.code == "IMM":
        return drug(element) or _group(element)
    return None


def is_skin_test(name: str) -> bool:
    """Mantoux and Diaskintest stand among vaccines and are none."""
    return bool(_TEST.search(name)) and not _BCG.search(name)


def skin_tests(scene: Scene) -> Iterator[tuple[Element, str]]:
    """The tests among the vaccines, with their names."""
    for part in scene.sections("IMM"):
        for entry in part.all("substanceAdministration", "observation"):
            name = _vaccine(entry, part)
            if name and is_skin_test(name) and not (planned(entry) or denied(entry)):
                yield entry, name


def _group(element: Element) -> str | None:
    code = code_of(element)
    return code.name if code.of(GROUPS) else None


def _field_value(element: Element, field: str) -> str | None:
    for observation in children(element, "entryRelationship", "observation"):
        if code_of(observation).code == field:
            return entry_value(observation)
    return None
