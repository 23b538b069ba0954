"""The card on one screen; every gap is survived."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from emkcli import errors
from emkcli.api import models
from emkcli.api.due import open_on, planned
from emkcli.api.ports import Card, CardQuery, Portal
from emkcli.journey import reading
from emkcli.locale import _
from emkcli.results import Outcome

if TYPE_CHECKING:
    from emkcli.app import App
    from emkcli.results import Value

GONE = {"entered-in-error", "cancelled"}
NO_LONGER = {"inactive", "resolved", "remission", "refuted"}
RECENT = timedelta(days=3 * 365)


def summary(app: App) -> Value:
    """Who, clinic, doctor, diagnoses, allergies, current medicines, last labs out of range, vaccinations, what is due.

    A list that cannot be read is named in `missing`, and then it ends with exit 12.
    """
    person, source = app.settings.person, reading.source_of(app)
    owner = reading.note(app, source)
    lists = _Lists(source.client.card)
    profile = _profile(source.client.portal, person)
    since = (app.now() - RECENT).date().isoformat()
    prescribed = lists.read("prescriptions", CardQuery(person=person))
    medicines = [p for p in prescribed if p.status == "active"]
    known = {name: lists.read(name, CardQuery(person=person)) for name in ("diagnoses", "allergies", "vaccinations")}
    shown = models.Summary(
        person=owner,
        clinic=profile.clinic if profile else None,
        doctor=profile.doctor if profile else None,
        diagnoses=_once([d for d in known["diagnoses"] if (d.status or "") not in GONE | NO_LONGER]),
        allergies=[a for a in known["allergies"] if (a.status or "") not in GONE],
        medicines=medicines,
        labs_out_of_range=_last_abnormal(lists.read("labs", CardQuery(person=person, since=since))),
        vaccinations=[v for v in known["vaccinations"] if (v.status or "") not in GONE],
        due=_due(app, medicines, lists.read("prevention", CardQuery(person=person))),
        missing=lists.missing,
    )
    return lists.outcome(app, shown)


class _Lists:
    """The lists the summary is made of. One that fails leaves a gap that has a name; all failing is an error."""

    def __init__(self, card: Card) -> None:
        self._card = card
        self._asked = 0
        self._failed: list[errors.EmkError] = []
        self.missing: list[models.Missing] = []

    def read(self, category: str, query: CardQuery) -> list[Any]:
        """All of a list; a backend that has no such list lacks nothing."""
        self._asked += 1
        if self._failed and isinstance(self._failed[-1], errors.Unreachable):
            return self._gap(category, self._failed[-1])
        try:
            return list(getattr(self._card, category)(query))
        except errors.Unsupported:
            return []
        except errors.LoginRequired:
            raise
        except errors.EmkError as cause:
            return self._gap(category, cause)

    def _gap(self, category: str, cause: errors.EmkError) -> list[Any]:
        self._failed.append(cause)
        self.missing.append(models.Missing(what=category, why=cause.message))
        return []

    def outcome(self, app: App, shown: models.Summary) -> Value:
        if not self._failed:
            return shown
        if len(self._failed) == self._asked:
            raise self._failed[0]
        names = ", ".join(one.what for one in self.missing)
        app.notice(_("The summary is incomplete; could not be read: {lists}.").format(lists=names))
        return Outcome(shown, 12)


def _profile(portal: Portal, person: str | None) -> models.Profile | None:
    try:
        return portal.profile(person=person)
    except errors.EmkError:  # the card is readable; clinic and doctor are not known then
        return None


def _once(diagnoses: Iterable[models.Diagnosis]) -> list[models.Diagnosis]:
    """Each diagnosis once, the newest record of it."""
    seen: dict[str, models.Diagnosis] = {}
    for diagnosis in diagnoses:
        seen.setdefault(diagnosis.code or diagnosis.display or diagnosis.id, diagnosis)
    return list(seen.values())


def _last_abnormal(results: list[models.LabResult]) -> list[models.LabResult]:
    """The last result of each analyte of the recent past, where it is out of range."""
    last: dict[str, models.LabResult] = {}
    for result in results:
        if (result.status or "") not in GONE and result.value is not None:
            last.setdefault(result.code or result.analyte or result.id, result)
    return list(islice((r for r in last.values() if r.abnormal), 20))


def _due(app: App, medicines: list[models.Prescription], prevention: list[models.Prevention]) -> list[models.Due]:
    day = app.now().date()
    today = day.isoformat()
    ending = [
        models.Due(date=m.expires_on, what=m.medicine or m.number or m.id, record_id=m.id)
        for m in medicines
        if m.expires_on and m.expires_on[:10] >= today
    ]
    coming = [
        models.Due(date=p.next_due, what=p.type or p.conclusion or p.id, record_id=p.id)
        for p in planned(prevention)
        if p.next_due and open_on(p, day)
    ]
    return sorted([*ending, *coming], key=lambda due: due.date)
