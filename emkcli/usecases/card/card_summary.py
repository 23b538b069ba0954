"""The card on one screen; every gap is survived."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from emkcli import errors, models
from emkcli.api.filters import SearchRefused
from emkcli.api.ports import Card, CardQuery
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
    profile = records.profile(source, person)
    query = CardQuery(person=person)
    by_category = {name: lists.read(name, query, select) for name, select in READ.items()}
    today = app.now().date()
    card_summary = models.Summary(
        person=owner,
        clinic=profile.clinic if profile else None,
        doctor=profile.doctor if profile else None,
        diagnoses=current.diagnoses(by_category["diagnoses"]),
        allergies=current.allergies(by_category["allergies"]),
        medicines=medicines.current(by_category["prescriptions"], today),
        labs_out_of_range=by_category["labs"],
        vaccinations=current.vaccinations(by_category["vaccinations"]),
        due=due(by_category["prescriptions"], by_category["prevention"], today),
        missing=lists.missing,
    )
    _say_contradicted(app, by_category["diagnoses"], card_summary.diagnoses)
    _say_contradicted(app, by_category["allergies"], card_summary.allergies)
    return lists.outcome(app, card_summary)


def _say_contradicted(app: App, listed: list[Any], standing: list[Any]) -> None:
    """What says that there is nothing is not left out in silence."""
    for words in current.contradicted(listed, standing):
        app.notice(_("Not shown, because other records say otherwise: {record}").format(record=words))


class _Lists:
    """The lists the summary is made of. One that fails leaves a gap that has a name; all failing is an error."""

    def __init__(self, card: Card) -> None:
        self._card = card
        self._requested = 0
        self._failed: list[errors.EmkError] = []
        self.missing: list[models.Missing] = []

    def read(self, category: str, query: CardQuery, select: Callable[[Iterable[Any]], list[Any]]) -> list[Any]:
        """What is `made` of a list; a backend that has no such list lacks nothing."""
        self._requested += 1
        if self._failed and isinstance(self._failed[-1], errors.Unreachable):
            return self._gap(category, self._failed[-1])
        try:
            items = records.Read(getattr(self._card, category)(query))
            selected = select(items)
        except SearchRefused as cause:
            return self._gap(category, cause)
        except errors.Unsupported:
            return []
        except errors.LoginRequired:
            raise
        except errors.EmkError as cause:
            return self._gap(category, cause)
        if items.gap:
            self._gap(category, items.gap)
        return selected

    def _gap(self, category: str, cause: errors.EmkError) -> list[Any]:
        self._failed.append(cause)
        self.missing.append(models.Missing(what=category, why=cause.message))
        return []

    def outcome(self, app: App, card_summary: models.Summary) -> Value:
        if not self._failed:
            return card_summary
        if len(self._failed) == self._requested:
            raise self._failed[0]
        names = ", ".join(gap.what for gap in self.missing)
        app.notice(_("The summary is incomplete; could not be read: {lists}.").format(lists=names))
        return Outcome(card_summary, 12)
