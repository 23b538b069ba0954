"""Allergies and intolerances; «не отягощён» is said, not left out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from emkcli.mock.medical.scene import Scene
from emkcli.mock.medical.shape import ATC, Resource, at, coding, concept, hl7, resource

# Substance, ATC code, category, manifestation, severity, criticality.
_Row = tuple[str, str | None, str | None, str | None, str | None, str | None]
_NONE: _Row = ("Аллергологический анамнез не отягощён", None, None, None, None, None)
_KNOWN: tuple[_Row, ...] = (
    ("Амоксициллин", "J01CA04", "medication", "Крапивница", "moderate", "high"),
    ("Пыльца берёзы", None, "environment", "Аллергический ринит", "mild", "low"),
    ("Шерсть кошки", None, "environment", "Слезотечение, чихание", "mild", "low"),
    ("Цитрусовые", None, "food", "Кожный зуд, сыпь", "mild", "low"),
    ("Йодсодержащие контрастные препараты", None, "medication", "Ангиоотёк", "severe", "high"),
    ("Коровье молоко", None, "food", "Атопический дерматит", "moderate", "low"),
)


def allergies(scene: Scene) -> Iterator[Resource]:
    """One or two of the known ones, one of them refuted or entered by mistake; or a statement that there are none."""
    chance = scene.chance("allergies")
    rows = chance.sample(_KNOWN, chance.choice((0, 1, 2, 2)))
    if not rows:
        yield _allergy(scene, 0, _NONE)
    for number, row in enumerate(rows):
        yield _allergy(scene, number, row)


def _allergy(scene: Scene, number: int, row: _Row) -> Resource:
    substance, atc, category, manifestation, severity, criticality = row
    span = max(1, (scene.until - scene.start).days)
    recorded = at(scene.start + timedelta(days=scene.chance("allergy", number).randrange(span)), 11)
    refuted = number == 1
    return resource(
        "AllergyIntolerance",
        scene.new_id("allergy"),
        recorded,
        2 if refuted else 1,
        # ait-1, ait-2: a mistaken entry has no clinical status
        clinicalStatus=None if refuted else hl7("allergyintolerance-clinical", "active"),
        verificationStatus=hl7("allergyintolerance-verification", "entered-in-error" if refuted else "confirmed"),
        type="allergy" if category else None,
        category=[category] if category else None,
        criticality=criticality,
        code=concept(substance, *([coding(ATC, atc)] if atc else [])),
        patient=scene.subject(),
        recordedDate=recorded.isoformat(),
        recorder=scene.practitioner(scene.family_doctor()),
        reaction=[{"manifestation": [concept(manifestation)], "severity": severity}] if manifestation else None,
    )
