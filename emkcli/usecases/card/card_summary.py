"""The card on one screen; every gap is survived."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from emkcli import errors, models
from emkcli.api.ports import Card, CardQuery, Portal
from emkcli.clinical import current, medicines
from emkcli.clinical.due import due
from emkcli.clinical.latest import out_of_range
from emkcli.locale import _
from emkcli.results import Outcome
from emkcli.usecases.card import records

if TYPE_CHECKING:
    from emkcli.app import App
    from emkcli.results import Value


READ: dict[str, Callable[[Iterable[Any]], list[Any]]] = {
    "prescriptions": list,
    "diagnoses": list,
    "allergies": list,
    "vaccinations": list,
    "labs": out_of_range,
    "prevention": list,
}
"""The lists it is made of and what is kept of each: results may be many thousands."""


def summary(app: App) -> Value:
    """Who, clinic, doctor, diagnoses, allergies, current medicines, last labs out of range, vaccinations, what is due.

    A list that cannot be read is named in `missing`, and then it ends with exit 12.
    """
    person, source = app.settings.person, records.source_of(app)
    owner = records.note(app, source)
    lists = _Lists(source.client.card)
    profile = _profile(source.client.portal, person)
    query = CardQuery(person=person)
    known = {name: lists.read(name, query, made) for name, made in READ.items()}
    today = app.now().date()
    shown = models.Summary(
        person=owner,
        clinic=profile.clinic if profile else None,
        doctor=profile.doctor if profile else None,
        diagnoses=current.diagnoses(known["diagnoses"]),
        allergies=current.allergies(known["allergies"]),
        medicines=medicines.current(known["prescriptions"], today),
        labs_out_of_range=known["labs"],
        vaccinations=current.vaccinations(known["vaccinations"]),
        due=due(known["prescriptions"], known["prevention"], today),
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

    def read(self, category: str, query: CardQuery, made: Callable[[Iterable[Any]], list[Any]]) -> list[Any]:
        """What is `made` of a list; a backend that has no such list lacks nothing."""
        self._asked += 1
        if self._failed and isinstance(self._failed[-1], errors.Unreachable):
            return self._gap(category, self._failed[-1])
        try:
            return made(getattr(self._card, category)(query))
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
