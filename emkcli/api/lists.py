"""The eleven lists of a card that keeps them in one place: each operation is the same question about another category."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from emkcli import models
from emkcli.api.ports import Card, CardQuery, Items


class Listed(Card):
    """A card whose lists differ by their category alone."""

    @abstractmethod
    def _list(self, category: str, query: CardQuery) -> Items[Any]:
        """The records of a category (a key of `models.CATEGORIES`), newest first."""

    def visits(self, query: CardQuery) -> Items[models.Visit]:
        return self._list("visits", query)

    def labs(self, query: CardQuery) -> Items[models.LabResult]:
        return self._list("labs", query)

    def studies(self, query: CardQuery) -> Items[models.Study]:
        return self._list("studies", query)

    def prescriptions(self, query: CardQuery) -> Items[models.Prescription]:
        return self._list("prescriptions", query)

    def vaccinations(self, query: CardQuery) -> Items[models.Vaccination]:
        return self._list("vaccinations", query)

    def prevention(self, query: CardQuery) -> Items[models.Prevention]:
        return self._list("prevention", query)

    def documents(self, query: CardQuery) -> Items[models.Document]:
        return self._list("documents", query)

    def diagnoses(self, query: CardQuery) -> Items[models.Diagnosis]:
        return self._list("diagnoses", query)

    def allergies(self, query: CardQuery) -> Items[models.Allergy]:
        return self._list("allergies", query)

    def vitals(self, query: CardQuery) -> Items[models.Vital]:
        return self._list("vitals", query)

    def referrals(self, query: CardQuery) -> Items[models.Referral]:
        return self._list("referrals", query)
