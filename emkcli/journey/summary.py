"""The card on one screen; every gap is survived."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from emkcli import errors
from emkcli.api import models
from emkcli.api.ports import Card, CardQuery

if TYPE_CHECKING:
    from emkcli.app import App

GONE = {"entered-in-error", "cancelled"}
NO_LONGER = {"inactive", "resolved", "remission", "refuted"}
RECENT = timedelta(days=3 * 365)


def summary(app: App, card: Card) -> models.Summary:
    """Who, clinic, doctor, diagnoses, allergies, current medicines, last labs out of range, vaccinations, what is due."""
    person = app.settings.person
    query = CardQuery(person=person)
    owner = card.person(person)
    app.whose = models.Named(id=owner.id, name=owner.name)
    profile = _profile(app, person)
    medicines = [p for p in _list(card.prescriptions, query) if p.status == "active"]
    return models.Summary(
        person=owner,
        clinic=profile.clinic if profile else None,
        doctor=profile.doctor if profile else None,
        diagnoses=_once([d for d in _list(card.diagnoses, query) if (d.status or "") not in GONE | NO_LONGER]),
        allergies=[a for a in _list(card.allergies, query) if (a.status or "") not in GONE],
        medicines=medicines,
        labs_out_of_range=_last_abnormal(app, card, person),
        vaccinations=[v for v in _list(card.vaccinations, query) if (v.status or "") not in GONE],
        due=_due(app, medicines, _list(card.prevention, query)),
    )


def _list(operation: Any, query: CardQuery) -> list[Any]:
    """All of a list; a backend that lacks it leaves a gap."""
    try:
        return list(operation(query))
    except errors.Unsupported:
        return []


def _profile(app: App, person: str | None) -> models.Profile | None:
    try:
        return app.client.portal.profile(person=person)
    except (errors.Unsupported, errors.NotFound):
        return None


def _once(diagnoses: Iterable[models.Diagnosis]) -> list[models.Diagnosis]:
    """Each diagnosis once, the newest record of it."""
    seen: dict[str, models.Diagnosis] = {}
    for diagnosis in diagnoses:
        seen.setdefault(diagnosis.code or diagnosis.display or diagnosis.id, diagnosis)
    return list(seen.values())


def _last_abnormal(app: App, card: Card, person: str | None) -> list[models.LabResult]:
    """The last result of each analyte of the recent past, where it is out of range."""
    since = (app.now() - RECENT).date().isoformat()
    last: dict[str, models.LabResult] = {}
    for result in _list(card.labs, CardQuery(person=person, since=since)):
        if (result.status or "") not in GONE and result.value is not None:
            last.setdefault(result.code or result.analyte or result.id, result)
    return list(islice((r for r in last.values() if r.abnormal), 20))


def _due(app: App, medicines: list[models.Prescription], prevention: list[models.Prevention]) -> list[models.Due]:
    today = app.now().date().isoformat()
    ending = [
        models.Due(date=m.expires_on, what=m.medicine or m.number or m.id, record_id=m.id)
        for m in medicines
        if m.expires_on and m.expires_on[:10] >= today
    ]
    planned = [
        models.Due(date=p.next_due, what=p.type or p.conclusion or p.id, record_id=p.id)
        for p in prevention[:1]
        if p.next_due and p.next_due[:10] >= today
    ]
    return sorted([*ending, *planned], key=lambda due: due.date)
