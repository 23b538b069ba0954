"""What of the portal is known without it: whose cards are kept here, and what a synced copy says of a person."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from emkcli.api.ports import Items, Portal

if TYPE_CHECKING:
    from emkcli import models
    from emkcli.localcard.imported_card import LocalCard
    from emkcli.localcard.merged_card import MergedCard
    from emkcli.localcard.synced_card import Mirror


class KeptPortal(Portal):
    """`card` opens what is read; `mirror` is the synced copy, where there is one."""

    def __init__(self, card: Callable[[], LocalCard | MergedCard], mirror: Mirror | None = None) -> None:
        self._card, self._mirror = card, mirror

    def persons(self) -> Items[models.Person]:
        """Everybody of whom there is a card here, the owner first."""
        return Items(iter(self._card().persons()))

    def profile(self, person: str | None = None) -> models.Profile:
        profile = self._mirror.profile(person) if self._mirror else None
        return profile or self.unsupported()
