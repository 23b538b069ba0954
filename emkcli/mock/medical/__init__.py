"""An invented medical record: ten years of an adult, or a child from birth, as plain FHIR R4 resources.

What a visit ended with stands in its Composition (sections «Заключение», «Рекомендации»; `Composition:encounter`);
the same paper is listed by a DocumentReference whose `context.related` names the Composition. A check-up adds the
Observation «Группа здоровья» and a CarePlan whose activity is the next date. The form of a recipe is its second
`category`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from emkcli.mock.fhir.store import dumps
from emkcli.mock.medical.access import access
from emkcli.mock.medical.allergies import allergies
from emkcli.mock.medical.body import Body
from emkcli.mock.medical.history import history
from emkcli.mock.medical.labs import labs as lab_results
from emkcli.mock.medical.orders import orders
from emkcli.mock.medical.parties import parties
from emkcli.mock.medical.plan import plan
from emkcli.mock.medical.prescriptions import prescriptions
from emkcli.mock.medical.prevention import prevention
from emkcli.mock.medical.referrals import referrals
from emkcli.mock.medical.scene import Scene
from emkcli.mock.medical.studies import studies
from emkcli.mock.medical.vaccinations import vaccinations
from emkcli.mock.medical.visits import visits
from emkcli.mock.medical.vitals import vitals

__all__ = ["card", "dumps"]


def card(
    person: dict[str, Any],
    clinic: dict[str, Any],
    physicians: Iterable[dict[str, Any]],
    seed: int,
    until: date,
    labs: int | None = None,
) -> Iterator[dict[str, Any]]:
    """The record of a person up to a day; the same arguments give the same resources.

    `labs` asks for that many laboratory results, streamed whatever the number. The first listed physician of a
    specialty is the one who attends.
    """
    scene = Scene(person, clinic, physicians, seed, until)
    planned, body = plan(scene), Body(scene)
    yield from parties(scene)
    yield from allergies(scene)
    yield from visits(scene, body, planned)
    yield from prevention(scene, body, planned)
    yield from vitals(scene, body, planned)
    yield from studies(scene, body, planned)
    yield from prescriptions(scene, planned)
    yield from vaccinations(scene)
    yield from referrals(scene, planned)
    yield from history(scene)
    yield from access(scene, planned)
    yield from lab_results(scene, body, orders(scene, planned, labs))
